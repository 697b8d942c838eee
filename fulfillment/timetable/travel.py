"""What travellers ask of the timetable: a stop's next runs, a line's runs of a day, ways from one place to another.

What was struck out or runs late shows on the very next request: runs are read for each, but for ways, which keep to `kept`.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import NotFound, Refused
from fulfillment.network.models import Line

from .journeys import Journey
from .kept import ways_of
from .passengers import LineFace, Passing, Ride, passing, rides
from .service import HORIZON_DAYS
from .stops import CARRIES_PEOPLE, Stop, find_stops, walk
from .wall import Printed, on_day, printed_runs

_ = i18n.gettext
SHOWN = 12  # of the next runs
AHEAD = timedelta(hours=24)  # a way may begin so long after it is asked for
FARTHEST = 366  # days: nobody prints a timetable further ahead
TEDIOUS = 2  # times as long as the quickest way: not told beside it
WALK_TO = 1_500  # metres to a stop that somebody walks from the place they name


class StopUnknown(NotFound):
    """No stop of that code or name in this county."""

    code = "stop_unknown"


class PlaceUnclear(Refused):
    """Several places go by that name; the words name them."""

    code = "place_unclear"


class Halting(NamedTuple):
    """The runs of a stop; `on_call`: no timetable announces them, they stop here for whoever asks, at an estimated time."""

    announced: list[Passing]
    on_call: list[Passing]


class Found(NamedTuple):
    """Ways between two places; `on_foot` where one is near enough to walk."""

    ways: list[Journey]
    on_foot: int | None


def coming(session: Session, tenant_id: int, here: Stop) -> Halting:
    """The next runs that take people up, over midnight when today has few left."""
    now, today = clock.now(), clock.today()
    runs = rides(session, tenant_id, today - timedelta(days=1), today + timedelta(days=1), at_node=here.id, announced=False)
    found = _halting(runs, here, now)
    return Halting(found.announced[:SHOWN], found.on_call[:SHOWN])


def whole_day(session: Session, tenant_id: int, here: Stop, day: date) -> Halting:
    """Every run of a service day that is opened, those gone by too."""
    return _halting(rides(session, tenant_id, day, day, at_node=here.id, announced=False), here)


def _halting(found: Sequence[Ride], here: Stop, since: datetime | None = None) -> Halting:
    by_line: dict[bool, list[Ride]] = {True: [], False: []}
    for ride in found:
        by_line[ride.line.is_announced].append(ride)
    asked = [p for p in passing(by_line[False], here.code, since) if p.halt.on_request]
    return Halting(passing(by_line[True], here.code, since), asked)


def is_opened(day: date) -> bool:
    """Whether a day's departures stand with their state; of others only the timetable is known."""
    return 0 <= (day - clock.today()).days <= HORIZON_DAYS


def planned(session: Session, tenant_id: int, here: Stop, day: date) -> list[Printed]:
    """What the timetable says of a day that is not opened."""
    return on_day(printed_runs(session, tenant_id, here.id), day)


def fit_day(day: date | None) -> date | None:
    """A day that may be asked about; None for one long gone or too far ahead."""
    return day if day and 0 <= (day - clock.today()).days <= FARTHEST else None


def announced_line(session: Session, tenant_id: int, code: str) -> LineFace | None:
    row = session.exec(
        select(Line).where(
            Line.tenant_id == tenant_id, Line.code == code, col(Line.published).is_(True), col(Line.kind).in_(CARRIES_PEOPLE)
        )
    ).first()
    return LineFace(row.code, row.number, row.name, row.ink, row.kind) if row else None


def roads_of(found: Sequence[Ride]) -> list[tuple[list[str], list[Ride]]]:
    """A line's runs by the stops they call at: (names in order, runs by time), the busiest road of each direction first."""
    roads: dict[tuple[str, ...], list[Ride]] = {}
    for ride in found:
        roads.setdefault((ride.direction, *(h.node for h in ride.halts)), []).append(ride)
    ordered = sorted(roads.values(), key=lambda runs: (runs[0].direction != "out", -len(runs)))
    return [([h.name for h in runs[0].halts], runs) for runs in ordered]


def place_of(stops: Sequence[Stop], words: str, county_name: str) -> list[Stop]:
    """The stops meant by a code or a name; more than one where it must be said which.

    Stops of the very same name (several of one village) are one place.
    """
    if exact := [s for s in stops if s.code == words.strip()]:
        return exact
    return find_stops(stops, words, county_name)


def one_place(stops: Sequence[Stop], words: str, county_name: str, *, field: str) -> list[Stop]:
    """As `place_of`, for programs. Raises StopUnknown, PlaceUnclear."""
    found = place_of(stops, words, county_name)
    if not found:
        raise StopUnknown(_("没有叫这个名字的站"), field=field)
    if len({s.plain for s in found}) > 1:
        names = _("、").join(s.name for s in found[:6])
        raise PlaceUnclear(_("叫这个名字的不止一处（{names}），请写全名").format(names=names), field=field)
    return found


def ways_between(
    session: Session, tenant_id: int, stops: Sequence[Stop], start: Sequence[Stop], goal: Sequence[Stop], at: datetime
) -> Found:
    """Ways worth taking from an instant on, within the days whose departures stand."""
    starts, goals = _on_foot(stops, start), _on_foot(stops, goal)
    feet = [minutes for a in start for b in goal if (minutes := walk(a, b, WALK_TO)) is not None]
    ways = ways_of(session, tenant_id, clock.business_date(at)).find(starts, goals, at=at, until=at + AHEAD)
    quickest = min((way.minutes for way in ways), default=0)
    return Found([w for n, w in enumerate(ways) if not n or w.minutes <= TEDIOUS * quickest], min(feet, default=None))


def _on_foot(stops: Sequence[Stop], place: Sequence[Stop]) -> dict[str, int]:
    """The stops of a place and those one walks to from it, with the minutes."""
    reach = {s.code: minutes for here in place for s in stops if s.is_called and (minutes := walk(here, s, WALK_TO)) is not None}
    return {**reach, **{s.code: 0 for s in place}}
