"""What weather does to sailings: each line has a wind it bears and a visibility it needs, a report says what there is.

A report stands until it is withdrawn; where several speak of one area and time, the worst counts. Nothing is cancelled here:
this names what is over its limit, and people (fulfillment.batching.disrupt) decide.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlmodel import Session, col, or_, select

from core import clock
from fulfillment.network.models import Line, ServiceCalendar, Trunk

from .calendar import runs_on
from .models import Departure, DepartureStatus, WeatherReport

STILL_ASHORE = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED)


class Danger(StrEnum):
    """How a report bears on a line: none, at its limit, or over it."""

    NONE = "none"
    RISK = "risk"
    OVER = "over"


class Limits(NamedTuple):
    """The wind (Beaufort) a line bears and the visibility (metres) it needs; None: it does not mind."""

    max_wind: int | None
    min_visibility_m: int | None


class Threat(NamedTuple):
    """A departure or a trunk's day that a report touches; `code` is the departure's, or the trunk's."""

    code: str
    day: date
    danger: Danger


def danger(limits: Limits, wind: int | None, visibility_m: int | None) -> Danger:
    """Over: more wind than the line bears, or less visibility than it needs. Risk: exactly that wind, or less than half as much
    sight again as it needs, so that the next report may stop it."""
    most, least = limits
    if (most is not None and wind is not None and wind > most) or (least is not None and visibility_m is not None and visibility_m < least):
        return Danger.OVER
    if (most is not None and wind == most) or (least is not None and visibility_m is not None and visibility_m * 2 < least * 3):
        return Danger.RISK
    return Danger.NONE


def sailings_over_threshold(session: Session, tenant_id: int, report: WeatherReport) -> list[str]:
    """Codes of the departures that may not run in this weather, by time: still ashore, and under way at some moment of the report."""
    return [threat.code for threat in threatened_sailings(session, tenant_id, report) if threat.danger is Danger.OVER]


def trunks_over_threshold(session: Session, tenant_id: int, report: WeatherReport) -> list[tuple[str, date]]:
    """Trunks (code, day) that leave inside the report's time and may not in this weather."""
    return [(threat.code, threat.day) for threat in threatened_trunks(session, tenant_id, report) if threat.danger is Danger.OVER]


def threatened_sailings(session: Session, tenant_id: int, report: WeatherReport) -> list[Threat]:
    """Departures at risk or over their limit, by time; one query. A delayed one counts where it runs now."""
    days = (clock.business_date(report.starts_at) - timedelta(days=2), clock.business_date(report.ends_at))
    rows = session.exec(
        select(Departure, Line.max_wind, Line.min_visibility_m)
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(
            Departure.tenant_id == tenant_id, col(Departure.service_date).between(*days), col(Departure.status).in_(STILL_ASHORE),
            or_(col(Line.max_wind).is_not(None), col(Line.min_visibility_m).is_not(None)),
            *([col(Line.area) == report.area] if report.area else []),
        )
        .order_by(col(Departure.starts_at), col(Departure.id))
    )  # fmt: skip
    found = []
    for departure, wind, sight in rows:
        late = timedelta(minutes=departure.delay_min)
        if _meets(departure.starts_at + late, departure.ends_at + late, report):
            found.append(Threat(departure.code, departure.service_date, danger(Limits(wind, sight), report.wind, report.visibility_m)))
    return [threat for threat in found if threat.danger is not Danger.NONE]


def threatened_trunks(session: Session, tenant_id: int, report: WeatherReport) -> list[Threat]:
    """Trunk days at risk or over their limit that leave within the report's time; two queries."""
    trunks = session.exec(
        select(Trunk)
        .where(
            Trunk.tenant_id == tenant_id, or_(col(Trunk.max_wind).is_not(None), col(Trunk.min_visibility_m).is_not(None)),
            *([col(Trunk.area) == report.area] if report.area else []),
        )
        .order_by(col(Trunk.dep_min), col(Trunk.id))
    ).all()  # fmt: skip
    calendars = {c.id: c for c in session.exec(select(ServiceCalendar).where(ServiceCalendar.tenant_id == tenant_id))} if trunks else {}
    found = []
    for day in _days(report.starts_at, report.ends_at):
        for trunk in trunks:
            leaves = clock.on(day, trunk.dep_min)
            if not runs_on(calendars[trunk.calendar_id], day) or not report.starts_at <= leaves < report.ends_at:
                continue
            found.append(Threat(trunk.code, day, danger(Limits(trunk.max_wind, trunk.min_visibility_m), report.wind, report.visibility_m)))
    return [threat for threat in found if threat.danger is not Danger.NONE]


def _meets(starts: datetime, ends: datetime, report: WeatherReport) -> bool:
    return starts < report.ends_at and ends > report.starts_at


def _days(first: datetime, last: datetime) -> Sequence[date]:
    """Service days whose times may fall between two instants; a time past midnight belongs to the day before."""
    begin, end = clock.business_date(first) - timedelta(days=1), clock.business_date(last)
    return [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
