"""Who can ride together: nobody left out, nobody late, never more than there are seats."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.customised.gathering import Asked, Gathered, gather, together
from fulfillment.customised.roads import ROAD, SEA, RideMap

pytestmark = pytest.mark.hypothesis
HUB, TOWN, GEJIA, HAITOU, ISLE = 1, 2, 3, 4, 5
RIDES = RideMap(
    [(ROAD, HUB, TOWN, 20), (ROAD, TOWN, GEJIA, 13), (ROAD, GEJIA, HAITOU, 14), (ROAD, HUB, GEJIA, 50), (SEA, HAITOU, ISLE, 40)]
)


def asked(code: str, start: int, goal: int, earliest: int, latest: int, seats: int = 1) -> Asked:
    road = RIDES.road(start, goal)
    assert road is not None
    return Asked(code, road, earliest, latest, seats)


def codes(groups: list[Gathered]) -> list[list[str]]:
    return [sorted(a.code for a in g.asked) for g in groups]


def test_a_drive_takes_the_quickest_rides_of_the_timetable_both_ways() -> None:
    there, back = RIDES.road(HAITOU, HUB), RIDES.road(HUB, HAITOU)
    assert there and back
    assert (there.nodes, there.minutes) == ((HAITOU, GEJIA, TOWN, HUB), (0, 14, 27, 47))
    assert back.takes == 47
    assert RIDES.road(HAITOU, ISLE).mode == SEA
    assert RIDES.road(HUB, ISLE) is None  # nobody drives onto a boat


def test_whoever_lives_along_the_way_at_the_right_hour_rides_along() -> None:
    far, near = asked("far", HAITOU, HUB, 480, 500), asked("near", GEJIA, HUB, 490, 510)
    (group,) = gather([near, far], 30)
    assert codes([group]) == [["far", "near"]]
    assert (group.earliest, group.latest, group.suggested) == (480, 496, 485)
    assert group.calls(485) == [(HAITOU, 485), (GEJIA, 499), (HUB, 532)]


@pytest.mark.parametrize(
    "other",
    [asked("b", GEJIA, HUB, 600, 620), asked("b", HUB, GEJIA, 480, 520), asked("b", GEJIA, HUB, 490, 510, 29), asked("b", HAITOU, ISLE, 480, 500)],
    ids=["another hour", "the other way", "no seats left", "by sea"],
)  # fmt: skip
def test_who_cannot_ride_along_is_a_group_of_their_own(other: Asked) -> None:
    assert codes(gather([asked("a", HAITOU, HUB, 480, 500, 2), other], 30)) in ([["a"], ["b"]], [["b"], ["a"]])
    assert together([asked("a", HAITOU, HUB, 480, 500, 2), other], 30) is None


def test_seats_are_counted_by_stretch_not_by_person() -> None:
    first, second = asked("a", HAITOU, GEJIA, 480, 500, 20), asked("b", GEJIA, HUB, 494, 514, 20)
    (group,) = gather([asked("c", HAITOU, HUB, 480, 500, 5), first, second], 25)
    assert (group.seats, group.booked) == (25, 45)


places = st.sampled_from([HUB, TOWN, GEJIA, HAITOU])


@given(
    st.lists(st.tuples(places, places, st.integers(0, 1380), st.integers(0, 59), st.integers(1, 20)).filter(lambda t: t[0] != t[1]), max_size=14),
    st.integers(1, 40), st.randoms(use_true_random=False),
)  # fmt: skip
def test_every_request_is_in_one_group_that_keeps_every_hour_and_seat(wanted, most, dice) -> None:
    requests = [asked(f"q{n}", a, b, early, early + wide, seats) for n, (a, b, early, wide, seats) in enumerate(wanted)]
    groups = gather(requests, most)
    assert sorted(a.code for g in groups for a in g.asked) == sorted(a.code for a in requests)
    for g in groups:
        assert g.earliest <= g.suggested <= g.latest
        assert g.seats <= max(most, max(a.seats for a in g.asked)) and (g.seats <= most or len(g.asked) == 1)
        for start in (g.earliest, g.latest):
            calls = dict(g.calls(start))
            for a in g.asked:
                assert a.earliest <= calls[a.road.nodes[0]] <= a.latest
                assert calls[a.road.nodes[0]] < calls[a.road.nodes[-1]]
    shuffled = list(requests)
    dice.shuffle(shuffled)
    assert gather(shuffled, most) == groups
