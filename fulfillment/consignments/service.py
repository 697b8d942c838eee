"""A paid order becomes consignments; a master packs them; a cancelled one is taken back before packing."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from sqlalchemy import insert
from sqlmodel import Session, col, select, update

from core import clock
from core.codes import new_code
from core.errors import Conflict
from core.moving import Step, move_all
from core.pii import seal, unseal
from core.status import began
from fulfillment.batching.models import PlannedLeg
from fulfillment.custody.service import note_packed
from fulfillment.promise.hours import Hours, ready_at
from fulfillment.promise.stamp import board_changed
from supply.stations.models import Station
from supply.stock.service import consume

from .cut import Piece, ShipLine, cut
from .events import progressed
from .models import CONSIGNMENT, PARCEL, Consignment, ConsignmentLine, ConsignmentStatus, LotBinding, Parcel, ParcelStatus
from .progress import Standing, move_parcels, roll_up

__all__ = ["AlreadyPacked", "ShipLine", "ShipTo", "cancel_consignments", "create_consignments", "pack", "receiver"]

UNPROMISED = timedelta(days=5)  # due date of a parcel nobody was promised a day for


class AlreadyPacked(Conflict):
    code = "already_packed"


class ShipTo(NamedTuple):
    """Where to; `to_node_id` for a place inside the county."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str
    zone: str
    to_node_id: int | None = None


class Promised(Protocol):
    """What is kept of a promise."""

    @property
    def order_by(self) -> datetime: ...
    @property
    def ships_at(self) -> datetime: ...
    @property
    def deliver_by(self) -> datetime: ...


class Receiver(NamedTuple):
    name: str
    phone: str
    detail: str


def create_consignments(
    session: Session,
    *,
    tenant_id: int,
    source_kind: str,
    source_code: str,
    address: ShipTo,
    lines: Iterable[ShipLine],
    promises: Mapping[tuple[int, str], Promised | None],
) -> list[Consignment]:
    """One consignment per (station, tier), its parcels cut from the lines; `promises` are keyed the same way.

    Flushed, not committed. The source's code may be used once: a second call is refused by the database.
    """
    at = clock.now()
    by_station: dict[tuple[int, str], list[ShipLine]] = defaultdict(list)
    for line in lines:
        by_station[line.station_id, line.tier].append(line)
    hours = _hours(session, {station for station, _ in by_station})
    made: list[tuple[Consignment, list[ShipLine]]] = []
    for (station, tier), own in sorted(by_station.items()):
        made.append((_consignment(tenant_id, source_kind, source_code, station, tier, address, promises.get((station, tier)), at), own))
    session.add_all(c for c, _ in made)
    session.flush()
    for consignment, own in made:
        session.add_all(_line(consignment, line) for line in own)
        ready = ready_at(at, hours[consignment.station_id])
        parcels = [_parcel(consignment, n, piece, ready, at) for n, piece in enumerate(cut(own), 1)]
        session.add_all(parcels)
        began(session, CONSIGNMENT, "awaiting_pack", tenant_id=tenant_id, subject=consignment.code, at=at)
        for parcel in parcels:
            began(session, PARCEL, "expected", tenant_id=tenant_id, subject=parcel.code, at=at)
    session.flush()
    progressed(session, [consignment for consignment, _ in made])
    return [consignment for consignment, _ in made]


def _hours(session: Session, station_ids: Collection[int]) -> dict[int, Hours]:
    rows = select(col(Station.node_id), col(Station.opens_min), col(Station.closes_min)).where(col(Station.node_id).in_(station_ids))
    return {node: Hours(opens, closes) for node, opens, closes in session.exec(rows)}


def _consignment(
    tenant_id: int, source_kind: str, source_code: str, station: int, tier: str, to: ShipTo, promise: Promised | None, at: datetime
) -> Consignment:
    code = new_code("C")
    return Consignment(
        tenant_id=tenant_id, code=code, source_kind=source_kind, source_code=source_code, station_id=station, tier=tier,
        zone=to.zone, province=to.province, city=to.city, district=to.district, to_node_id=to.to_node_id,
        name_sealed=seal(to.name, f"consignment.name:{code}"),
        phone_sealed=seal(to.phone, f"consignment.phone:{code}"),
        detail_sealed=seal(to.detail, f"consignment.detail:{code}"),
        order_by=promise.order_by if promise else None,
        ships_at=promise.ships_at if promise else None,
        deliver_by=promise.deliver_by if promise else None,
        created_at=at,
    )  # fmt: skip


