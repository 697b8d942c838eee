"""多退少不补: what a packed line weighs less than was sold goes back by itself, pro rata; what it weighs more is the buyer's.

A figure below half or above double of what was sold is far more often a slip of the finger than the truth: it is taken only when it is
typed the same twice. So neither a hundredfold nor a hundredth goes by unseen.
"""

from collections.abc import Collection

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound
from fulfillment.consignments.models import Consignment, ConsignmentLine, ConsignmentStatus
from shop.orders.models import Order, OrderLine, OrderStatus
from shop.payments.giving import Part, give_back, left_of
from supply.stations.models import Station

from .models import WeighSlip

_ = i18n.gettext
SHORT = i18n.marked("分量不足，差多少退多少")
AT_STATION = (ConsignmentStatus.AWAITING_PACK, ConsignmentStatus.PACKED)


class LineUnknown(NotFound):
    """No such line, or another station sends it."""

    code = "line_unknown"


class NotWeighable(Conflict):
    """It left the station, its order ended, or it was weighed before with another figure."""

    code = "not_weighable"


class WeightDoubtful(Conflict):
    """Far from what was sold: the same figure again, as `again`, confirms it."""

    code = "weight_doubtful"


def weigh(
    session: Session, line_code: str, grams: int, *, stations: Collection[str], tenant_id: int, by: str, again: int | None = None
) -> WeighSlip:  # fmt: skip
    """Note what a line weighs, net; a shortfall is refunded at once. The same figure again is the first slip.

    `stations` are the caller's. Raises LineUnknown, NotWeighable, WeightDoubtful; nothing is changed then.
    """
    found = session.exec(
        select(OrderLine, Consignment)
        .join(Station, col(Station.node_id) == col(OrderLine.station_id))
        .join(ConsignmentLine, col(ConsignmentLine.line_code) == col(OrderLine.code))
        .join(Consignment, col(Consignment.id) == col(ConsignmentLine.consignment_id))
        .where(OrderLine.tenant_id == tenant_id, OrderLine.code == line_code, col(Station.code).in_(list(stations)))
    ).first()
    if found is None:
        raise LineUnknown(_("没有这一行货"))
    line, sent = found
    lock = select(Order).where(Order.id == line.order_id).with_for_update(key_share=True)
    order = session.exec(lock.execution_options(populate_existing=True)).one()
    known = session.exec(select(WeighSlip).where(WeighSlip.line_id == line.id)).first()
    if known is not None:
        if known.grams == grams:
            return known
        raise NotWeighable(_("这一行称过了，记的是 {n} 克").format(n=known.grams))
    if order.status != OrderStatus.OPEN or order.paid_at is None or sent.status not in AT_STATION:
        raise NotWeighable(_("这一行已经离开驿站，或者订单已经结束"))
    ordered = line.net_g * line.quantity
    if (grams * 2 < ordered or grams > ordered * 2) and again != grams:
        words = _("卖的是 {ordered} 克，你写的是 {grams} 克，差得太多。再称一次，两次写得一样才算。")
        raise WeightDoubtful(words.format(ordered=ordered, grams=grams))
    slip = WeighSlip(
        tenant_id=tenant_id, code=new_code("WS"), line_id=line.id or 0, ordered_g=ordered, grams=grams, weighed_by=by,
        weighed_at=clock.now(),
    )  # fmt: skip
    fen = min(shortfall_fen(line, ordered, grams), left_of(session, [line])[line.id or 0].goods_fen)
    if fen:
        refund = give_back(session, order, [Part(line.id or 0, fen)], key=f"weight:{line.code}", reason=SHORT, asked_by=by)
        slip.refund_id = refund.id
    session.add(slip)
    session.flush()
    audit.record(
        session, "line.weigh", tenant_id=tenant_id, actor=by, subject=line.code, ordered_g=ordered, grams=grams, refund_fen=fen,
    )  # fmt: skip
    return slip


def shortfall_fen(line: OrderLine, ordered_g: int, grams: int) -> int:
    """The part of what the goods cost that is missing, rounded half up to the fen."""
    goods, short = line.goods_fen - line.discount_fen, max(0, ordered_g - grams)
    return (2 * goods * short + ordered_g) // (2 * ordered_g)
