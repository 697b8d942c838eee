"""A master packs consignments; those of a cancelled order are taken back before packing. Made they are in `creating`."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import insert
from sqlmodel import Session, col, select

from core import clock
from core.errors import Conflict
from core.moving import Step, move_all
from core.pii import mask_name, mask_numbers, unseal
from fulfillment.batching.models import PlannedLeg
from fulfillment.custody.service import note_packed
from fulfillment.promise.stamp import load_changed
from supply.stock.service import consume, take_in_hand

from .events import progressed
from .models import CONSIGNMENT, PARCEL, Consignment, ConsignmentStatus, LotBinding, Parcel, ParcelStatus
from .places import free_places
from .progress import Standing, move_parcels, roll_up

__all__ = ["AlreadyPacked", "asked_of_packers", "cancel_consignments", "note_labels", "pack", "receiver"]


class AlreadyPacked(Conflict):
    """Something of it is packed: what was packed is claimed after delivery, not cancelled."""

    code = "already_packed"


class Receiver(NamedTuple):
    name: str
    phone: str
    detail: str

    @property
    def masked_name(self) -> str:
        """Three signs at most: a run of stars says nothing and breaks lines."""
        return mask_name(self.name)[:3]


def receiver(consignment: Consignment) -> Receiver:
    """Who receives it, unsealed: for labels and messages, which mask it."""
    return Receiver(
        unseal(consignment.name_sealed, f"consignment.name:{consignment.code}"),
        unseal(consignment.phone_sealed, f"consignment.phone:{consignment.code}"),
        unseal(consignment.detail_sealed, f"consignment.detail:{consignment.code}"),
    )


def asked_of_packers(consignment: Consignment) -> str:
    """What the buyer asks of those who pack, every full number in it masked; empty when nothing."""
    sealed = consignment.note_sealed
    return mask_numbers(unseal(sealed, f"consignment.note:{consignment.code}")) if sealed else ""


def cancel_consignments(session: Session, source_code: str, *, tenant_id: int, by: str = "") -> list[Consignment]:
    """Take a source's consignments back before anything is packed. Raises AlreadyPacked and changes nothing otherwise.

    Cancelled twice is cancelled once.
    """
    consignments = session.exec(
        select(Consignment)
        .where(Consignment.tenant_id == tenant_id, Consignment.source_code == source_code)
        .order_by(col(Consignment.id))
        .with_for_update()
    ).all()
    live = [c for c in consignments if c.status != ConsignmentStatus.CANCELLED]
    parcels = session.exec(
        select(Parcel).where(col(Parcel.consignment_id).in_([c.id for c in live])).order_by(col(Parcel.id)).with_for_update()
    ).all()
    packed = [p for p in parcels if p.status not in (ParcelStatus.EXPECTED, ParcelStatus.CANCELLED)]
    if packed or any(c.status != ConsignmentStatus.AWAITING_PACK for c in live):
        raise AlreadyPacked("已经打包，不能取消了；收到后可以申请售后", parcels=[p.code for p in packed])
    given = any(p.trunk_id is not None for p in parcels)  # room of a trunk, which who starts in its hub has without any place on a bus
    nowhere = {"trunk_id": None, "trunk_at": None, "arrives_at": None}
    steps = [Step(p.id or 0, p.code, p.status, values=nowhere) for p in parcels]
    move_all(session, Parcel, "status", PARCEL, steps, "cancelled", tenant_id=tenant_id, by=by)
    steps = [Step(c.id or 0, c.code, c.status) for c in live]
    move_all(session, Consignment, "status", CONSIGNMENT, steps, "cancelled", tenant_id=tenant_id, by=by)
    progressed(session, live)
    free_places(session, [p.id or 0 for p in parcels], tenant_id=tenant_id)
    if given:
        load_changed(session, tenant_id)
    return live


def note_labels(session: Session, parcels: Collection[Parcel]) -> None:
    """Their labels are printed now, with the bus on them that each is planned on: one that changes its bus needs another."""
    first = select(col(PlannedLeg.parcel_id), col(PlannedLeg.departure_id)).where(
        col(PlannedLeg.parcel_id).in_([p.id for p in parcels]), col(PlannedLeg.voided_at).is_(None), PlannedLeg.position == 0
    )
    riding = dict(session.exec(first).all())
    for parcel in parcels:
        parcel.label_departure_id = riding.get(parcel.id or 0)
        session.add(parcel)


def pack(session: Session, consignment: Consignment, *, by: str, parcel_codes: Collection[str] | None = None) -> list[Parcel]:
    """Pack the parcels of a consignment that are still expected (or only the named ones): lots bound first-expiry-first.

    Their labels are printed with it. Returns the parcels packed now; packing again packs nothing. Raises HoldGone or LotsShort.
    """
    at = clock.now()
    lock = select(Consignment).where(Consignment.id == consignment.id).with_for_update(key_share=True)
    session.exec(lock, execution_options={"populate_existing": True}).one()  # before its parcels, as everywhere
    query = select(Parcel).where(Parcel.consignment_id == consignment.id, Parcel.status == ParcelStatus.EXPECTED)
    if parcel_codes is not None:
        query = query.where(col(Parcel.code).in_(parcel_codes))
    parcels = list(session.exec(query.order_by(col(Parcel.position)).with_for_update()).all())
    if not parcels:
        return []
    take_in_hand(session, {line_code for parcel in parcels for line_code, _ in parcel.contents}, tenant_id=consignment.tenant_id)
    bound = [
        {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id, "lot_id": lot, "line_code": line_code, "quantity": units}
        for parcel in parcels
        for line_code, quantity in parcel.contents
        for lot, units in consume(session, line_code, quantity, tenant_id=parcel.tenant_id, at=at)
    ]
    session.connection().execute(insert(LotBinding.__table__), bound)  # type: ignore[attr-defined]
    move_parcels(session, [Standing(parcel, ParcelStatus.PACKED, at) for parcel in parcels], by=by)
    note_packed(session, parcels, by=by, at=at)
    note_labels(session, parcels)
    roll_up(session, [consignment], by=by)
    return parcels
