"""Weighing in 过磅: a grower brings produce to a station, it becomes a lot and stands on the shelf."""

from datetime import date, timedelta

from sqlmodel import Session, select

from core import clock
from core.errors import NotFound, Refused
from supply.growers.members import member_of
from supply.growers.models import Grower
from supply.products.models import Product, Variant
from supply.stock.service import receive_lot, waste

from .models import Lot

OLDEST_HARVEST = timedelta(days=730)  # dried and craft goods lie long before they are brought


class LotUnknown(NotFound):
    code = "lot_unknown"


def weigh_in(
    session: Session, product: Product, variant: Variant, grower: Grower, *, units: int, grams: int, harvested_on: date,
    grade: str = "一级", member: str = "",
) -> Lot:  # fmt: skip
    """Take `units` weighing `grams` in all; best before follows from the product's shelf days.

    `member` is the number of the co-op's member whose own it is. Raises Refused, MemberUnknown.
    """
    if variant.product_id != product.id:
        raise Refused("这个规格不是这件商品的", field="sku")
    if grower.station_id != product.station_id:
        raise Refused("这位农户不在这个驿站", field="grower")
    today = clock.today()
    if not today - OLDEST_HARVEST <= harvested_on <= today:
        raise Refused("采收日不能在今天之后，也不能早于两年前", field="harvested_on")
    best_before = harvested_on + timedelta(days=product.shelf_days)
    if best_before < today:
        raise Refused("这批已经过了保质期，不能上架", field="harvested_on")
    whose = member_of(session, grower, member) if member else None
    lot = receive_lot(
        session, variant, place_id=product.station_id, grower_id=grower.id or 0, units=units, grams=grams, harvested_on=harvested_on,
        best_before=best_before, grade=grade,
    )  # fmt: skip
    if whose is not None:
        lot.member_id = whose.id
        session.add(lot)
        session.flush()
    return lot


def waste_lot(session: Session, lot: Lot, *, units: int, reason: str, by: str) -> None:
    """Take spoiled units off the shelf; `by` is the user's code. Raises Refused, SoldOut, LotsShort."""
    if not reason.strip():
        raise Refused("写一下为什么报损", field="reason")
    waste(session, lot, units=units, cause=f"{reason}（{by}，{clock.now():%Y-%m-%d %H:%M:%S.%f}）")


def lot_named(session: Session, code: str, *, tenant_id: int) -> Lot:
    """The lot of this public code. Raises LotUnknown."""
    found = session.exec(select(Lot).where(Lot.tenant_id == tenant_id, Lot.code == code)).first()
    if found is None:
        raise LotUnknown("没有这个批次")
    return found
