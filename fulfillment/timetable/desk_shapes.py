"""What the calls about weather and the rulings of a line answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Moment, told
from fulfillment.timetable.models import DepartureStatus

from .weather import Danger


class ThreatItem(TypedDict):
    """A departure, or a trunk's day, that a report touches."""

    code: Annotated[str, told("The departure's code, or the trunk's.")]
    date: Annotated[Day, told("Its service day.")]
    danger: Annotated[str, told("At its limit, or over it.", values=(Danger.RISK, Danger.OVER))]


class WeatherItem(TypedDict):
    """A report that stands, and what it threatens."""

    id: Annotated[str, told("The report's code.")]
    area: Annotated[str, told("The waters or stretch it speaks of; empty: the whole county.")]
    wind: Annotated[int | None, told("Beaufort.")]
    visibility_m: Annotated[int | None, told("Metres.")]
    starts_at: Moment
    ends_at: Moment
    note: str
    reported_at: Moment
    departures: Annotated[list[ThreatItem], told("Departures still ashore that are at or over their line's limit, by time.")]
    trunks: Annotated[list[ThreatItem], told("Trunk days that are at or over theirs.")]


class Weather(TypedDict):
    """Every report that stands, the soonest first; it answers whole, so `next` is always null."""

    items: list[WeatherItem]
    next: None
    areas: Annotated[list[str], told("Waters and stretches that a report may name.")]


class WeatherMade(TypedDict):
    """A report was taken, or withdrawn."""

    id: Annotated[str, told("The report's code.")]
    withdrawn: bool


class RulingItem(TypedDict):
    """What somebody decided for a line from day to day; of several that hold on a day the newest counts."""

    runs: Annotated[bool, told("Opened; closed where false.")]
    starts: Annotated[Day, told("The first day.")]
    ends: Annotated[Day, told("The last day.")]
    reason: str
    ruled_at: Moment


class RunAhead(TypedDict):
    """A departure that a closing would strike out."""

    departure: Annotated[str, told("The departure's code.")]
    date: Day
    starts_at: Annotated[Moment, told("At its first stop, without delay.")]
    state: Annotated[str, told("How it stands.", values=DepartureStatus)]
    parcels: Annotated[int, told("Planned on it: a line that carries is not closed.")]


class LineRulings(TypedDict):
    """How a line runs, and what a closing would meet."""

    line: Annotated[str, told("The line's code.")]
    name: str
    season: Annotated[str, told("Its season and market days in words; empty for a line that runs every day.")]
    runs_today: bool
    runs_next: Annotated[Day | None, told("Of a line with a season or a ruling: the next day it runs, within ninety days.")]
    rulings: Annotated[list[RulingItem], told("Those that hold today or later, oldest first.")]
    ahead: Annotated[list[RunAhead], told("Departures of today and the next seven days that have not left, by time.")]


class RulingMade(TypedDict):
    """A line was opened or closed."""

    line: Annotated[str, told("The line's code.")]
    runs: bool
