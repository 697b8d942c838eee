"""A delay follows the vehicle along its block."""

from datetime import date, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from core import clock
from fulfillment.network.models import Trip
from fulfillment.timetable.blocks import MIN_LAYOVER_MIN, BlockRun, delays_along_block, runs_in_blocks
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY


def run(code: str, starts: int, ends: int, block: str = "b", day: date = DAY) -> BlockRun:
    return BlockRun(code, day, block, at(starts, day), at(ends, day))


def at(minutes: int, day: date = DAY) -> datetime:
    return clock.on(day, minutes)


def test_the_next_runs_of_the_vehicle_inherit_what_their_layover_does_not_absorb() -> None:
    day = [run("a", 360, 400), run("b", 412, 450), run("c", 475, 500), run("d", 520, 560)]
    assert delays_along_block(day, "a", 30) == {"a": 30, "b": 23, "c": 3}


def test_a_run_never_starts_early_and_what_ran_before_is_not_touched() -> None:
    day = [run("a", 360, 400), run("b", 412, 450), run("c", 600, 640)]
    assert delays_along_block(day, "b", 40) == {"b": 40}
    assert delays_along_block(day, "b", -10) == {}


def test_another_block_another_day_and_runs_without_a_block_stay_on_time() -> None:
    day = [
        run("a", 360, 400),
        run("b", 405, 450, block="other"),
        run("c", 405, 450, day=DAY + timedelta(days=1)),
        run("d", 405, 450, block=""),
    ]
    assert delays_along_block(day, "a", 60) == {"a": 60}
    assert delays_along_block([run("x", 360, 400, block=""), *day], "x", 60) == {"x": 60}
    assert delays_along_block(day, "unknown", 60) == {}


def test_a_turn_planned_shorter_than_the_least_layover_passes_the_whole_delay_on() -> None:
    assert delays_along_block([run("a", 360, 400), run("b", 402, 440)], "a", 7) == {"a": 7, "b": 7}


def test_the_delay_follows_past_midnight_of_the_service_day() -> None:
    assert delays_along_block([run("a", 1400, 1435), run("b", 1445, 1480)], "a", 20) == {"a": 20, "b": 15}


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 60)), min_size=1, max_size=8), st.integers(1, 200))
def test_no_vehicle_turns_faster_than_it_can_and_none_waits_longer_than_it_must(gaps: list[tuple[int, int]], delay: int) -> None:
    day, now = [], 300
    for n, (wait, ride) in enumerate(gaps):
        now += wait
        day.append(run(str(n), now, now + ride))
        now += ride
    late = delays_along_block(reversed(day), "0", delay)
    for before, after in pairwise(day):
        arrives = before.ends_at + timedelta(minutes=late.get(before.code, 0))
        turn = min(timedelta(minutes=MIN_LAYOVER_MIN), after.starts_at - before.ends_at)
        assert after.starts_at + timedelta(minutes=late.get(after.code, 0)) == max(after.starts_at, arrives + turn)


def test_a_days_blocks_are_read_without_what_is_cancelled(session: Session, county: SmallCounty) -> None:
    trips = session.exec(select(Trip).where(Trip.tenant_id == county.id)).all()
    for trip in trips:
        trip.block = "one"
    session.flush()
    struck = session.exec(select(Departure).where(Departure.service_date == DAY).order_by(col(Departure.starts_at))).first()
    assert struck
    cancel_departure(session, county.id, struck.code, reason="坏车", by="test")
    runs = runs_in_blocks(session, county.id, DAY)
    assert {r.block for r in runs} == {"one"}
    assert struck.code not in {r.code for r in runs}
    assert len(runs) == len(session.exec(select(Departure).where(Departure.service_date == DAY)).all()) - 1
