"""Paid goods on their way, made with the real verbs: stock held and allocated, consignments cut, parcels packed."""

from datetime import datetime, timedelta

from sqlmodel import Session, select

from core import clock
from core.codes import new_code
from core.permissions import Actor
from fulfillment.consignments.creating import ShipTo, create_consignments
from fulfillment.consignments.cut import ShipLine
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.custody.service import Outcome, ScanEvent, record_scans
from fulfillment.promise.service import promise
from fulfillment.timetable.models import Departure
from supply.stock.service import allocate, reserve
from tests.county import SmallCounty

STATION_OF = {"tomato": 0, "tomato-small": 0, "tea": 0, "clam": 1, "bamboo": 2}


def sold(session: Session, county: SmallCounty, name: str, quantity: int) -> ShipLine:
    """A paid line of one of the county's variants."""
    variant, line_code = county.variants[name], new_code("JL")
    reserve(
        session, [(county.level(session, name), quantity, line_code)], tenant_id=county.id, expires_at=clock.now() + timedelta(minutes=30)
    )
    allocate(session, [line_code], tenant_id=county.id)
    station = county.stations[STATION_OF[name]]
    return ShipLine(
        line_code=line_code, station_id=station.node_id, tier="chilled" if name == "clam" else "ambient", variant_id=variant.id or 0,
        sku=variant.sku, name=name, spec=variant.spec, quantity=quantity, gross_g=variant.gross_g, ml=variant.ml, box_milli=variant.box_milli,
        shelf_days=3 if name == "clam" else 7,
    )  # fmt: skip


TO = ShipTo("王小明", "13911112222", "上海市", "上海市", "徐汇区", "漕溪北路 8 号 3 单元 501 室", "z1")


def ship(session: Session, county: SmallCounty, *lines: ShipLine, to: ShipTo = TO) -> list[Consignment]:
    promises = {
        (line.station_id, line.tier): promise(session, county.county, station_id=line.station_id, tier=line.tier, zone=to.zone)
        for line in lines
    }
    source = new_code("JS")
    create_consignments(session, tenant_id=county.id, source_kind="market", source_code=source, address=to, lines=lines, promises=promises)
    return list(session.exec(select(Consignment).where(Consignment.source_code == source).order_by(Consignment.id)))


def parcels_of(session: Session, consignment: Consignment) -> list[Parcel]:
    return list(session.exec(select(Parcel).where(Parcel.consignment_id == consignment.id).order_by(Parcel.position)).all())


def packed(session: Session, county: SmallCounty, name: str = "tomato", quantity: int = 1) -> Parcel:
    """One packed parcel."""
    (consignment,) = ship(session, county, sold(session, county, name, quantity))
    pack(session, consignment, by="UMASTER")
    return parcels_of(session, consignment)[0]


def person(county: SmallCounty, role: str, kind: str = "county", scope: str = "") -> Actor:
    return Actor(
        tenant_id=county.id, user_id=1, user_code=f"U{role.upper()}", grants=frozenset({(role, kind, scope)}), has_second_factor=True
    )


def bus(session: Session, county: SmallCounty, line: int = 0, direction: str = "in", start: int = 910, day: int = 0) -> Departure:
    """A departure of the small county by line, direction and first minute."""
    trip = next(t for t in county.trips if t.code == f"{county.lines[line].code}-{direction}-{start}")
    rows = session.exec(select(Departure).where(Departure.trip_id == trip.id).order_by(Departure.service_date)).all()
    return rows[day]


def event(action: str, parcel: Parcel | str, place: str = "", *, at: datetime | None = None, **more: object) -> ScanEvent:
    code = parcel if isinstance(parcel, str) else parcel.code
    facts = {"id": new_code("E"), "at": (at or clock.now()).isoformat(), "action": action, "code": code, "place": place}
    return ScanEvent.model_validate({**facts, **more})


def scan(
    session: Session, county: SmallCounty, *events: ScanEvent, actor: Actor | None = None, sent_at: datetime | None = None
) -> list[Outcome]:
    return record_scans(session, list(events), actor=actor or person(county, "dispatcher"), sent_at=sent_at)
