"""Ways from one place to another, held against every way there is."""

from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.timetable.journeys import CHANGE_MIN, MOST_RIDES, Journey, Ways, find_journeys
from fulfillment.timetable.passengers import Halt, LineFace, Ride

pytestmark = pytest.mark.hypothesis
ZERO = datetime(2026, 5, 20, tzinfo=UTC)
LATE = ZERO + timedelta(days=2)


def at(minute: int) -> datetime:
    return ZERO + timedelta(minutes=minute)


def ride(calls: list[tuple[str, int, int]], *, status: str = "scheduled", code: str = "r") -> Ride:
    halts = [Halt(n, node, node, at(a), at(d), on_request=False) for n, (node, a, d) in enumerate(calls)]
    return Ride(code, LineFace("l", "1", "线", 1, "bus"), "out", date(2026, 5, 20), status, 0, "", halts)


def summary(way: Journey) -> tuple[int, int, int]:
    minutes = [int((t - ZERO).total_seconds()) // 60 for t in (way.starts_at, way.arrives_at)]
    return minutes[0], minutes[1], way.changes


@st.composite
def timetables(draw: st.DrawFn) -> list[Ride]:
    rides = []
    for n in range(draw(st.integers(1, 7))):
        nodes = draw(st.lists(st.sampled_from("abcde"), min_size=2, max_size=4))
        minute, calls = draw(st.integers(0, 60)), []
        for node in nodes:
            wait = draw(st.integers(0, 5))
            calls.append((node, minute, minute + wait))
            minute += wait + draw(st.integers(0, 20))
        rides.append(ride(calls, status=draw(st.sampled_from(["scheduled", "scheduled", "open", "cancelled"])), code=f"r{n}"))
    return rides


def every_way(rides: list[Ride], start: str, goal: str, since: datetime) -> set[tuple[int, int, int]]:
    """(start, arrival, changes) of each way, by trying them all."""
    found: set[tuple[int, int, int]] = set()

    def go(node: str, ready: datetime, first: datetime | None, legs: int) -> None:
        for r in rides:
            if r.is_cancelled:
                continue
            for i, board in enumerate(r.halts):
                if board.node != node or board.leaves_at < ready:
                    continue
                began = first or board.leaves_at
                for off in r.halts[i + 1 :]:
                    if off.node == goal:
                        found.add((int((began - ZERO).total_seconds()) // 60, int((off.arrives_at - ZERO).total_seconds()) // 60, legs))
                    if legs + 1 < MOST_RIDES:
                        go(off.node, off.arrives_at + timedelta(minutes=CHANGE_MIN), began, legs + 1)

    go(start, since, None, 0)
    return found


@given(timetables(), st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(0, 60))
def test_the_ways_told_are_those_that_no_other_way_beats(rides: list[Ride], start: str, goal: str, minute: int) -> None:
    every = every_way(rides, start, goal, at(minute))
    best = {w for w in every if not any(o != w and o[0] >= w[0] and o[1] <= w[1] and o[2] <= w[2] for o in every)}
    told = find_journeys(rides, {start: 0}, {goal: 0}, at=at(minute), until=LATE, most=1000)
    assert {summary(way) for way in told} == best
    for way in told:
        assert not any(leg.ride.is_cancelled for leg in way.legs)
        for here, onward in zip(way.legs, way.legs[1:], strict=False):
            assert here.alight.node == onward.board.node
            assert onward.board.leaves_at >= here.alight.arrives_at + timedelta(minutes=CHANGE_MIN)


def test_a_later_start_for_the_same_arrival_is_told_once() -> None:
    slow, fast, onward = ride([("a", 0, 0), ("b", 40, 40)]), ride([("a", 20, 20), ("b", 35, 35)]), ride([("b", 60, 60), ("c", 70, 70)])
    assert [summary(w) for w in find_journeys([slow, fast, onward], {"a": 0}, {"c": 0}, at=at(0), until=LATE)] == [(20, 70, 1)]


def test_a_struck_out_run_is_not_taken_and_a_late_one_is_caught() -> None:
    gone, later = ride([("a", 10, 10), ("b", 20, 20)], status="cancelled"), ride([("a", 30, 30), ("b", 40, 40)])
    assert [summary(w) for w in find_journeys([gone, later], {"a": 0}, {"b": 0}, at=at(0), until=LATE)] == [(30, 40, 0)]


def test_walks_to_the_first_stop_between_two_and_from_the_last_count() -> None:
    first, second = ride([("a", 20, 20), ("b", 30, 30)]), ride([("pier", 45, 45), ("isle", 90, 90)])
    ways = find_journeys([first, second], {"a": 5}, {"isle": 7}, at=at(10), until=LATE, walks={"b": [("pier", 12)]})
    assert [(summary(w), w.walk_to, w.walk_from) for w in ways] == [((15, 97, 1), 5, 7)]
    assert not find_journeys([first, second], {"a": 5}, {"isle": 7}, at=at(16), until=LATE, walks={"b": [("pier", 12)]})
    assert not find_journeys([first, second], {"a": 5}, {"isle": 7}, at=at(10), until=LATE, walks={"b": [("pier", 16)]})


def test_three_changes_are_not_asked_of_anybody() -> None:
    steps = count(0, 20)
    chain = [ride([(a, m, m), (b, m + 10, m + 10)]) for a, b in ("ab", "bc", "cd", "de") for m in [next(steps)]]
    assert [w.changes for w in find_journeys(chain, {"a": 0}, {"d": 0}, at=at(0), until=LATE)] == [2]
    assert find_journeys(chain, {"a": 0}, {"e": 0}, at=at(0), until=LATE) == []


@given(
    timetables(),
    st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from("abcde"), st.integers(0, 90)), min_size=1, max_size=12),
)
def test_searches_that_go_on_where_the_last_ended_find_what_a_new_one_finds(rides: list[Ride], asked: list[tuple[str, str, int]]) -> None:
    kept = Ways(rides, {"a": [("b", 4)], "b": [("a", 4)]})
    for start, goal, minute in asked:
        fresh = find_journeys(rides, {start: 0}, {goal: 0}, at=at(minute), until=LATE, walks={"a": [("b", 4)], "b": [("a", 4)]})
        assert kept.find({start: 0}, {goal: 0}, at=at(minute), until=LATE) == fresh
