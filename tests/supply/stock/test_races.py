"""Real threads, real databases: whoever is first gets the goods, everyone else is told, nobody waits in a circle."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest

from core import clock, db
from supply.stock.models import StockLevel
from supply.stock.service import HoldGone, SoldOut, allocate, consume, release, reserve, retake
from tests.concurrency.rivals import at_once
from tests.county import small_county

BUYERS = 200


@pytest.fixture
def small(database):
    """The small county, committed: other threads see it."""
    with db.writing() as session:
        return small_county(session)


def buy(small, cause, wanted):
    def work(session):
        reserve(session, [(level, n, cause) for level, n in wanted], tenant_id=small.id, expires_at=clock.now() + timedelta(hours=1))
        return len(wanted)

    return db.run_write(work)


def level_of(small, name):
    with db.reading() as session:
        return session.get(StockLevel, small.level(session, name))


@pytest.mark.parametrize("mixed", [False, True], ids=["one each", "one to four each"])
def test_200_buyers_for_50_units_sell_exactly_50(small, mixed):
    level = level_of(small, "tomato").id
    wants = [1 + n % 4 if mixed else 1 for n in range(BUYERS)]
    results = at_once([partial(buy, small, f"JL{n}", [(level, want)]) for n, want in enumerate(wants)])
    assert {type(r) for r in results} == {int, SoldOut}, Counter(repr(r) for r in results)
    assert sum(want for want, r in zip(wants, results, strict=True) if r == 1) == 50
    assert level_of(small, "tomato").reserved == 50


def test_the_same_goods_in_reversed_order_never_deadlock(small):
    levels = [level_of(small, name).id for name in ("tomato", "clam", "bamboo", "tea")]
    works = [partial(buy, small, f"JL{n}", [(level, 2) for level in (levels if n % 2 else levels[::-1])]) for n in range(40)]
    results = at_once(works)
    assert {type(r) for r in results} == {int, SoldOut}, Counter(repr(r) for r in results)
    assert sum(r == 4 for r in results if isinstance(r, int)) == 25  # tomatoes, 50 of them, decide
    assert [level_of(small, name).reserved for name in ("tomato", "clam", "bamboo", "tea")] == [50] * 4


def test_expiry_and_payment_in_the_same_second_leave_one_winner_per_order(small):
    level = level_of(small, "tomato").id
    for n in range(25):
        buy(small, f"JL{n}", [(level, 2)])

    def pay(cause):
        return "paid" if db.run_write(lambda s: allocate(s, [cause], tenant_id=small.id)) == 2 else "nothing"

    def expire(cause):  # the order's own compare-and-set decides in the shop; here whoever locks the hold first does
        return "expired" if db.run_write(lambda s: release(s, [cause], tenant_id=small.id)) else "nothing"

    results = at_once([partial(work, f"JL{n}") for n in range(25) for work in (pay, expire)])
    after = level_of(small, "tomato")
    assert {r if isinstance(r, str) else type(r) for r in results} <= {"paid", "expired", HoldGone}
    assert sum(r == "expired" for r in results) == 25  # paid or not, a release frees what it finds
    assert (after.on_hand, after.reserved, after.allocated) == (50, 0, 0)


def test_two_late_payments_for_the_last_units_take_them_once(small):
    level = level_of(small, "tomato").id
    for n in range(10):
        buy(small, f"JL{n}", [(level, 40)])
        db.run_write(lambda s, n=n: release(s, [f"JL{n}"], tenant_id=small.id))

    results = at_once([partial(db.run_write, lambda s, n=n: retake(s, [f"JL{n}"], tenant_id=small.id)) for n in range(10)])
    assert Counter(type(r) for r in results) == {int: 1, SoldOut: 9}
    assert level_of(small, "tomato").allocated == 40


def test_two_packers_of_one_line_pack_it_once(small):
    level = level_of(small, "tomato").id
    buy(small, "JL1", [(level, 6)])
    db.run_write(lambda s: allocate(s, ["JL1"], tenant_id=small.id))
    results = at_once([partial(db.run_write, lambda s: consume(s, "JL1", 4, tenant_id=small.id)) for _ in range(8)])
    assert Counter(type(r) for r in results) == {list: 1, HoldGone: 7}
    after = level_of(small, "tomato")
    assert (after.on_hand, after.allocated) == (46, 2)
