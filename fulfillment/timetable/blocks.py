"""Blocks 车辆连班: the runs one vehicle makes in a day, one after the other; a delay follows the vehicle.

A layover absorbs what it has beyond MIN_LAYOVER_MIN, the time a driver needs to let people off, load and turn round. A layover
the timetable plans shorter than that absorbs nothing and is not stretched: the plan knows its own turn. So with delay d and
layover w the next run is late by max(0, d - max(0, w - MIN_LAYOVER_MIN)). A run may start late, never early.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from fulfillment.network.models import Trip

from .models import Departure, DepartureStatus

MIN_LAYOVER_MIN = 5
MINUTE = timedelta(minutes=1)


class BlockRun(NamedTuple):
    """A departure as its vehicle drives it: printed times, without any delay."""

    code: str
    day: date
    block: str  # "": not known, no delay follows
    starts_at: datetime
    ends_at: datetime


def runs_in_blocks(session: Session, tenant_id: int, day: date) -> list[BlockRun]:
    """The service day's departures that are not cancelled, one query: a cancelled run leaves its time to the layover."""
    columns = [col(c) for c in (Departure.code, Departure.service_date, Trip.block, Departure.starts_at, Departure.ends_at)]
    query = sql_select(*columns).join_from(Departure, Trip, col(Trip.id) == col(Departure.trip_id))
    rows = session.execute(
        query.where(
            col(Departure.tenant_id) == tenant_id, col(Departure.service_date) == day, col(Departure.status) != DepartureStatus.CANCELLED
        )
    )
    return [BlockRun(*row) for row in rows]


def delays_along_block(departures: Iterable[BlockRun], departure_code: str, delay_min: int) -> dict[str, int]:
    """Minutes late of the named departure and of every later one of its block and day that inherits some of it.

    The departure itself is in the answer when it is late at all; one that starts on time ends the chain. Empty when
    `departure_code` is not among `departures`.
    """
    runs = list(departures)
    late = next((run for run in runs if run.code == departure_code), None)
    if late is None or delay_min <= 0:
        return {}
    delays, before, delay = {late.code: delay_min}, late, delay_min
    for run in _after(late, runs):
        layover = (run.starts_at - before.ends_at) // MINUTE
        delay = max(0, delay - max(0, layover - MIN_LAYOVER_MIN))
        if not delay:
            break
        delays[run.code], before = delay, run
    return delays


def _after(late: BlockRun, runs: Iterable[BlockRun]) -> list[BlockRun]:
    if not late.block:
        return []
    order = (late.starts_at, late.ends_at, late.code)
    same = [run for run in runs if (run.block, run.day) == (late.block, late.day)]
    return sorted(
        (run for run in same if (run.starts_at, run.ends_at, run.code) > order), key=lambda run: (run.starts_at, run.ends_at, run.code)
    )
