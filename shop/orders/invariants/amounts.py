"""I3: an order's totals and its lines' frozen shares add up, to the fen and in the ledger."""

from collections.abc import Iterable

from sqlalchemy import case
from sqlmodel import Session, and_, col, func, or_, select

from core.invariants import invariant, rule
from core.ledger.models import Account, Journal, Posting
from shop.orders.models import LineShare, Order, OrderLine, OrderStatus, PaymentStatus
from shop.payments.models import Refund, RefundLine

PAID = (PaymentStatus.PAID, PaymentStatus.PART_REFUNDED)


@invariant("I3", "an order's lines add up to its goods, freight and discount", tables=("orders", "order_line"))
def lines_add_up(session: Session) -> Iterable[str]:
    sums = (
        select(
            OrderLine.order_id, func.sum(OrderLine.goods_fen).label("goods"), func.sum(OrderLine.freight_fen).label("freight"),  # type: ignore[call-overload]
            func.sum(OrderLine.discount_fen).label("discount"),
            func.sum(case((col(OrderLine.goods_fen) != col(OrderLine.price_fen) * col(OrderLine.quantity), 1), else_=0)).label("wrong"),
        )
        .group_by(col(OrderLine.order_id))
        .subquery()
    )  # fmt: skip
    bad = or_(
        sums.c.goods.is_(None), sums.c.goods != Order.goods_fen, sums.c.freight != Order.freight_fen,
        sums.c.discount != Order.discount_fen, sums.c.wrong > 0,
    )  # fmt: skip
    return session.exec(select(Order.number).outerjoin(sums, sums.c.order_id == Order.id).where(bad)).all()


@invariant("I3", "a line's shares sum to goods plus freight, none missing", tables=("order_line", "line_share"))
def shares_add_up(session: Session) -> Iterable[str]:
    roles = func.sum(case((col(LineShare.role).in_(("grower", "master", "transport", "platform")), 1), else_=0))
    due = col(OrderLine.goods_fen) + col(OrderLine.freight_fen)
    rows = (
        select(OrderLine.code)
        .outerjoin(LineShare, col(LineShare.line_id) == col(OrderLine.id))
        .group_by(col(OrderLine.id), col(OrderLine.code))
        .having(or_(func.coalesce(func.sum(LineShare.amount_fen), -1) != due, roles != 4))
    )
    return session.exec(rows).all()


@invariant("I3", "a paid order's shares stand in the ledger to the fen", tables=("orders", "journal", "posting", "refund_line"))
def shares_are_posted(session: Session) -> Iterable[str]:
    """The share entries of an order move its total out of the buyer account, less what was given back of its lines; cancelled: nothing."""
    moved = (
        select(Journal.tenant_id, Journal.cause_code, func.sum(Posting.amount_fen).label("fen"))
        .join(Posting, col(Posting.journal_id) == col(Journal.id))
        .join(Account, col(Account.id) == col(Posting.account_id))
        .where(col(Journal.kind).in_(("share", "reverse_share", "giveback")), Account.code == "buyer")
        .group_by(col(Journal.tenant_id), col(Journal.cause_code))
        .subquery()
    )
    given = (
        select(Refund.order_id, func.sum(col(RefundLine.amount_fen)).label("fen"))
        .join(RefundLine, col(RefundLine.refund_id) == col(Refund.id))
        .group_by(col(Refund.order_id))
        .subquery()
    )
    live = and_(col(Order.paid_at).is_not(None), col(Order.status) != OrderStatus.CANCELLED)
    due = case((live, col(Order.total_fen) - func.coalesce(given.c.fen, 0)), else_=0)
    joined = and_(moved.c.cause_code == Order.number, moved.c.tenant_id == Order.tenant_id)
    rows = select(Order.number).outerjoin(moved, joined).outerjoin(given, given.c.order_id == Order.id)
    return session.exec(rows.where(func.coalesce(moved.c.fen, 0) != due)).all()


rule(
    "I3",
    "a line's shares are its own parties', transport has the freight, the platform and who orders for a villager their part by the rule",
    broken="""
    SELECT l.code, s.role, s.party_code, s.amount_fen FROM line_share s
    JOIN order_line l ON l.id = s.line_id
    LEFT JOIN share_rule r ON r.tenant_id = s.tenant_id AND r.version = s.rule_version
    LEFT JOIN product p ON p.code = l.product_code
    LEFT JOIN grower g ON g.id = p.grower_id
    LEFT JOIN station n ON n.node_id = l.station_id
    LEFT JOIN orders o ON o.id = l.order_id
    LEFT JOIN line_share b ON b.line_id = s.line_id AND b.role = 'on_behalf' AND s.role = 'platform'
    WHERE r.id IS NULL
        OR (s.role = 'grower' AND s.party_code <> g.code)
        OR (s.role = 'master' AND s.party_code <> n.code)
        OR (s.role = 'transport' AND (s.party_code <> 'transport' OR s.amount_fen <> l.freight_fen))
        OR (s.role = 'platform' AND (s.party_code <> 'platform'
            OR abs((s.amount_fen + coalesce(b.amount_fen, 0)) * 10000
                - l.goods_fen * (10000 - r.consignment_bp - r.master_bp))
                >= CASE WHEN b.id IS NULL THEN 10000 ELSE 20000 END))
        OR (s.role = 'on_behalf' AND (o.behalf_station = '' OR s.party_code <> o.behalf_station
            OR s.amount_fen * 10000 - l.goods_fen * r.on_behalf_bp >= 10000))
    """,
)
