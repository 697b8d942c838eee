"""A request that loses a deadlock is done again: its buyer sees an order, not a fault."""

import logging
import threading
import time

import pytest
from sqlmodel import Session, select, text

from core import db
from shop.orders.models import Order
from supply.stock.models import StockLevel
from tests.shop.buying import SHANGHAI
from tests.shop.visitor import visitor

PATIENCE = 5  # seconds a waiting transaction looks for no deadlock: time for the rival to make one, and less than lock_timeout
WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")


def be_patient() -> None:
    with db.writing() as session:
        name = session.exec(text("SELECT current_database()")).one()[0]
        session.exec(text(f"ALTER DATABASE {name} SET deadlock_timeout = '{PATIENCE}s'"))
    db.dispose()  # connections made from now on know it


def lock(session: Session, level_id: int) -> None:
    session.exec(select(StockLevel.id).where(StockLevel.id == level_id).with_for_update()).one()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_buyer_who_meets_a_deadlock_has_an_order(county_rows, caplog):
    names = ("tomato", "clam")
    with db.reading() as session:
        first, second = sorted(county_rows.level(session, name) for name in names)
    items = [{"sku": county_rows.variants[name].sku, "qty": 1} for name in names]
    sent = {"items": items, "address": SHANGHAI.model_dump(), "contact": {"name": "王", "phone": "13912345678"}}
    caplog.set_level(logging.INFO, "jishi.web")
    client = visitor(program=True)
    sent["expected_total_fen"] = client.post("/api/v1/quotes", json={k: sent[k] for k in ("items", "address")}).json()["total_fen"]
    be_patient()
    answers = []
    buyer = threading.Thread(target=lambda: answers.append(client.post("/api/v1/orders", json=sent)))
    with db.writing() as rival:
        rival.exec(text("SET LOCAL deadlock_timeout = '60s'"))
        lock(rival, second)
        buyer.start()  # takes the first level, waits for the second …
        with db.reading() as watching:
            while not watching.exec(WAITING).one()[0]:
                time.sleep(0.01)
        lock(rival, first)  # … and loses: the rival looks for no deadlock
    buyer.join()
    assert [a.status_code for a in answers] == [201]
    with db.reading() as session:
        assert len(session.exec(select(Order)).all()) == 1
        assert [session.get(StockLevel, level).reserved for level in (first, second)] == [1, 1]
    assert "create_order lost a deadlock" in caplog.text
