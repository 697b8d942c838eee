"""What an upload touches, locked: boxes, then consignments, then parcels, each in id order, so that uploads about the same wait."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Consignment, Parcel

from .models import Action, Scan


class Goods(NamedTuple):
    """Parcels and boxes by code, consignments by id."""

    consignments: dict[int, Consignment]
    parcels: dict[str, Parcel]
    boxes: dict[str, Box]


def lock(session: Session, tenant_id: int, named: Collection[tuple[str, str]], *, since: datetime) -> Goods:
    """The (parcel, box) pairs named, and what was ever put into these boxes and not delivered before `since`."""
    fresh = {"populate_existing": True}
    codes, asked = {parcel for parcel, _ in named} - {""}, {box for _, box in named} - {""}
    boxes: dict[str, Box] = {}
    mine: ColumnElement[bool] = col(Parcel.code).in_(codes)
    if asked:
        known = select(Box).where(Box.tenant_id == tenant_id, col(Box.code).in_(asked)).order_by(col(Box.id)).with_for_update()
        boxes = {box.code: box for box in session.exec(known, execution_options=fresh)}
        inside = select(col(Scan.parcel_code)).where(
            Scan.tenant_id == tenant_id, col(Scan.box).in_(boxes), col(Scan.action) == Action.STOW.value
        )
        still = or_(col(Parcel.delivered_at).is_(None), col(Parcel.delivered_at) >= since)
        mine = mine | (col(Parcel.code).in_(inside) & still)
    of_these = select(Consignment).where(
        col(Consignment.id).in_(select(col(Parcel.consignment_id)).where(Parcel.tenant_id == tenant_id, mine))
    )
    whole = session.exec(of_these.order_by(col(Consignment.id)).with_for_update(key_share=True), execution_options=fresh)
    consignments = {c.id or 0: c for c in whole}
    each = select(Parcel).where(Parcel.tenant_id == tenant_id, mine).order_by(col(Parcel.id)).with_for_update()
    parcels = {p.code: p for p in session.exec(each, execution_options=fresh)}
    return Goods(consignments, parcels, boxes)
