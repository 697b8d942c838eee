"""Two hundred buyers for fifty units over HTTP: exactly fifty orders, the rest told politely, never a 5xx."""

import time
from collections import Counter
from pathlib import Path
from typing import Any

from sqlmodel import col, func, select, update

from bench.rig import DATABASES, Rig, running, table
from core import db
from shop.orders.models import OrderLine
from supply.products.models import Variant
from supply.stock.models import StockLevel
from tests.concurrency.rivals import at_once
from tests.servers.storefront import ADDRESS, Client

BUYERS, UNITS, TOGETHER = 200, 50, 40


def main(folder: Path) -> str:
    rows = []
    for database in DATABASES:
        with running(database, folder, days=1, orders=6) as rig:
            outcomes, seconds, sold = _sold_out(rig)
        accepted, refused = outcomes.pop(201, 0), outcomes.pop(409, 0)
        holds = accepted == sold == UNITS and refused == BUYERS - UNITS and not outcomes
        others = ", ".join(f"{count} × {what}" for what, count in sorted(outcomes.items(), key=str)) or "none"
        rows.append([database, str(accepted), str(refused), others, f"{BUYERS / seconds:.0f}", "yes" if holds else "**no**"])
    return table([f"{BUYERS} buyers, {UNITS} units", "accepted", "sold out", "anything else", "answers/s", "exactly 50, no 5xx"], rows)


def _sold_out(rig: Rig) -> tuple[Counter[Any], float, int]:
    """Answers by status (or the client's error), seconds, and units of this variant sold to these buyers."""
    with rig.shop.client() as client:
        _product, variant = client.in_stock(1, at_least=UNITS)[0]
        items = [{"sku": variant["sku"], "qty": 1}]
        total = client.do("/api/v1/quotes", {"items": items, "address": ADDRESS})["total_fen"]
    sku = variant["sku"]
    with rig.county.here():
        before = _units(sku)
        _leave(sku)
    body = {"items": items, "address": ADDRESS, "expected_total_fen": total}

    def buy(number: int) -> Any:
        with Client(rig.shop.address) as client:
            contact = {"name": f"买家{number}", "phone": f"139{number:08d}"}
            return client.submit("/api/v1/orders", {**body, "contact": contact}).status_code

    began = time.monotonic()
    answers = at_once([lambda n=n: buy(n) for n in range(BUYERS)], threads=TOGETHER)  # type: ignore[misc]
    seconds = time.monotonic() - began
    with rig.county.here():
        sold = _units(sku) - before
    return Counter(type(a).__name__ if isinstance(a, Exception) else a for a in answers), seconds, sold


def _leave(sku: str) -> None:
    """Exactly so many units free to sell; set by hand, as after a recount."""
    level = select(StockLevel.id).join(Variant, col(Variant.id) == col(StockLevel.variant_id)).where(Variant.sku == sku)
    with db.writing() as session:
        free = col(StockLevel.reserved) + col(StockLevel.allocated) + UNITS
        session.exec(update(StockLevel).where(col(StockLevel.id).in_(level)).values(on_hand=free))


def _units(sku: str) -> int:
    with db.reading() as session:
        return int(session.exec(select(func.coalesce(func.sum(OrderLine.quantity), 0)).where(OrderLine.sku == sku)).one())
