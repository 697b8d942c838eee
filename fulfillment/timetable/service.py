"""Departures come from the timetable and move with the clock; people only cancel or delay them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlmodel import Session, col, func, select, update

from core import clock
from core.codes import new_code
from core.errors import NotFound
from core.status import move, tell, told
from core.upsert import Upsert
from fulfillment.disruptions.closures import suspended
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip, Vehicle
from fulfillment.promise.stamp import board_changed
from supply.counties.models import County
from supply.counties.service_days import lies_within

from .calendar import runs_on, stands_on
from .models import DEPARTURE, Departure, DepartureStatus, LineRuling

_OPEN = Upsert(Departure, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "trip_id", "service_date"]))
CHUNK = 400  # rows of one INSERT or UPDATE, inside every database's limit on parameters
OPENS_BEFORE = timedelta(hours=18)
HORIZON_DAYS = 5  # service days kept materialised from today on


class DepartureUnknown(NotFound):
    """No such departure in this county."""

    code = "departure_unknown"


def open_days(session: Session, county: County, first: date, last: date) -> int:
    """Make the Departure rows of every trip for the service days `first` … `last`; returns how many are new.

    A day that was opened before keeps its rows, whatever has happened to them since.
    """
    have = set(
        session.exec(
            select(col(Departure.trip_id), col(Departure.service_date)).where(
                Departure.tenant_id == county.id, col(Departure.service_date).between(first, last)
            )
        ).all()
    )
    spans = _spans(session, county.id)
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == county.id))}
    vehicles = {v.id: v for v in session.exec(select(Vehicle).where(Vehicle.tenant_id == county.id))}
    lines = {line.id: line for line in session.exec(select(Line).where(Line.tenant_id == county.id))}
    trips = session.exec(select(Trip).where(Trip.tenant_id == county.id).order_by(col(Trip.id))).all()
    opened = rulings(session, county.id, first, last)
    runs = lru_cache(maxsize=None)(lambda calendar, day, ruled: runs_on(calendars[calendar], day, opened=ruled))
    rows = [
        _departure(trip, day, spans[trip.id or 0], vehicles.get(trip.vehicle_id), lines[trip.line_id])
        for day in _days(first, last)
        for trip in trips
        if trip.id in spans and (trip.id, day) not in have and stands_on(trip, day)
        if runs(trip.calendar_id, day, opened.get((trip.line_id, day)))
    ]
    keep_suspended(session, county.id, rows)
    if rows:
        _OPEN.run(session, rows)
        tell(session, [told(DEPARTURE, str(row["status"]), tenant_id=county.id, subject=str(row["code"])) for row in rows])
        board_changed(session, county.id)
    return len(rows)


def rulings(session: Session, tenant_id: int, first: date, last: date) -> dict[tuple[int, date], bool]:
    """Lines (by id) that people opened or closed by hand, day by day; the newest ruling of a day counts."""
    query = select(LineRuling).where(
        LineRuling.tenant_id == tenant_id, col(LineRuling.ends_on) >= first, col(LineRuling.starts_on) <= last
    )  # fmt: skip
    ruled: dict[tuple[int, date], bool] = {}
    for ruling in session.exec(query.order_by(col(LineRuling.id))):
        for day in _days(max(first, ruling.starts_on), min(last, ruling.ends_on)):
            ruled[ruling.line_id, day] = ruling.runs
    return ruled


def open_trip(session: Session, trip: Trip, day: date) -> Departure:
    """The departure of one trip whose stops are written, on one day; the day itself stays as it is, opened or not."""
    stops = by_trip(session, trip.tenant_id, [trip.id or 0])[trip.id or 0]
    vehicle = session.get(Vehicle, trip.vehicle_id) if trip.vehicle_id else None
    span = stops[0].dep_min, stops[-1].arr_min
    row = Departure(**_departure(trip, day, span, vehicle, session.get_one(Line, trip.line_id)))
    session.add(row)
    session.flush()
    tell(session, [told(DEPARTURE, "scheduled", tenant_id=trip.tenant_id, subject=row.code)])
    board_changed(session, trip.tenant_id)
    return row


def keep_suspended(session: Session, tenant_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """New departures of a line that is suspended when they would leave are struck out from the beginning."""
    known = {} if not rows else suspended(session, tenant_id)
    for row in rows:
        for closure, span in known.get(row["line_id"], ()):
            if span.holds(row["starts_at"]):
                row.update(status=DepartureStatus.CANCELLED.value, note=closure.reason)
                closure.struck = [*closure.struck, str(row["code"])]
                session.add(closure)
                break


def _spans(session: Session, tenant_id: int) -> dict[int, tuple[int, int]]:
    """First departure and last arrival of each trip, minutes after midnight."""
    rows = session.exec(
        select(StopTime.trip_id, func.min(StopTime.dep_min), func.max(StopTime.arr_min))
        .where(StopTime.tenant_id == tenant_id)
        .group_by(col(StopTime.trip_id))
    )
    return {trip: (first, last) for trip, first, last in rows}


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _departure(trip: Trip, day: date, span: tuple[int, int], vehicle: Vehicle | None, line: Line) -> dict[str, Any]:
    kept = 100 - trip.passenger_pct  # passengers first: goods get the rest of the bay
    if not lies_within(line.goods_windows, *span):
        kept = 0  # at the peak the whole bay is the passengers'

    def part(whole: int | None) -> int | None:
        return None if whole is None else whole * kept // 100

    starts = clock.on(day, span[0])
    return {
        "tenant_id": trip.tenant_id,
        "code": new_code("D"),
        "trip_id": trip.id,
        "line_id": trip.line_id,
        "vehicle_id": trip.vehicle_id,
        "service_date": day,
        "status": DepartureStatus.SCHEDULED.value,
        "cap_g": part(vehicle.bay_g) if vehicle else 0,
        "cap_ml": part(vehicle.bay_ml) if vehicle else 0,
        "cap_boxes": part(vehicle.boxes) if vehicle else 0,
        "cap_chilled_ml": part(vehicle.chilled_ml) if vehicle else 0,
        "tiers": list(vehicle.tiers) if vehicle else [],
        "delay_min": 0,
        "closes_at": starts - timedelta(minutes=line.close_min),
        "starts_at": starts,
        "ends_at": clock.on(day, span[1]),
        "note": "",
    }


def follow_the_clock(session: Session, tenant_id: int) -> int:
    """Move departures on as time passes: opened, closed at the cut-off, departed, arrived. Returns how many moves."""
    now, moved = clock.now(), 0
    moved += _advance(session, tenant_id, "scheduled", "open", now, col(Departure.starts_at), now + OPENS_BEFORE)
    moved += _advance(session, tenant_id, "open", "closed", now, col(Departure.closes_at), now)
    moved += _advance(session, tenant_id, "closed", "departed", now, col(Departure.starts_at), now)
    moved += _advance(session, tenant_id, "departed", "arrived", now, col(Departure.ends_at), now)
    return moved


def _advance(session: Session, tenant_id: int, source: str, target: str, now: datetime, column: object, until: datetime) -> int:
    due = session.exec(
        select(Departure.id, Departure.code, column, Departure.delay_min).where(  # type: ignore[call-overload]
            Departure.tenant_id == tenant_id, Departure.status == source, column <= until  # type: ignore[operator]
        )
    ).all()  # fmt: skip
    ripe = {row_id: code for row_id, code, at, delay in due if at + timedelta(minutes=delay) <= until}
    for ids in _chunks(sorted(ripe)):
        done = session.exec(
            update(Departure)
            .where(col(Departure.id).in_(ids), col(Departure.status) == source)
            .values(status=target)
            .returning(col(Departure.id))
            .execution_options(synchronize_session=False)
        ).all()
        if events := [told(DEPARTURE, target, tenant_id=tenant_id, subject=ripe[row_id], source=source, by="clock") for (row_id,) in done]:
            tell(session, events)
    for row in session:
        if isinstance(row, Departure) and row.id in ripe:
            session.expire(row)
    return len(ripe)


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def cancel_departure(session: Session, tenant_id: int, code: str, *, reason: str, by: str) -> Departure:
    """Strike one departure out. Raises DepartureUnknown, or StatusMoved when it has left or is cancelled already."""
    departure = session.exec(select(Departure).where(Departure.tenant_id == tenant_id, Departure.code == code)).first()
    if departure is None:
        raise DepartureUnknown("没有这个班次")
    sources = ("scheduled", "open", "closed")
    move(
        session, Departure, departure.id or 0, "status", DEPARTURE, sources, "cancelled",
        tenant_id=tenant_id, subject=code, by=by, note=reason, values={"note": reason},
    )  # fmt: skip
    board_changed(session, tenant_id)
    return departure


def by_trip(session: Session, tenant_id: int, trip_ids: Sequence[int]) -> dict[int, list[StopTime]]:
    """The stops of some trips in order."""
    stops: dict[int, list[StopTime]] = defaultdict(list)
    for ids in _chunks(trip_ids):
        rows = select(StopTime).where(StopTime.tenant_id == tenant_id, col(StopTime.trip_id).in_(ids))
        for stop in session.exec(rows.order_by(col(StopTime.trip_id), col(StopTime.position))):
            stops[stop.trip_id].append(stop)
    return stops