def receiver(consignment: Consignment) -> Receiver:
    """Who receives it, unsealed: for labels and messages, which mask it."""
    return Receiver(
        unseal(consignment.name_sealed, f"consignment.name:{consignment.code}"),
        unseal(consignment.phone_sealed, f"consignment.phone:{consignment.code}"),
        unseal(consignment.detail_sealed, f"consignment.detail:{consignment.code}"),
    )


def _line(consignment: Consignment, line: ShipLine) -> ConsignmentLine:
    return ConsignmentLine(
        tenant_id=consignment.tenant_id, consignment_id=consignment.id or 0, line_code=line.line_code, variant_id=line.variant_id,
        sku=line.sku, name=line.name, spec=line.spec, quantity=line.quantity, gross_g=line.gross_g, ml=line.ml, box_milli=line.box_milli,
    )  # fmt: skip


def _parcel(consignment: Consignment, position: int, piece: Piece, ready: datetime, at: datetime) -> Parcel:
    return Parcel(
        tenant_id=consignment.tenant_id, code=new_code("JP"), consignment_id=consignment.id or 0, station_id=consignment.station_id,
        position=position, tier=consignment.tier, zone=consignment.zone, grams=piece.grams, ml=piece.ml, box_milli=piece.box_milli,
        contents=[[line, quantity] for line, quantity in sorted(piece.contents.items())],
        ready_at=ready, due_at=clock.day_end(consignment.deliver_by or at + UNPROMISED),
        shelf_until=None if piece.shelf_days is None else at + timedelta(days=piece.shelf_days),
    )  # fmt: skip


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
    nowhere = {"trunk_id": None, "trunk_at": None, "arrives_at": None}
    steps = [Step(p.id or 0, p.code, p.status, values=nowhere) for p in parcels]
    move_all(session, Parcel, "status", PARCEL, steps, "cancelled", tenant_id=tenant_id, by=by)
    steps = [Step(c.id or 0, c.code, c.status) for c in live]
    move_all(session, Consignment, "status", CONSIGNMENT, steps, "cancelled", tenant_id=tenant_id, by=by)
    progressed(session, live)
    _free_places(session, tenant_id, [p.id or 0 for p in parcels])
    return live


def _free_places(session: Session, tenant_id: int, parcel_ids: Collection[int]) -> None:
    """Their places on departures are free for others; the promise board learns of it."""
    freed = session.execute(
        update(PlannedLeg)
        .where(col(PlannedLeg.parcel_id).in_(parcel_ids), col(PlannedLeg.voided_at).is_(None))
        .values(voided_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    if freed.rowcount:  # type: ignore[attr-defined]
        board_changed(session, tenant_id)


def pack(session: Session, consignment: Consignment, *, by: str, parcel_codes: Collection[str] | None = None) -> list[Parcel]:
    """Pack the parcels of a consignment that are still expected (or only the named ones): lots bound first-expiry-first.

    Returns the parcels packed now; packing again packs nothing. Raises HoldGone or LotsShort from stock.
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
    bound = [
        {"tenant_id": parcel.tenant_id, "parcel_id": parcel.id, "lot_id": lot, "line_code": line_code, "quantity": units}
        for parcel in parcels
        for line_code, quantity in parcel.contents
        for lot, units in consume(session, line_code, quantity, tenant_id=parcel.tenant_id, at=at)
    ]
    session.connection().execute(insert(LotBinding.__table__), bound)  # type: ignore[attr-defined]
    move_parcels(session, [Standing(parcel, ParcelStatus.PACKED, at) for parcel in parcels], by=by)
    note_packed(session, parcels, by=by, at=at)
    roll_up(session, [consignment], by=by, at={consignment.id or 0: at})
    return parcels
