"""What is sold becomes consignments and expected parcels: everything of one source in a handful of statements."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Table, bindparam, insert, select
from sqlmodel import Session

from core import clock
from core.codes import new_code
from core.pii import seal
from core.status import tell, told
from fulfillment.promise.hours import Hours, ready_at
from supply.stations.models import Station

from .cut import Piece, ShipLine, cut
from .models import CONSIGNMENT, PARCEL, Consignment, ConsignmentLine, ConsignmentStatus, Parcel, ParcelStatus

UNPROMISED = timedelta(days=5)  # due date of a parcel nobody was promised a day for

_consignment: Table = Consignment.__table__  # type: ignore[attr-defined]
_station: Table = Station.__table__  # type: ignore[attr-defined]
_CONSIGN = insert(_consignment).returning(_consignment.c.code, _consignment.c.id)  # in their order it would be a statement a row
_LINES = insert(ConsignmentLine.__table__)  # type: ignore[attr-defined]
_PARCELS = insert(Parcel.__table__)  # type: ignore[attr-defined]
_HOURS = select(_station.c.node_id, _station.c.opens_min, _station.c.closes_min).where(
    _station.c.node_id.in_(bindparam("stations", expanding=True))
)


class ShipTo(NamedTuple):
    """Where to, and what the buyer asks of those who pack; `to_node_id` for a place inside the county."""

    name: str
    phone: str
    province: str
    city: str
    district: str
    detail: str
    zone: str
    to_node_id: int | None = None
    note: str = ""


class Promised(Protocol):
    """What is kept of a promise; one that ends at a node of the county says so."""

    @property
    def order_by(self) -> datetime: ...
    @property
    def ships_at(self) -> datetime: ...
    @property
    def deliver_by(self) -> datetime: ...
    @property
    def to_node_id(self) -> int | None: ...
    @property
    def door_min(self) -> int | None: ...


def create_consignments(
    session: Session,
    *,
    tenant_id: int,
    source_kind: str,
    source_code: str,
    address: ShipTo,
    lines: Iterable[ShipLine],
    promises: Mapping[tuple[int, str], Promised | None],
    history: Sequence[dict[str, Any]] = (),
) -> None:
    """One consignment per (station, tier), its parcels cut from the lines; `promises` are keyed the same way.

    Written, not committed. The source's code may be used once: a second call is refused by the database. `history` is
    what the caller has moved so far and has not told yet: it is told with what begins here.
    """
    at = clock.now()
    source = {"tenant_id": tenant_id, "source_kind": source_kind, "source_code": source_code, "created_at": at}
    by_station: dict[tuple[int, str], list[ShipLine]] = defaultdict(list)
    for line in lines:
        by_station[line.station_id, line.tier].append(line)
    parts = sorted(by_station.items())
    session.flush()
    connection = session.connection()
    found = connection.execute(_HOURS, {"stations": sorted({station for station, _ in by_station})})
    hours = {node: Hours(opens, closes) for node, opens, closes in found}
    consignments = [{**source, **_consigned(key, address, promises.get(key))} for key, _ in parts]
    known = {row.code: int(row.id) for row in connection.execute(_CONSIGN, consignments)}
    ids = [known[consignment["code"]] for consignment in consignments]
    parcels = [
        {"tenant_id": tenant_id, **_parcel(id_, consignment, position, piece, ready_at(at, hours[consignment["station_id"]]), at)}
        for id_, consignment, (_, own) in zip(ids, consignments, parts, strict=True)
        for position, piece in enumerate(cut(own), 1)
    ]
    connection.execute(_LINES, [{"tenant_id": tenant_id, **_line(id_, x)} for id_, (_, own) in zip(ids, parts, strict=True) for x in own])
    connection.execute(_PARCELS, parcels)
    begun = [told(CONSIGNMENT, ConsignmentStatus.AWAITING_PACK, tenant_id=tenant_id, subject=c["code"], at=at) for c in consignments]
    begun += [told(PARCEL, ParcelStatus.EXPECTED, tenant_id=tenant_id, subject=p["code"], at=at) for p in parcels]
    tell(session, [*history, *begun])


def _consigned(key: tuple[int, str], to: ShipTo, promise: Promised | None) -> dict[str, Any]:
    code = new_code("C")
    return {
        "code": code, "station_id": key[0], "status": ConsignmentStatus.AWAITING_PACK, "tier": key[1], "zone": to.zone,
        "province": to.province, "city": to.city, "district": to.district, "door_min": promise.door_min if promise else None,
        "to_node_id": promise.to_node_id if promise and promise.to_node_id else to.to_node_id,
        "name_sealed": seal(to.name, f"consignment.name:{code}"), "phone_sealed": seal(to.phone, f"consignment.phone:{code}"),
        "detail_sealed": seal(to.detail, f"consignment.detail:{code}"),
        "note_sealed": seal(to.note, f"consignment.note:{code}") if to.note else "",
        "order_by": promise.order_by if promise else None, "ships_at": promise.ships_at if promise else None,
        "deliver_by": promise.deliver_by if promise else None,
    }  # fmt: skip


def _line(consignment_id: int, line: ShipLine) -> dict[str, Any]:
    return {
        "consignment_id": consignment_id, "line_code": line.line_code, "variant_id": line.variant_id, "sku": line.sku, "name": line.name,
        "spec": line.spec, "quantity": line.quantity, "gross_g": line.gross_g, "ml": line.ml, "box_milli": line.box_milli,
    }  # fmt: skip


def _parcel(
    consignment_id: int, consignment: Mapping[str, Any], position: int, piece: Piece, ready: datetime, at: datetime
) -> dict[str, Any]:  # fmt: skip
    return {
        "code": new_code("JP"), "consignment_id": consignment_id, "station_id": consignment["station_id"], "position": position,
        "status": ParcelStatus.EXPECTED, "tier": consignment["tier"], "zone": consignment["zone"], "grams": piece.grams, "ml": piece.ml,
        "box_milli": piece.box_milli, "contents": [[line, quantity] for line, quantity in sorted(piece.contents.items())],
        "ready_at": ready, "due_at": _due(consignment, at),
        "shelf_until": None if piece.shelf_days is None else ready + timedelta(days=piece.shelf_days),
    }  # fmt: skip


def _due(consignment: Mapping[str, Any], at: datetime) -> datetime:
    """A promise out of the county is of a day; inside it is of an hour, and whoever goes to the door must have it before."""
    promised: datetime | None = consignment["deliver_by"]
    if promised is None or consignment["to_node_id"] is None:
        return clock.day_end(promised or at + UNPROMISED)
    return promised - timedelta(minutes=consignment["door_min"] or 0)
