"""Lines that run for a season or on market days, and people who open or close one from day to day.

A ruling stands above the calendar's season, the newest above older ones. What is opened becomes departures at once; closing strikes
out departures that carry nothing, and is refused while one has parcels planned: they are found other roads first.
"""

from datetime import date, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import audit, clock, i18n
from core.errors import Conflict, NotFound, Refused
from core.status import move
from fulfillment.batching.models import PlannedLeg
from fulfillment.disruptions.closures import suspended
from fulfillment.network.models import Line, ServiceCalendar, Trip
from fulfillment.promise.stamp import board_changed
from supply.counties.models import County
from supply.counties.profile_kinds import MONTHS

from .calendar import days_of, runs_on
from .models import DEPARTURE, Departure, DepartureStatus, LineRuling
from .service import HORIZON_DAYS, cancel_departure, open_days, rulings

_ = i18n.gettext
LONGEST = timedelta(days=366)
LOOKED_AHEAD = 90
ASHORE = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED)


class LineUnknown(NotFound):
    """No such line in this county."""

    code = "line_unknown"


class LineCarries(Conflict):
    """Parcels are planned on departures of the line that would close."""

    code = "line_carries"


class Standing(NamedTuple):
    """A line that does not run every day: its rule in words, whether it runs today, when next, and what people ruled from today on."""

    line: Line
    words: str
    today: bool
    following: date | None
    rulings: list[LineRuling]


class Touched(NamedTuple):
    """A departure a closing would strike out, and how many parcels are planned on it."""

    departure: Departure
    parcels: int


def find_line(session: Session, tenant_id: int, code: str) -> Line:
    """Raises LineUnknown."""
    line = session.exec(select(Line).where(Line.tenant_id == tenant_id, Line.code == code)).first()
    if line is None:
        raise LineUnknown("没有这条线路")
    return line


def rule_line(
    session: Session, county: County, code: str, first: date, last: date, *, runs: bool, reason: str, by: str
) -> LineRuling:  # fmt: skip
    """Open or close a line for the days `first` … `last`. Raises LineUnknown, Refused for impossible days, LineCarries."""
    line = find_line(session, county.id, code)
    session.refresh(line, with_for_update=True)  # one ruling of a line at a time
    check_days(first, last)
    struck = [] if runs else touched(session, line, first, last)
    if loaded := [each for each in struck if each.parcels]:
        raise LineCarries(_("有 %(n)s 班已经排上货，先给这些货改坐别的车") % {"n": len(loaded)})
    ruling = LineRuling(
        tenant_id=county.id, line_id=line.id or 0, runs=runs, starts_on=first, ends_on=last, reason=reason, ruled_by=by,
        ruled_at=clock.now(),
    )  # fmt: skip
    session.add(ruling)
    session.flush()
    for departure, _parcels in struck:
        cancel_departure(session, county.id, departure.code, reason=reason, by=by)
        departure.ruling_id = ruling.id
        session.add(departure)
    if runs:
        _reinstate(session, county, line, first, last, by=by)
        until = min(last, clock.today() + timedelta(days=HORIZON_DAYS))
        if first <= until:
            open_days(session, county, first, until)
    act = "line.open" if runs else "line.close"
    audit.record(
        session, act, tenant_id=county.id, actor=by, subject=code, reason=reason, first=first.isoformat(), last=last.isoformat()
    )  # fmt: skip
    session.flush()
    return ruling


def check_days(first: date, last: date) -> None:
    """Raises Refused."""
    if first < clock.today():
        raise Refused("从今天或以后的一天起", field="starts")
    if last < first:
        raise Refused("到哪一天，不能早于从哪一天", field="ends")
    if last - first > LONGEST:
        raise Refused("一次最多一年", field="ends")


def touched(session: Session, line: Line, first: date, last: date) -> list[Touched]:
    """Departures of these days that have not left, by time, with the parcels planned on each; one query."""
    parcels = func.count(col(PlannedLeg.id))
    query = (
        select(Departure, parcels)
        .join(PlannedLeg, (col(PlannedLeg.departure_id) == col(Departure.id)) & col(PlannedLeg.voided_at).is_(None), isouter=True)
        .where(
            Departure.tenant_id == line.tenant_id, Departure.line_id == line.id, col(Departure.service_date).between(first, last),
            col(Departure.status).in_(ASHORE),
        )
        .group_by(col(Departure.id))
        .order_by(col(Departure.starts_at), col(Departure.id))
    )  # fmt: skip
    return [Touched(departure, int(n)) for departure, n in session.exec(query)]


