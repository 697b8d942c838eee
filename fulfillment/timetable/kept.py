"""Stops and runs as a process keeps them for finding ways, while the county's departures stand still.

A copy is good while the roads' number of the timetable is the one it was read at. That number is read on every request, so what anybody
strikes out, delays or adds, in this process or another, shows on the very next one; what only moves with the clock is not asked of it.
"""

from datetime import date, timedelta
from threading import Lock
from typing import NamedTuple

from sqlmodel import Session

from core.settings import settings
from fulfillment.promise.stamp import stamp, timetable_changed_here

from .journeys import Ways
from .passengers import rides
from .stops import Stop, change_walks, known_stops

DAYS_KEPT = 2  # of those asked about: mostly today and tomorrow
COUNTIES_KEPT = 8  # a process that serves more reads those anew that were asked about longest ago


class _Kept(NamedTuple):
    number: int
    stops: list[Stop]
    ways: dict[date, Ways]


_kept: dict[tuple[str, int], _Kept] = {}
_making = Lock()


def stops_of(session: Session, tenant_id: int) -> list[Stop]:
    """As `known_stops`; one query, of the roads' number, while nothing changed."""
    return _county(session, tenant_id).stops


def ways_of(session: Session, tenant_id: int, day: date) -> Ways:
    """The ways of a business day: what runs on it, from the day before past midnight, and on the day after."""
    county = _county(session, tenant_id)
    if (known := county.ways.get(day)) is not None:
        return known
    with _making:
        if (known := county.ways.get(day)) is not None:
            return known
        found = rides(session, tenant_id, day - timedelta(days=1), day + timedelta(days=1))
        while len(county.ways) >= DAYS_KEPT:
            del county.ways[next(iter(county.ways))]
        county.ways[day] = Ways(found, change_walks(county.stops))
        return county.ways[day]


def _county(session: Session, tenant_id: int) -> _Kept:
    """What is kept, or read anew. A session that changed departures itself keeps nothing: it may yet be rolled back."""
    if timetable_changed_here(session):
        return _Kept(0, known_stops(session, tenant_id), {})
    number, key = stamp(session, tenant_id).timetable, (settings.url, tenant_id)
    known = _kept.get(key)
    if known is None or known.number != number:
        known = _Kept(number, known_stops(session, tenant_id), {})
        if number:  # a county whose days were never opened is still being loaded
            _kept.pop(key, None)
            _kept[key] = known
            for oldest in list(_kept)[:-COUNTIES_KEPT]:
                _kept.pop(oldest, None)
    return known
