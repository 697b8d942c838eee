"""What the timetable prints for a stop: every run that calls there with the days it runs on, for the wall of a station and for days
whose departures are not opened yet. Three queries for any number of runs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock, i18n
from fulfillment.network.models import Line, ServiceCalendar, StopTime, Trip
from supply.stations.models import Node

from .calendar import runs_on
from .passengers import LineFace
from .seasons import in_words
from .stops import CARRIES_PEOPLE

_ = i18n.gettext
MARKS = "①②③④⑤⑥⑦⑧⑨⑩"
DAY_MIN = 1440


class Printed(NamedTuple):
    """One run's call at the stop: when it leaves, minutes after the service day's midnight."""

    line: LineFace
    towards: str
    leaves_min: int
    calendar: ServiceCalendar
    on_request: bool

    def leaves_at(self, day: date) -> datetime:
        return clock.on(day, self.leaves_min)


class Times(NamedTuple):
    """A line's runs towards one end: (clock, mark) in order of the day; a mark says on which days."""

    line: LineFace
    towards: str
    times: list[tuple[str, str]]


class Sheet(NamedTuple):
    rows: list[Times]
    marks: list[tuple[str, str]]  # mark, the days in words


def printed_runs(session: Session, tenant_id: int, node_id: int) -> list[Printed]:
    """Runs of announced lines that take people up at a node, in order of the day."""
    call = (StopTime.trip_id, StopTime.position, StopTime.dep_min, StopTime.on_request)
    facts = (Line.code, Line.number, Line.name, Line.ink, Line.kind)
    calls = session.execute(
        sql_select(*(col(c) for c in (*call, Trip.calendar_id, *facts)))
        .join_from(StopTime, Trip, col(Trip.id) == col(StopTime.trip_id))
        .join(Line, col(Line.id) == col(Trip.line_id))
        .where(
            col(StopTime.tenant_id) == tenant_id, col(StopTime.node_id) == node_id, col(Line.published).is_(True),
            col(Trip.runs_until).is_(None),
            col(Line.kind).in_(CARRIES_PEOPLE),
        )
        .order_by(col(StopTime.dep_min), col(StopTime.trip_id))
    ).all()  # fmt: skip
    ends = _ends(session, tenant_id, node_id)
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    found = []
    for trip, position, leaves, asked, calendar, *line in calls:
        last, towards = ends[trip]
        if position < last:
            found.append(Printed(LineFace(*line), towards, leaves, calendars[calendar], asked))
    return found


def _ends(session: Session, tenant_id: int, node_id: int) -> dict[int, tuple[int, str]]:
    """Last position and its name of every trip that calls at a node."""
    calling = select(StopTime.trip_id).where(StopTime.tenant_id == tenant_id, StopTime.node_id == node_id)
    last = (
        select(StopTime.trip_id, func.max(StopTime.position).label("position"))
        .where(StopTime.tenant_id == tenant_id, col(StopTime.trip_id).in_(calling))
        .group_by(col(StopTime.trip_id))
        .subquery()
    )
    rows = session.execute(
        sql_select(col(StopTime.trip_id), col(StopTime.position), col(Node.name))
        .join_from(StopTime, Node, col(Node.id) == col(StopTime.node_id))
        .join(last, (last.c.trip_id == col(StopTime.trip_id)) & (last.c.position == col(StopTime.position)))
    )
    return {trip: (position, name) for trip, position, name in rows}


def on_day(runs: Sequence[Printed], day: date) -> list[Printed]:
    """Those that run on a service day, as the calendars say."""
    return [run for run in runs if runs_on(run.calendar, day)]


def sheet_of(runs: Sequence[Printed], today: date) -> Sheet:
    """The stop's timetable by line and end. Runs of every day carry no mark; those of a single day are not printed."""
    times: dict[tuple[LineFace, str], list[tuple[str, str]]] = {}
    marks: dict[str, str] = {}
    for run in runs:
        if run.calendar.ends_on < today or not run.calendar.weekdays:
            continue
        days = days_in_words(run.calendar)
        mark = marks.setdefault(days, MARKS[len(marks) % len(MARKS)]) if days else ""
        hour, minute = divmod(run.leaves_min % DAY_MIN, 60)
        times.setdefault((run.line, run.towards), []).append((f"{hour:02d}:{minute:02d}", mark))
    rows = [Times(line, towards, found) for (line, towards), found in times.items()]
    return Sheet(rows, [(mark, days) for days, mark in marks.items()])


def days_in_words(calendar: ServiceCalendar) -> str:
    """周一至周五, 周六、周日, 5、6 月: empty where it runs every day of the year."""
    runs = [n for n in range(7) if calendar.weekdays >> n & 1]
    names = i18n.ENGLISH_WEEKDAYS if i18n.locale() == "en" else i18n.WEEKDAYS
    comma = _("、")
    words = []
    if len(runs) < 7:
        in_a_row = len(runs) > 2 and runs[-1] - runs[0] == len(runs) - 1
        first_to_last = _("{first}至{last}").format(first=names[runs[0]], last=names[runs[-1]])
        words.append(first_to_last if in_a_row else comma.join(names[n] for n in runs))
    if calendar.seasons or calendar.market or calendar.every_days:
        words.append(in_words(calendar))
    elif len(calendar.months) < 12:
        words.append(comma.join(i18n.month(m) for m in sorted(calendar.months)))
    return " ".join(words)