def _reinstate(session: Session, county: County, line: Line, first: date, last: date, *, by: str) -> None:
    """What an earlier closing struck out and still lies ahead runs again; what was cancelled for another reason stays so.

    What falls into a suspension waits for that to be lifted.
    """
    held = suspended(session, county.id).get(line.id or 0, [])
    rows = session.exec(
        select(Departure).where(
            Departure.tenant_id == county.id, Departure.line_id == line.id, col(Departure.service_date).between(first, last),
            Departure.status == DepartureStatus.CANCELLED, col(Departure.ruling_id).is_not(None), col(Departure.starts_at) > clock.now(),
        )
    ).all()  # fmt: skip
    for row in rows:
        if closure := next((closure for closure, span in held if span.holds(row.starts_at)), None):
            row.ruling_id, row.note, closure.struck = None, closure.reason, [*closure.struck, row.code]
            session.add_all((row, closure))
            continue
        move(
            session, Departure, row.id or 0, "status", DEPARTURE, "cancelled", "scheduled",
            tenant_id=county.id, subject=row.code, by=by, values={"note": "", "ruling_id": None},
        )  # fmt: skip
    if rows:
        board_changed(session, county.id)


def standing_lines(session: Session, tenant_id: int) -> list[Standing]:
    """Lines with a season, market days or a ruling, in the county's order; four queries."""
    today = clock.today()
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))}
    of_line: dict[int, set[int]] = {}
    for line_id, calendar_id in session.exec(select(Trip.line_id, Trip.calendar_id).where(Trip.tenant_id == tenant_id).distinct()):
        of_line.setdefault(line_id, set()).add(calendar_id)
    ruled: dict[int, list[LineRuling]] = {}
    query = select(LineRuling).where(LineRuling.tenant_id == tenant_id, col(LineRuling.ends_on) >= today).order_by(col(LineRuling.id))
    for ruling in session.exec(query):
        ruled.setdefault(ruling.line_id, []).append(ruling)
    opened = rulings(session, tenant_id, today, today + timedelta(days=LOOKED_AHEAD))
    found = []
    for line in session.exec(select(Line).where(Line.tenant_id == tenant_id).order_by(col(Line.position), col(Line.id))):
        own = [calendars[n] for n in sorted(of_line.get(line.id or 0, ()))]
        told = {in_words(calendar): None for calendar in own}
        words = _("；").join(said for said in told if said)
        if not words and line.id not in ruled:
            continue
        if words and "" in told:
            words = _("每天都开，加班车 %(words)s") % {"words": words}

        def goes(day: date, own: list[ServiceCalendar] = own, line_id: int = line.id or 0) -> bool:
            return any(runs_on(calendar, day, opened=opened.get((line_id, day))) for calendar in own)

        ahead = (today + timedelta(days=n) for n in range(1, LOOKED_AHEAD + 1))
        following = next((day for day in ahead if goes(day)), None)
        found.append(Standing(line, words, goes(today), following, ruled.get(line.id or 0, [])))
    return found


def windows_in_words(line: Line) -> str:
    """When goods ride on it; empty where they always do."""

    def told(minute: int) -> str:
        return f"{minute // 60 % 24:02d}:{minute % 60:02d}"

    return _("、").join(f"{told(first)}–{told(last)}" for first, last in line.goods_windows)


def in_words(calendar: ServiceCalendar) -> str:
    """Its season and market days as people say them; empty for what runs all the year."""
    days = days_of(calendar)
    said = [
        _("每年 %(a)s 月 %(b)s 日到 %(c)s 月 %(d)s 日") % {"a": a, "b": b, "c": c, "d": d}
        for (a, b), (c, d) in days.seasons
    ]  # fmt: skip
    if tuple(days.months) != MONTHS:
        said.append(_("%(months)s 月") % {"months": _("、").join(str(month) for month in days.months)})
    if days.market:
        digits = _("、").join(str(digit) for digit in days.market.digits)
        said.append((_("农历逢 %(digits)s 赶集") if days.market.lunar else _("每月逢 %(digits)s 赶集")) % {"digits": digits})
    if days.every:
        said.append(_("每 %(n)s 天一次") % {"n": days.every})
    return _("，").join(said)
