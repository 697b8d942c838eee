"""Ways from one place to another: a search while nothing changed, the first for a goal, and the one after a departure was struck out."""

import itertools
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from sqlmodel import Session, select

from bench.rig import DATABASES, loaded, table
from core import clock, db
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.kept import stops_of
from fulfillment.timetable.stops import Stop
from fulfillment.timetable.travel import ways_between
from supply.counties.models import County

KEPT_BAR_MS, FIRST_BAR_MS, ANEW_BAR_MS = 10, 100, 500
SEARCHES, CHANGES = 400, 5
GOALS = 4  # that villages ask for: fewer than are kept


def main(folder: Path) -> str:
    rows = []
    for database in DATABASES:
        with loaded(database, folder, days=1, orders=6) as county, county.here():
            anew, first, kept = _changed(), _first(), _kept()
            measured = (
                ("nothing changed", kept, KEPT_BAR_MS),
                ("first of its goal", first, FIRST_BAR_MS),
                ("a departure changed", anew, ANEW_BAR_MS),
            )
            for words, taken, bar in measured:
                middle = statistics.median(taken)
                rows.append([database, words, f"{middle:.1f}", f"{max(taken):.1f}", f"≤ {bar}", "yes" if middle <= bar else "**no**"])
    return table(["", "a search, when", "ms", "worst", "bar", "holds"], rows)


def _stops(session: Session, county: County) -> list[Stop]:
    return [s for s in stops_of(session, county.id) if s.is_called]


def _search(start: Stop, goal: Stop) -> float:
    """Milliseconds of one request's part: the roads' number, the stops, the ways."""
    with db.reading() as session:
        county = session.exec(select(County)).one()
        began = time.perf_counter()
        stops = stops_of(session, county.id)
        ways_between(session, county.id, stops, [start], [goal], clock.now())
        return (time.perf_counter() - began) * 1000


def _pairs() -> Sequence[tuple[Stop, Stop]]:
    """From every stop to some goals, the county town first."""
    with db.reading() as session:
        stops = _stops(session, session.exec(select(County)).one())
    goals = [stops[0], *stops[1 :: max(1, len(stops) // GOALS)]][:GOALS]
    return [(start, goal) for start, goal in itertools.product(stops, goals) if start != goal]


def _kept() -> list[float]:
    pairs = list(itertools.islice(itertools.cycle(_pairs()), SEARCHES))
    for start, goal in pairs:
        _search(start, goal)
    return [_search(start, goal) for start, goal in pairs]


def _first() -> list[float]:
    """Every goal asked for once, after its forerunners pushed it out."""
    with db.reading() as session:
        stops = _stops(session, session.exec(select(County)).one())
    return [_search(stops[0], goal) for goal in stops[1:60]]


def _changed() -> list[float]:
    start, goal = _pairs()[0]
    taken = []
    for _ in range(CHANGES):
        with db.writing() as session:
            board_changed(session, session.exec(select(County)).one().id)
        taken.append(_search(start, goal))
    return taken
