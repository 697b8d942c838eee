"""The master says what becomes of goods that came back: their units go back to the lots they were bound to, and off again as waste.

Only a parcel that stands returned and all of whose lines were given back whole: anything else may still go to its buyer. What is past
its date is not put on the shelf.
"""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound
from fulfillment.consignments.models import Consignment, LotBinding, Parcel, ParcelStatus
from shop.claims.service import lock
from shop.orders.models import Order, OrderLine
from shop.payments.giving import left_of
from supply.lots.models import Lot
from supply.stock.service import put_back, waste

from .models import Into, ReturnedParcel

_ = i18n.gettext


class ReturnUnknown(NotFound):
    """No such parcel of the caller's stations."""

    code = "return_unknown"


class NotReturned(Conflict):
    """It is not back, not given back whole, dealt with already, or past its date."""

    code = "not_returned"


class Back(NamedTuple):
    """A parcel that came back and waits; `is_fresh`: all of it may be sold again."""

    parcel: Parcel
    order: Order
    lines: list[OrderLine]
    is_fresh: bool


def waiting(session: Session, stations: Collection[int]) -> list[Back]:
    """Refunded parcels that came back to these stations (node ids) and that nobody has dealt with, the oldest first."""
    rows = session.exec(
        select(Parcel, Order)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Order, (col(Order.number) == col(Consignment.source_code)) & (col(Order.tenant_id) == col(Consignment.tenant_id)))
        .outerjoin(ReturnedParcel, col(ReturnedParcel.parcel_id) == col(Parcel.id))
        .where(Parcel.status == ParcelStatus.RETURNED, col(Parcel.station_id).in_(stations), col(ReturnedParcel.id).is_(None))
        .order_by(col(Parcel.id))
    ).all()
    return [back for parcel, order in rows if (back := _back(session, parcel, order)) is not None]


def settle_return(session: Session, code: str, into: Into, *, stations: Collection[int], by: str) -> ReturnedParcel:
    """Say once what becomes of a parcel's goods; the same again is the first. Raises ReturnUnknown, NotReturned."""
    row = session.exec(
        select(Parcel, Order)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .join(Order, (col(Order.number) == col(Consignment.source_code)) & (col(Order.tenant_id) == col(Consignment.tenant_id)))
        .where(Parcel.code == code, col(Parcel.station_id).in_(stations))
    ).first()
    if row is None:
        raise ReturnUnknown(_("没有这个包裹，或者不是你这里发的"))
    parcel, order = row[0], lock(session, row[1].id or 0)
    known = session.exec(select(ReturnedParcel).where(ReturnedParcel.parcel_id == parcel.id)).first()
    if known is not None and known.goes_to == into:
        return known
    back = _back(session, parcel, order) if parcel.status == ParcelStatus.RETURNED and known is None else None
    if back is None:
        raise NotReturned(_("这件没有退回来、没有全退款，或者已经处理过了"))
    if into == Into.SHELF and not back.is_fresh:
        raise NotReturned(_("过了保质期，不能再卖"))
    settled = ReturnedParcel(
        tenant_id=parcel.tenant_id, code=new_code("RP"), parcel_id=parcel.id or 0, goes_to=into, settled_by=by, settled_at=clock.now()
    )  # fmt: skip
    session.add(settled)
    session.flush()
    for lot, units in _lots(session, parcel):
        put_back(session, lot, units=units, cause=settled.code)
        if into == Into.WASTE:
            waste(session, lot, units=units, cause=settled.code)
    audit.record(session, f"return.{into}", tenant_id=settled.tenant_id, actor=by, subject=parcel.code, order=order.number)
    return settled


def _lots(session: Session, parcel: Parcel) -> list[tuple[Lot, int]]:
    """What of which lots lies in it, by lot."""
    rows = session.exec(
        select(Lot, LotBinding.quantity).join(LotBinding, col(LotBinding.lot_id) == col(Lot.id)).where(LotBinding.parcel_id == parcel.id)
    )
    units: dict[int, tuple[Lot, int]] = {}
    for lot, quantity in rows:
        units[lot.id or 0] = (lot, quantity + units.get(lot.id or 0, (lot, 0))[1])
    return [units[each] for each in sorted(units)]


def _back(session: Session, parcel: Parcel, order: Order) -> Back | None:
    codes = [str(code) for code, _quantity in parcel.contents]
    lines: Sequence[OrderLine] = session.exec(
        select(OrderLine).where(col(OrderLine.code).in_(codes)).order_by(col(OrderLine.position))
    ).all()
    left = left_of(session, lines)
    if not lines or any(each.fen for each in left.values()):
        return None
    fresh = all(lot.best_before >= clock.today() for lot, _units in _lots(session, parcel))
    return Back(parcel, order, list(lines), fresh)
