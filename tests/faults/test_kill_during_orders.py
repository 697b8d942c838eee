"""I18, F1, F2: the server is killed in the middle of a rush; whatever a client saw acknowledged is there afterwards, once."""

import json
import random
import sqlite3
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.storefront import ADDRESS, Client, Storefront

BUYERS, ORDERS = 8, 200


@dataclass
class Wish:
    """One buyer's order and what that buyer knows of it."""

    key: str
    body: dict[str, Any]
    answer: dict[str, Any] | None = None  # the 201
    payment: str | None = None  # a payment whose success the shop took over with 202


class Journal:
    """What the clients sent and saw, on disk as they saw it."""

    def __init__(self, path: Path) -> None:
        self.path, self.lock, self.acknowledged = path, threading.Lock(), 0
        self.enough = threading.Event()

    def note(self, deed: str, wish: Wish, *, wanted: int) -> None:
        with self.lock, self.path.open("a") as file:
            file.write(json.dumps({"deed": deed, "key": wish.key, "answer": wish.answer, "payment": wish.payment}) + "\n")
            self.acknowledged += deed == "acknowledged"
            if self.acknowledged >= wanted:
                self.enough.set()

    def of(self, deed: str) -> dict[str, dict[str, Any]]:
        rows = [json.loads(line) for line in self.path.read_text().splitlines()]
        return {row["key"]: row for row in rows if row["deed"] == deed}


def _wishes(shop: Storefront, seed: int) -> list[Wish]:
    """200 orders of one thing each over ten things with plenty left, every one by a phone of its own."""
    rng = random.Random(seed)
    with shop.client() as client:
        goods = [variant["sku"] for _, variant in client.in_stock(10, at_least=ORDERS // 4)]
        assert len(goods) >= 4
        totals = {sku: client.do("/api/v1/quotes", {"items": [{"sku": sku, "qty": 1}], "address": ADDRESS})["total_fen"] for sku in goods}
    made = []
    for n in range(ORDERS):
        sku = goods[n % len(goods)]
        contact = {"name": f"买主{seed}-{n}", "phone": f"139{seed:02d}{n:06d}"}
        body = {"items": [{"sku": sku, "qty": 1}], "contact": contact, "address": ADDRESS, "expected_total_fen": totals[sku]}
        made.append(Wish(str(uuid.UUID(int=rng.getrandbits(128), version=4)), body))
    return made


def _buy(shop: Storefront, wishes: list[Wish], journal: Journal, wanted: int, rng: random.Random) -> None:
    """One client thread: each order as a stranger, now and then paid; it ends when the server no longer answers."""
    with Client(shop.address) as client:
        try:
            for wish in wishes:
                client.cookies.clear()
                journal.note("sent", wish, wanted=wanted)
                wish.answer = _placed(client, wish)
                journal.note("acknowledged", wish, wanted=wanted)
                if rng.random() < 0.3:
                    wish.payment = client.pay(wish.answer)
                    journal.note("paid", wish, wanted=wanted)
        except httpx.TransportError:
            return


def _placed(client: Client, wish: Wish) -> dict[str, Any]:
    """Send the order until it is taken: a busy shop says 503 and when to come again, with the same key."""
    while (answer := client.submit("/api/v1/orders", wish.body, key=wish.key)).status_code == 503:
        time.sleep(float(answer.headers["Retry-After"]))
    assert answer.status_code == 201, (answer.status_code, answer.text)
    return dict(answer.json())


def _orders_in(shop: Storefront) -> int:
    """How many orders the county has."""
    with sqlite3.connect(f"file:{shop.home / 'jishi.db'}?mode=ro", uri=True) as database:
        return int(database.execute("SELECT count(*) FROM orders").fetchone()[0])


@pytest.mark.parametrize(("seed", "moment"), [(1, 15), (2, 80), (3, 150)])
def test_a_kill_in_the_middle_loses_no_acknowledged_order_and_doubles_none(
    shop: Storefront, tmp_path: Path, seed: int, moment: int
) -> None:
    wishes, before = _wishes(shop, seed), _orders_in(shop)
    journal = Journal(tmp_path / "journal.jsonl")
    threads = [
        threading.Thread(target=_buy, args=(shop, wishes[n::BUYERS], journal, moment, random.Random(seed * 100 + n))) for n in range(BUYERS)
    ]
    for thread in threads:
        thread.start()
    assert journal.enough.wait(600), f"only {journal.acknowledged} orders: {shop.tail()}"
    time.sleep(random.Random(seed).random() * 0.05)
    shop.kill()
    for thread in threads:
        thread.join()
    shop.start()

    known = journal.of("acknowledged")
    assert moment <= len(known) < ORDERS, "the kill came in the middle"
    with shop.client() as client:
        for row in known.values():
            answer = row["answer"]
            shown = client.ask_order(answer)
            assert (shown["number"], shown["total_fen"]) == (answer["number"], answer["total_fen"])
        for wish in wishes:
            client.cookies.clear()
            again = _placed(client, wish)
            assert wish.key not in known or again["number"] == known[wish.key]["answer"]["number"]
        for row in journal.of("paid").values():
            client.wait_paid(row["answer"])
    assert _orders_in(shop) - before == ORDERS
    shop.check()
