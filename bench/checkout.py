"""What one sale costs, whole: put in, quote, address and place, pay by signed notice, the confirmed page – as a browser without
script sends it – and what one scan costs in batches of 100. Everything that follows in the background is counted too.

The shop is as busy as the yardstick beside it: a machine that sleeps between two buyers spends half as much again on each. What
a process does once – compiling templates and statements, reading the day's roads – is done by the first sales, which do not count.
"""

import re
import statistics
import threading
import time
import uuid
from pathlib import Path
from typing import Any, NamedTuple

from sqlmodel import col, select

import shop.wiring  # noqa: F401 - what follows from packing is registered there
from bench.load import cpu_seconds, measure
from bench.rig import DATABASES, Rig, running, table, yardstick
from core import clock, db
from fulfillment.consignments.models import Consignment, ConsignmentStatus, Parcel, ParcelStatus
from fulfillment.consignments.service import pack
from fulfillment.network.models import Trunk
from supply.stations.models import Node
from tests.servers.storefront import ADDRESS, Client

WARM, CHECKOUTS, BUYERS = 48, 360, 24
BATCH = 100
BARS = {"sqlite": (120, 5), "postgresql": (200, 10)}  # × static12k per order and per scan event
MEASURED = ("checkout, per order", "scan upload, per event")
IDLE_S = 5
PATIENT_S = 1.0  # before the buyer looks at the order
DISPATCHER = "13800000002"


class Cost(NamedTuple):
    count: int
    seconds: float
    cpu_ms: float  # of server and database per one, what they burn idle taken off


def main(folder: Path) -> str:
    rows = []
    for database in DATABASES:
        with running(database, folder, days=1, orders=6) as rig, yardstick() as (port, pids):
            idle = _idle(rig)
            for name, take, bar in zip(MEASURED, (_checkouts, _scans), BARS[database], strict=True):
                before = measure(port, ["/static12k"], pids, seconds=2).cpu_ms
                cost = take(rig, idle)
                ratio = cost.cpu_ms / statistics.mean([before, measure(port, ["/static12k"], pids, seconds=2).cpu_ms])
                speed = f"{cost.count / cost.seconds:.1f}"
                rows.append([database, name, f"{cost.cpu_ms:.2f}", f"{ratio:.0f}", f"≤ {bar}", "yes" if ratio <= bar else "**no**", speed])
            rows.append([database, "idle, CPU-ms per second", f"{idle * 1000:.0f}", "", "", "", ""])
    return table(["", "", "CPU-ms", "× static12k", "bar", "holds", "per second"], rows)


def _idle(rig: Rig) -> float:
    """CPU seconds a second of a shop nobody visits."""
    time.sleep(2)
    before = cpu_seconds(rig.pids)
    time.sleep(IDLE_S)
    return (cpu_seconds(rig.pids) - before) / IDLE_S


