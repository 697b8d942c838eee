"""I11: a coupon counts its unreleased uses, never more than it has nor more than a person may; each use is its order's discount."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule

from .models import COUPON, Coupon

rule(
    "I11",
    "a coupon counts its uses that stand, and no person has more than they may",
    broken="""
    SELECT c.code, c.used, count(u.id) FROM coupon c LEFT JOIN coupon_use u ON u.coupon_id = c.id AND u.released_at IS NULL
    GROUP BY c.id, c.code, c.used, c.uses HAVING c.used <> count(u.id) OR count(u.id) > c.uses
    UNION ALL
    SELECT c.code, c.per_person, count(u.id) FROM coupon c JOIN coupon_use u ON u.coupon_id = c.id AND u.released_at IS NULL
    GROUP BY c.id, c.code, c.per_person, u.phone_index HAVING count(u.id) > c.per_person
    """,
)

rule(
    "I11",
    "an order's discount is its coupon's, and the use stands as long as the order does",
    broken="""
    SELECT o.number, o.discount_fen, coalesce(u.off_fen, 0) FROM orders o LEFT JOIN coupon_use u ON u.order_id = o.id
    LEFT JOIN coupon c ON c.id = u.coupon_id
    WHERE o.discount_fen <> coalesce(u.off_fen, 0) OR (u.id IS NOT NULL AND (
        u.tenant_id <> o.tenant_id OR c.tenant_id <> o.tenant_id OR u.off_fen <> c.off_fen OR u.phone_index <> o.phone_index
        OR o.goods_fen < c.min_goods_fen OR c.opened_by = ''
        OR (u.released_at IS NULL) <> (o.status <> 'cancelled' AND o.payment_status <> 'expired')))
    """,
)


@invariant("I9", "coupons stand where their histories end", tables=("coupon",))
def coupons_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, COUPON, col(Coupon.code), col(Coupon.state))


keeps_numbers_closed(Coupon, "title")
