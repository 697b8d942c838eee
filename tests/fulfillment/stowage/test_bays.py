"""Where boxes stand: no order and no choice of bays needs fewer lifts, checked by trying them all on small runs."""

from functools import cache
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.stowage.bays import Bay, stow
from fulfillment.stowage.stack import Group, least_lifts


def by_trying_all(groups: tuple[Group, ...]) -> int:
    """Fewest lifted boxes in one bay: every depth at every stop, everything taken out put back in every order."""
    stops = sorted({g.board for g in groups} | {g.alight for g in groups})

    @cache
    def best(n: int, stack: tuple[Group, ...]) -> int:
        if n == len(stops):
            return 0
        stop = stops[n]
        most = next((i for i, g in enumerate(stack) if g.alight == stop), len(stack))
        found = None
        for depth in range(most + 1):
            stays = [g for g in stack[depth:] if g.alight != stop]
            for order in permutations([*stays, *(g for g in groups if g.board == stop)]):
                total = sum(g.boxes for g in stays) + best(n + 1, stack[:depth] + order)
                found = total if found is None else min(found, total)
        assert found is not None
        return found

    return best(0, ())


def group(key: int, board: int, alight: int, boxes: int = 1) -> Group:
    return Group(key, board, alight, boxes)


def groups(most: int, stops: int) -> st.SearchStrategy[list[Group]]:
    stretch = st.tuples(st.integers(0, stops - 1), st.integers(0, stops - 1), st.integers(1, 3)).filter(lambda s: s[0] != s[1])
    one = st.lists(stretch, min_size=1, max_size=most)
    return one.map(lambda rows: [group(n, min(a, b), max(a, b), boxes) for n, (a, b, boxes) in enumerate(rows)])


@given(groups(5, 5))
def test_one_bay_is_never_worked_with_fewer_lifts(mine: list[Group]) -> None:
    assert least_lifts(mine).lifts == by_trying_all(tuple(sorted(mine)))


@given(groups(5, 5), st.integers(1, 3))
def test_no_choice_of_bays_needs_fewer_lifts(mine: list[Group], count: int) -> None:
    bays = [Bay(f"舱{n}", None, False) for n in range(count)]
    stowed = stow(bays, mine)
    best = min(
        sum(by_trying_all(tuple(g for g, where in zip(mine, choice, strict=True) if where == bay)) for bay in range(count))
        for choice in product(range(count), repeat=len(mine))
    )
    assert stowed.exact
    assert stowed.lifts == best


@given(groups(8, 7), st.integers(1, 3), st.integers(1, 6))
def test_everything_is_loaded_once_and_off_where_it_alights_and_no_bay_is_overfull(mine: list[Group], count: int, boxes: int) -> None:
    stowed = stow([Bay(f"舱{n}", boxes, False) for n in range(count)], mine)
    aboard: dict[int, int] = {}
    for _bay, handling in stowed.bays:
        standing: tuple[Group, ...] = ()
        for step in handling.steps:
            assert {g.alight for g in step.off} <= {step.stop}
            out = [*step.lifted, *step.off]
            assert sorted(standing[len(standing) - len(out) :]) == sorted(out)  # only what stands outside is touched
            assert standing[: len(standing) - len(out)] + step.on == step.standing
            for g in step.on:
                if g not in step.lifted:
                    assert g.board == step.stop
                    aboard[g.key] = aboard.get(g.key, 0) + g.boxes
            standing = step.standing
            assert sum(g.boxes for g in standing) <= boxes
        assert standing == ()
    for g in stowed.left:
        aboard[g.key] = aboard.get(g.key, 0) + g.boxes
    assert aboard == {g.key: g.boxes for g in mine}


def test_a_run_that_only_collects_or_only_delivers_lifts_nothing() -> None:
    collects, delivers = [group(n, n, 9, 2) for n in range(9)], [group(n, 0, n + 1, 2) for n in range(9)]
    for run in (collects, delivers):
        stowed = stow([Bay("货舱", 18, False)], run)
        assert (stowed.lifts, stowed.left, stowed.exact) == (0, (), True)


def test_crossing_stretches_cost_the_smaller_lift_in_one_bay_and_nothing_in_two() -> None:
    first, second = group(0, 0, 2, 3), group(1, 1, 3, 2)
    assert stow([Bay("货舱", None, False)], [first, second]).lifts == 2
    assert stow([Bay("前舱", None, False), Bay("后舱", None, False)], [first, second]).lifts == 0


def test_lifting_deeper_once_is_taken_over_lifting_many_times() -> None:
    early, late = [group(n, 0, 6 - n) for n in range(3)], group(9, 1, 8, 5)
    handling = least_lifts([*early, late])
    assert handling.lifts == 3  # the three are lifted once when the five board, not the five three times


def test_what_no_bay_has_room_for_is_named() -> None:
    stowed = stow([Bay("前舱", 2, False), Bay("后舱", 1, False)], [group(0, 0, 3, 5)])
    assert stowed.left == (group(0, 0, 3, 2),)
    assert not stowed.exact


@pytest.mark.parametrize("count", [12, 25])
def test_a_long_run_is_answered_at_once_and_says_when_it_is_not_proven(count: int) -> None:
    crossing = [group(n, n, n + count, 1) for n in range(count)]
    stowed = stow([Bay("前舱", 30, False), Bay("后舱", 30, False)], crossing)
    assert sum(g.boxes for _, h in stowed.bays for step in h.steps for g in step.off) == count
    assert stowed.lifts > 0 and not stowed.exact


def test_where_room_is_short_nothing_is_claimed_to_be_the_least() -> None:
    crossing = [group(0, 0, 2, 2), group(1, 1, 3, 2), group(2, 1, 4, 1), group(3, 0, 5, 1)]
    stowed = stow([Bay("前舱", 3, False), Bay("后舱", 3, False)], crossing)
    assert stowed.left == ()
    assert stowed.exact is (stowed.lifts == 0)
