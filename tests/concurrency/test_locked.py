"""Somebody else holds SQLite's only writer: nobody in the queue waits longer than the first, and afterwards all goes on."""

import sqlite3
from collections import Counter

import pytest

from core import db
from core.settings import settings
from tests.concurrency.rivals import at_once
from tests.shop.visitor import visitor


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_whole_queue_is_told_to_come_again(county_rows, monkeypatch, caplog):
    db.dispose()
    monkeypatch.setattr(db, "WAIT_S", 1.0)
    sku = county_rows.variants["tomato"].sku
    with visitor(program=True) as client:

        def put():
            return client.post("/cart/lines", data={"sku": sku, "qty": "1"}, headers={"sec-fetch-site": "same-origin"})

        holder = sqlite3.connect(settings.home / "jishi.db", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        refused = at_once([put] * 8)
        assert Counter(answer.status_code for answer in refused) == {503: 8}
        assert all(answer.headers["retry-after"] and answer.json()["code"] == "busy" for answer in refused)
        asked = sum("does not answer in time" in record.message for record in caplog.records)
        assert 1 <= asked < 8, "those behind the first did not wait for the database as well"
        holder.execute("ROLLBACK")
        holder.close()
        assert Counter(answer.status_code for answer in at_once([put] * 8)) == {303: 8}
