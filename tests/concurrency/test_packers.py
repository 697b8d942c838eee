"""Masters pack while buyers take the same goods: every level is locked in one order, so nobody waits in a circle."""

import random
from datetime import timedelta

import pytest
from sqlmodel import func, select

from core import clock, db, tasks
from fulfillment.consignments.models import Consignment, ConsignmentStatus
from fulfillment.consignments.service import pack
from shop.orders.models import Order
from supply.stock.models import StockLevel
from supply.stock.service import receive_lot
from tests.concurrency.rivals import at_once
from tests.shop.buying import buy, pay

GOODS = ["tomato", "tomato-small", "tea"]
JOBS = 12


@pytest.fixture
def paid(county_rows):
    """Consignments of all three goods, plenty of which is left; their lines stand in any order."""
    with db.writing() as session:
        for name in GOODS:
            receive_lot(
                session, county_rows.variants[name], place_id=county_rows.stations[0].node_id, grower_id=county_rows.growers[1].id,
                units=200, grams=200_000, harvested_on=clock.today(), best_before=clock.today() + timedelta(days=7),
            )  # fmt: skip
    for _ in range(JOBS):
        with db.writing() as session:
            number = buy(session, county_rows, *[(name, 2) for name in random.sample(GOODS, 3)]).number
        with db.writing() as session:
            pay(session, number)
    tasks.drain()
    with db.reading() as session:
        return list(session.exec(select(Consignment.id)))


def test_packers_and_buyers_of_the_same_goods_never_deadlock(county_rows, paid):
    def packing(row_id):
        with db.writing() as session:  # once: nothing is tried again
            return len(pack(session, session.get_one(Consignment, row_id), by="UMASTER"))

    def buying():
        with db.writing() as session:
            return buy(session, county_rows, *[(name, 1) for name in GOODS]).number

    works = [work for row_id in paid for work in (lambda row_id=row_id: packing(row_id), buying, buying)]
    outcomes = at_once(works, threads=8)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    with db.reading() as session:
        packed = select(func.count()).where(Consignment.status == ConsignmentStatus.PACKED)
        assert session.exec(packed).one() == JOBS
        assert session.exec(select(func.count()).select_from(Order)).one() == 3 * JOBS
        for name in GOODS:
            level = session.get_one(StockLevel, county_rows.level(session, name))
            assert (level.allocated, level.reserved) == (0, 2 * JOBS)
