"""What a page costs as the county's past and shelf grow: the loaded days, then 10 and 100 times their orders, products and history.

A page shows what it always shows – today's work, the newest rows, the first of a list – so what it costs must not follow what lies
behind it. Every page is made anew for each request (`Cache-Control: no-cache`).
"""

from collections.abc import Callable
from pathlib import Path

from sqlmodel import col, func, select

from bench.history import History
from bench.load import cpu_seconds, measure
from bench.many_products import stock_many
from bench.rig import County, Rig, loaded, table
from bench.web import FRESH
from core import db
from fulfillment.consignments.models import Parcel
from supply.products.models import Product

DAYS, ORDERS = 3, 30
TIMES = (1, 10, 100)
SECONDS, WARM_S = 1.2, 0.4
PLACED = 20  # orders, for what placing one costs
GROWS = 1.5  # × of the first column: more is growth, less is a busy machine
ADMIN, DISPATCHER, FINANCE, SELLER, CONSUMER, SORTER, MASTER = (f"138000000{n:02d}" for n in (1, 2, 4, 5, 6, 7, 11))


def main(database: str) -> Callable[[Path], str]:
    """The measurement on one database."""
    return lambda folder: _grown(database, folder)


def _grown(database: str, folder: Path, times: tuple[int, ...] = TIMES) -> str:
    costs: dict[str, list[float]] = {}
    notes = []
    with loaded(database, folder, days=DAYS, orders=ORDERS) as county:
        with county.here():
            history, shelf, pages = History(DAYS), _products(), _pages()
        for before, now in zip((1, *times), times, strict=False):
            if now > before:
                with county.here():
                    rows = history.lengthen(now)
                    stock_many(shelf * (now - before))
                county.run("reindex")
                notes.append(f"{now}×: {rows:,} rows of history added, {shelf * now:,} products")
            for name, cost in _measured(county, pages):
                costs.setdefault(name, []).append(cost)
    head = ["CPU-ms", *(f"{n}×" for n in times), f"{times[-1]}× / 1×", "grows"]
    rows_shown = []
    for name, taken in costs.items():
        ratio = taken[-1] / taken[0]
        rows_shown.append([name, *(f"{cost:.2f}" for cost in taken), f"{ratio:.1f}", "**yes**" if ratio > GROWS else ""])
    return "; ".join(notes) + "\n\n" + table(head, rows_shown)


def _products() -> int:
    with db.reading() as session:
        return session.exec(select(func.count(col(Product.id)))).one()


def _pages() -> dict[str, tuple[str, str]]:
    """Name → (whose, path); a delivered parcel and its product stay the same at every size."""
    with db.reading() as session:
        parcel = session.exec(select(Parcel).where(Parcel.status == "delivered").order_by(col(Parcel.id))).first()
        assert parcel is not None
        best = session.exec(select(Product).order_by(col(Product.sales).desc(), col(Product.id))).first()
        assert best is not None
    return {
        "home": ("", "/"), "channel": ("", "/s/{station}"), "list": ("", "/search"), "search": ("", "/search?q=%E7%AC%8B"),
        "product": ("", f"/p/{best.code}"), "API: list": ("", "/api/v1/products?limit=24"),
        "API: departures": ("", "/api/v1/departures?line={line}"), "tracking": ("", f"/track/{parcel.code}"), "travel": ("", "/travel"),
        "villages": ("", "/villages"), "account orders": (CONSUMER, "/orders"), "seller": (SELLER, "/live"),
        "station desk": (MASTER, "/station"), "station packing": (MASTER, "/station/packing"),
        "station listings": (MASTER, "/station/listings"), "station income": (MASTER, "/station/income"), "hub": (SORTER, "/hub"),
        "ops": (DISPATCHER, "/ops"), "finance": (FINANCE, "/finance"), "county": (ADMIN, "/county"), "people": (ADMIN, "/county/people"),
    }  # fmt: skip


def _measured(county: County, pages: dict[str, tuple[str, str]]) -> list[tuple[str, float]]:
    taken = []
    with county.served() as rig:
        with rig.shop.client() as client:
            station = client.ask("/api/v1/stations")["items"][0]["code"]
            line = client.ask("/api/v1/departures")["items"][0]["line"]
        cookies = {phone: _cookie(rig, phone) for phone, _path in pages.values()}
        for name, (phone, path) in pages.items():
            paths, headers = [path.format(station=station, line=line)], FRESH + cookies[phone]
            measure(rig.shop.port, paths, rig.pids, seconds=WARM_S, headers=headers)
            figures = measure(rig.shop.port, paths, rig.pids, seconds=SECONDS, headers=headers)
            if figures.failures:
                raise SystemExit(f"{name}: {figures.failures} of {figures.requests} failed")
            taken.append((name, figures.cpu_ms))
        taken.append(("quote and order", _placing(rig)))
    return taken


def _cookie(rig: Rig, phone: str) -> str:
    if not phone:
        return ""
    with rig.shop.client(phone) as client:
        return f"Cookie: {'; '.join(f'{name}={value}' for name, value in client.cookies.items())}\r\n"


def _placing(rig: Rig) -> float:
    """CPU-ms of a quote and an order by program."""
    with rig.shop.client() as client:
        goods = client.in_stock(4, at_least=PLACED)
        before = cpu_seconds(rig.pids)
        for n in range(PLACED):
            answer = client.order([{"sku": goods[n % len(goods)][1]["sku"], "qty": 1}], phone=f"1377{n:07d}")
            assert answer.status_code == 201, answer.text
        return (cpu_seconds(rig.pids) - before) * 1000 / PLACED