def _checkouts(rig: Rig, idle: float) -> Cost:
    with rig.shop.client() as client:
        skus = [variant["sku"] for _, variant in client.in_stock(12, at_least=CHECKOUTS // 8)]
    _sell(rig, skus, range(WARM))
    began, before = time.monotonic(), cpu_seconds(rig.pids)
    _sell(rig, skus, range(WARM, WARM + CHECKOUTS))
    took, spent = time.monotonic() - began, cpu_seconds(rig.pids) - before
    return Cost(CHECKOUTS, took, (spent - idle * took) * 1000 / CHECKOUTS)


def _sell(rig: Rig, skus: list[str], sales: range) -> None:
    """These sales by all buyers at once, and whatever follows from them."""
    buyers = [threading.Thread(target=_buy, args=(rig, skus, sales[n::BUYERS])) for n in range(BUYERS)]
    for buyer in buyers:
        buyer.start()
    for buyer in buyers:
        buyer.join()
    _drained(rig)


def _buy(rig: Rig, skus: list[str], sales: range) -> None:
    with Client(rig.shop.address) as client:
        for n in sales:
            client.cookies.clear()
            _one(client, skus[n % len(skus)], f"1377777{n:04d}")


def _one(client: Client, sku: str, phone: str) -> None:
    headers = {"Origin": str(client.base_url).rstrip("/"), "Accept": "text/html"}

    def post(path: str, **form: Any) -> str:
        answer = client.post(path, data=form, headers=headers)
        assert answer.status_code in (200, 303), (path, answer.status_code, answer.text[:300])
        return answer.headers.get("location", answer.text)

    post("/cart/lines", sku=sku, qty="1", form_key=uuid.uuid4().hex)
    where = {**ADDRESS, "name": "王小明", "phone": phone}
    page = post("/checkout", **where, step="quote")
    total = re.search(r'name="expected_total_fen" value="(\d+)"', page)
    assert total is not None, page[:500]
    cashier = post("/checkout", **where, step="place", provider="sandbox", expected_total_fen=total[1], form_key=uuid.uuid4().hex)
    order = post(cashier, outcome="paid")
    for _ in range(60):
        time.sleep(PATIENT_S)
        if "/track/" in client.get(order, headers=headers).text:
            return
    raise SystemExit(f"{order} was not paid in a minute")


def _drained(rig: Rig) -> None:
    """Wait until nothing is left to do in the background."""
    with rig.shop.client() as client:
        for _ in range(600):
            if 'jishi_outbox_rows{state="pending"} 0.0' in client.get("/metrics").text:
                return
            time.sleep(0.1)
    raise SystemExit("the outbox was not empty after a minute")


def _scans(rig: Rig, idle: float) -> Cost:
    """A hundred parcels received at the hub, handed to a trunk, delivered: three uploads, every event moves a parcel. A few before them."""
    _uploads(rig, WARM // 4, "bench-first")
    took, spent = _uploads(rig, BATCH, "bench")
    return Cost(3 * BATCH, took, (spent - idle * took) * 1000 / (3 * BATCH))


def _uploads(rig: Rig, parcels: int, device: str) -> tuple[float, float]:
    """Seconds and CPU seconds of the three uploads."""
    with rig.county.here():
        codes, hub, trunk = _pack(parcels)
    spent = took = 0.0
    with rig.shop.client(DISPATCHER) as client:
        for turn, (action, place) in enumerate((("receive", hub), ("dispatch", trunk), ("deliver", trunk))):
            sent = [_event(device, action, code, place, turn * parcels + n) for n, code in enumerate(codes)]
            began, before = time.monotonic(), cpu_seconds(rig.pids)
            answer = client.do("/api/v1/scans", {"events": sent})
            took, spent = took + time.monotonic() - began, spent + cpu_seconds(rig.pids) - before
            assert {item["result"] for item in answer["items"]} == {"accepted"}, answer["items"][0]
    return took, spent


def _event(device: str, action: str, code: str, place: str, seq: int) -> dict[str, Any]:
    at = clock.local(clock.now()).isoformat()
    return {"id": uuid.uuid4().hex, "device": device, "seq": seq + 1, "at": at, "action": action, "code": code, "place": place, "by": ""}


def _pack(count: int) -> tuple[list[str], str, str]:
    """Pack what was just sold; parcel codes, the hub and a trunk by their public codes."""
    with db.writing() as session:
        waiting = select(Consignment).where(Consignment.status == ConsignmentStatus.AWAITING_PACK).order_by(col(Consignment.id).desc())
        for consignment in session.exec(waiting.limit(count)).all():
            pack(session, consignment, by="bench")
    with db.reading() as session:
        packed = select(Parcel.code).where(Parcel.status == ParcelStatus.PACKED).order_by(col(Parcel.id).desc()).limit(count)
        hub, trunk = session.exec(select(Node.code, Trunk.code).join(Trunk, col(Trunk.hub_id) == col(Node.id))).first() or ("", "")
        return list(session.exec(packed)), hub, trunk
