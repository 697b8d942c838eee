"""What always holds of commissions (I12): frozen by the link's own rate, on orders it could sell, never on the seller's own."""

from collections.abc import Iterable

from sqlalchemy import and_, or_
from sqlmodel import Session, col, func, select

from core.auth.models import User
from core.checks import keeps_numbers_closed
from core.invariants import invariant, rule
from shop.orders.models import LineShare, Order, OrderLine

from .models import OrderLink

A_FEN_BP = 10_000  # one fen, in fen × basis points: a largest remainder is off by less


@invariant(
    "I12",
    "a commission is its link's rate, for its seller, on an order it could sell",
    tables=("order_link", "order_line", "line_share"),
)
def commissions_follow_their_links(session: Session) -> Iterable[str]:
    due = col(OrderLine.goods_fen) * col(OrderLink.commission_bp)
    wrong = or_(
        col(OrderLink.id).is_(None),
        col(User.code) != col(LineShare.party_code),
        func.abs(col(LineShare.amount_fen) * A_FEN_BP - due) >= A_FEN_BP,
        col(OrderLink.created_at) > col(Order.placed_at),
        col(OrderLink.ends_at) <= col(Order.placed_at),
    )
    rows = (
        select(OrderLine.code)
        .join(LineShare, and_(col(LineShare.line_id) == col(OrderLine.id), col(LineShare.role) == "seller"))
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .outerjoin(OrderLink, and_(col(OrderLink.id) == col(OrderLine.link_id), col(OrderLink.tenant_id) == col(OrderLine.tenant_id)))
        .outerjoin(User, col(User.id) == col(OrderLink.seller_id))
        .where(wrong)
    )
    return session.exec(rows).all()


@invariant(
    "I12",
    "a line sold by a link pays its seller, unless they bought it",
    tables=("order_link", "order_line", "line_share", "orders"),
)
def sellers_are_paid_for_others_orders_only(session: Session) -> Iterable[str]:
    own = or_(func.coalesce(Order.user_id, 0) == OrderLink.seller_id, col(Order.phone_index) == col(User.phone_index))
    paid = col(LineShare.id).is_not(None)
    rows = (
        select(OrderLine.code)
        .join(Order, col(Order.id) == col(OrderLine.order_id))
        .join(OrderLink, col(OrderLink.id) == col(OrderLine.link_id))
        .join(User, col(User.id) == col(OrderLink.seller_id))
        .outerjoin(LineShare, and_(col(LineShare.line_id) == col(OrderLine.id), col(LineShare.role) == "seller"))
        .where(or_(and_(own, paid), and_(~own, ~paid, col(OrderLink.commission_bp) > 0)))
    )
    return session.exec(rows).all()


rule(
    "I11",
    "a link has sold what its standing orders hold of it",
    broken="""
    SELECT k.code, k.sold, coalesce(s.units, 0) FROM order_link k LEFT JOIN (
        SELECT l.link_id, sum(l.quantity) AS units FROM order_line l JOIN orders o ON o.id = l.order_id
        WHERE o.status <> 'cancelled' AND o.payment_status <> 'expired' GROUP BY l.link_id
    ) AS s ON s.link_id = k.id WHERE k.sold <> coalesce(s.units, 0)
    """,
)

keeps_numbers_closed(OrderLink, "session_name")
