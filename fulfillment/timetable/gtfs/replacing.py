"""Departures when their timetable changes: what has left or carries goods is never touched.

Today's departures stay as they are: a changed timetable begins tomorrow. A later departure of a run that ends, or that does not
run that day any more, goes if nothing refers to it and is cancelled if only a plan's past does; if parcels are planned on it,
or anything else needs it, the import is refused: the dispatcher cancels it (its parcels find other roads), or one waits.
A departure whose run goes on but with other room or cut-off is made anew, unless goods are planned on it: those keep their room.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import String, Table, cast, delete, func, select, update
from sqlmodel import Session, SQLModel
from sqlmodel import select as exec_select

from core import clock, i18n
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import ServiceCalendar, StopTime, Trip
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure, DepartureStatus
from fulfillment.timetable.service import HORIZON_DAYS, cancel_departure, open_days
from supply.counties.models import County

from .columns import table_of
from .report import Change, Report

CHANGED = i18n.kept("时刻表换了")
CHUNK = 400
PAST_PLANS = (PlannedLeg, Parcel)  # voided legs and the bus a label names: both outlive a departure that is cancelled
AHEAD = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED)


class Struck(NamedTuple):
    """A departure somebody had cancelled, to be cancelled again once it is made anew."""

    trip: str
    day: date
    reason: str


def clear_departures(session: Session, tenant_id: int, ended: Collection[int], touched: Collection[int], report: Report) -> list[Struck]:
    """Take away what will be made anew of the coming days; errors in the report where something is in the way.

    ended: trips whose rows stand no longer. touched: trips that go on with another calendar, room, block or cut-off.
    """
    rows = _coming(session, tenant_id, {*ended, *touched})
    if not rows:
        return []
    loads, needed, remembered = _references(session, [row["id"] for row in rows])
    calendars = {c.id: c for c in session.exec(exec_select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    struck: list[Struck] = []
    gone: list[int] = []
    for row in rows:
        stays = row["trip_id"] not in ended and runs_on(calendars[row["calendar_id"]], row["service_date"])
        if row["id"] in loads or row["id"] in needed:
            _in_the_way(row, loads.get(row["id"], 0), report, stays=stays)
        elif row["id"] not in remembered:
            gone.append(row["id"])
            if row["status"] == DepartureStatus.CANCELLED:
                struck.append(Struck(row["trip"], row["service_date"], row["note"]))
        elif not stays and row["status"] in AHEAD and not report.failed:
            cancel_departure(session, tenant_id, row["code"], reason=CHANGED, by="gtfs")
    if not report.failed:
        _delete(session, Departure, "id", gone)
        report.changes["departure"] = Change(removed=len(gone))
    return struck


def _coming(session: Session, tenant_id: int, trips: set[int]) -> list[Any]:
    departure, trip = table_of(Departure), table_of(Trip)
    names = ("id", "code", "trip_id", "service_date", "status", "note")
    rows = session.execute(
        select(*(departure.c[name] for name in names), trip.c.calendar_id, trip.c.code.label("trip"))
        .join_from(departure, trip, trip.c.id == departure.c.trip_id)
        .where(departure.c.tenant_id == tenant_id, departure.c.service_date > clock.today())
        .order_by(departure.c.service_date, departure.c.id)
    ).mappings()
    return [row for row in rows if row["trip_id"] in trips]


def _references(session: Session, ids: list[int]) -> tuple[dict[int, int], set[int], set[int]]:
    """Parcels planned on each departure; departures that anything else needs; those a past plan remembers."""
    loads: dict[int, int] = {}
    needed, remembered = set[int](), set[int]()
    past = [table_of(model) for model in PAST_PLANS]
    legs = table_of(PlannedLeg)
    for some in _chunks(ids):
        riding = (
            select(legs.c.departure_id, func.count(legs.c.parcel_id.distinct()))
            .where(legs.c.departure_id.in_(some), legs.c.voided_at.is_(None))
            .group_by(legs.c.departure_id)
        )
        loads.update((departure, n) for departure, n in session.execute(riding))
        for table, column in _referring(table_of(Departure)):
            found = session.execute(select(table.c[column]).where(table.c[column].in_(some)).distinct()).scalars()
            (remembered if table in past else needed).update(found)
    return loads, needed, remembered


def _referring(target: Table) -> list[tuple[Table, str]]:
    """Every table and column with a foreign key to a table's id."""
    return [
        (table, key.parent.name) for table in SQLModel.metadata.tables.values() for key in table.foreign_keys if key.column.table is target
    ]


def _in_the_way(row: Any, parcels: int, report: Report, *, stays: bool) -> None:
    run = f"{row['trip']} of {row['service_date']} ({row['code']})"
    what = f"{parcels} parcels are planned on it" if parcels else "something else needs it"
    if stays:
        report.warning("keeps_its_room", "trips.txt", 0, "", f"{run} stays as it was opened: {what}")
    else:
        report.error("carries_goods", "trips.txt", 0, "", f"{run} cannot be replaced: {what}. Cancel it first, or import when it has run")


def end_trips(session: Session, tenant_id: int, ended: Collection[int]) -> set[int]:
    """End the rows of trips: one that departures stand on is kept under another code, any other goes. Returns those kept."""
    today = clock.today()
    departure, trip = table_of(Departure), table_of(Trip)
    kept: set[int] = set()
    for some in _chunks(sorted(ended)):
        kept.update(session.execute(select(departure.c.trip_id).where(departure.c.trip_id.in_(some)).distinct()).scalars())
    for some in _chunks(sorted(kept)):
        name = trip.c.code + "~" + cast(trip.c.id, String)
        session.execute(update(trip).where(trip.c.id.in_(some)).values(code=name, runs_until=today))
    gone = sorted(set(ended) - kept)
    _delete(session, StopTime, "trip_id", gone)
    _delete(session, Trip, "id", gone)
    return kept


def open_again(session: Session, county: County, struck: Collection[Struck], report: Report) -> None:
    """Departures of the days that are kept open ahead; what had been cancelled is cancelled again."""
    today = clock.today()
    opened = open_days(session, county, today, today + timedelta(days=HORIZON_DAYS))
    done = report.changes.get("departure", Change())
    report.changes["departure"] = done._replace(added=opened)
    if not struck:
        return
    departure, trip = table_of(Departure), table_of(Trip)
    rows = session.execute(
        select(departure.c.code, departure.c.service_date, trip.c.code)
        .join_from(departure, trip, trip.c.id == departure.c.trip_id)
        .where(departure.c.tenant_id == county.id, departure.c.service_date > today, departure.c.status == DepartureStatus.SCHEDULED)
    )
    reasons = {(s.trip, s.day): s.reason for s in struck}
    for code, day, run in rows.all():
        if (reason := reasons.get((run, day))) is not None:
            cancel_departure(session, county.id, code, reason=reason, by="gtfs")


def _delete(session: Session, model: type[SQLModel], column: str, keys: Collection[int]) -> None:
    table = table_of(model)
    for some in _chunks(sorted(keys)):
        session.execute(delete(table).where(table.c[column].in_(some)))


def _chunks(keys: list[int]) -> list[list[int]]:
    return [keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK)]
