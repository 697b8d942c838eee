"""Counties that only hear prices end where one joint programme would put them, and never overbook a lane."""

import random

import highspy
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fulfillment.batching.lanes import allot, mean_demand, next_prices, step_of

ROUNDS = 120


def province(seed):
    """Counties' parcels as (grams, gain of riding lane a, of lane b) over their own trunk, and the lanes' room: half of what all want."""
    rng = random.Random(seed)
    counties = {
        f"c{n}": [(rng.choice([500, 1000, 2500, 5000]), rng.uniform(-20, 200), rng.uniform(-20, 200)) for _ in range(rng.randint(20, 120))]
        for n in range(rng.randint(2, 6))
    }
    total = sum(g for parcels in counties.values() for g, *_ in parcels)
    return counties, {"a": total * rng.uniform(0.15, 0.4), "b": total * rng.uniform(0.15, 0.4)}


def answer(parcels, prices):
    """What one county wants of each lane at these prices, and what it gains after paying them: it knows nothing of the others."""
    want, gain = {"a": 0.0, "b": 0.0}, 0.0
    for g, of_a, of_b in parcels:
        net, lane = max((of_a - prices["a"] * g / 1000, "a"), (of_b - prices["b"] * g / 1000, "b"), (0.0, ""))
        gain += net
        if lane:
            want[lane] += g
    return want, gain


def best_gain(parcels, room):
    """The linear optimum of these parcels on this room, by HiGHS."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    for _, of_a, of_b in parcels:
        for gain in (of_a, of_b):
            highs.addCol(-gain, 0, 1, 0, np.array([], np.int32), np.array([]))
    for n in range(len(parcels)):
        highs.addRow(0, 1, 2, np.array([2 * n, 2 * n + 1], np.int32), np.ones(2))
    for k, lane in enumerate("ab"):
        columns = np.arange(len(parcels), dtype=np.int32) * 2 + k
        highs.addRow(0, room[lane], len(parcels), columns, np.array([float(g) for g, *_ in parcels]))
    highs.run()
    return -highs.getInfo().objective_function_value


def agree(counties, capacity, rounds=ROUNDS):
    """Rounds of prices: the last prices, each county's mean demand, and the least bound the prices have proven on all gains together."""
    prices, wanted, proven = {"a": 0.0, "b": 0.0}, {c: {"a": 0.0, "b": 0.0} for c in counties}, float("inf")
    for n in range(1, rounds + 1):
        answers = {c: answer(parcels, prices) for c, parcels in counties.items()}
        proven = min(proven, sum(gain for _, gain in answers.values()) + sum(prices[k] * capacity[k] / 1000 for k in "ab"))
        for c, (want, _) in answers.items():
            wanted[c] = {k: mean_demand(wanted[c][k], want[k], n) for k in "ab"}
        prices = next_prices({k: sum(want[k] for want, _ in answers.values()) for k in "ab"}, capacity, prices, step_of(n))
    return prices, wanted, proven


@pytest.mark.parametrize("seed", range(12))
def test_prices_bring_the_counties_to_what_one_joint_programme_would_do(seed):
    counties, capacity = province(seed)
    joint = best_gain([p for parcels in counties.values() for p in parcels], capacity)
    _, wanted, proven = agree(counties, capacity)
    assert joint <= proven + 1e-6 <= joint * 1.01 + 1, "a bound that is true, and near"
    shares = {k: allot(int(capacity[k]), {}, {c: wanted[c][k] for c in counties}) for k in "ab"}
    assert all(sum(shares[k].values()) <= capacity[k] for k in "ab")
    alone = sum(best_gain(parcels, {k: shares[k][c] for k in "ab"}) for c, parcels in counties.items())
    assert joint * 0.98 <= alone <= joint + 1e-6, "each by itself in its share loses little"


@pytest.mark.parametrize("seed", range(12))
def test_prices_do_better_than_shares_by_size(seed):
    counties, capacity = province(seed)
    _, wanted, _ = agree(counties, capacity)
    weights = {c: float(sum(g for g, *_ in parcels)) for c, parcels in counties.items()}

    def gain(wish):
        shares = {k: allot(int(capacity[k]), {}, {c: wish(c, k) for c in counties}) for k in "ab"}
        return sum(best_gain(parcels, {k: shares[k][c] for k in "ab"}) for c, parcels in counties.items())

    assert gain(lambda c, k: wanted[c][k]) >= gain(lambda c, k: weights[c]) * 0.995


def test_a_lane_nobody_wants_becomes_free_and_one_without_room_ever_dearer():
    prices = {"a": 30.0, "b": 0.0}
    for n in range(1, 40):
        prices = next_prices({"b": 5000.0}, {"a": 1000.0, "b": 0.0}, prices, step_of(n))
    assert prices["a"] == 0
    assert prices["b"] > 500


grams = st.integers(0, 10**9)
counties = st.dictionaries(st.sampled_from("abcdefgh"), grams)


@given(room=grams, planned=counties, wanted=st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1e9)))
def test_shares_never_add_up_to_more_than_the_lane_and_never_fall_below_what_is_planned(room, planned, wanted):
    shares = allot(room, planned, wanted)
    assert shares.keys() == planned.keys() | wanted.keys()
    assert all(shares[c] >= planned.get(c, 0) for c in shares)
    assert sum(shares.values()) <= max(room, sum(planned.values()))
    assert shares == allot(room, dict(reversed(planned.items())), wanted), "whoever is named first"


@given(room=grams, wanted=st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0, 1e8), min_size=1))
def test_when_all_wishes_fit_everyone_has_its_wish(room, wanted):
    if sum(wanted.values()) <= room:
        assert all(share >= int(wanted[c]) for c, share in allot(room, {}, wanted).items())
