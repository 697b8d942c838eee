"""The promise board: what a product page pays to read its variants' promises, and what making the rows of a station anew costs."""

import itertools
import statistics
import time
from pathlib import Path

from sqlmodel import Session, col, func, select

from bench.rig import DATABASES, loaded, table
from core import db
from fulfillment.network.models import Zone
from fulfillment.promise.board import SIZES, Size
from fulfillment.promise.service import Asked, promises
from fulfillment.promise.stamp import board_changed
from shop.catalogue.promised import promises_of
from shop.catalogue.queries import product
from supply.counties.models import County
from supply.products.models import Product, Variant
from supply.stations.models import Station

READ_BAR_MS, MADE_BAR_MS = 0.3, 5
READS, REBUILDS = 500, 3
TIERS = ("ambient", "chilled", "frozen")


def main(folder: Path) -> str:
    rows = []
    for database in DATABASES:
        with loaded(database, folder, days=1, orders=6) as county, county.here():
            read, made = _reads(), _rebuilds()
            p95 = f"{statistics.quantiles(read, n=20)[-1]:.2f}"
            rows.append([database, "read, a product's variants", *_row(statistics.median(read), p95, READ_BAR_MS)])
            rows.append([database, "rebuilt, per station", *_row(statistics.median(made), f"{max(made):.2f}", MADE_BAR_MS)])
    return table(["", "", "ms", "p95 or worst", "bar", "holds"], rows)


def _row(middle: float, worst: str, bar: float) -> list[str]:
    return [f"{middle:.2f}", worst, f"≤ {bar:g}", "yes" if middle <= bar else "**no**"]


def _county(session: Session) -> County:
    return session.exec(select(County)).one()


def _reads() -> list[float]:
    """Milliseconds of a request's reading of the board for the product with the most variants."""
    with db.reading() as session:
        county = _county(session)
        most = select(Product.code).join(Variant, col(Variant.product_id) == col(Product.id)).group_by(col(Product.id))
        code = session.exec(most.order_by(func.count(col(Variant.id)).desc(), col(Product.id)).limit(1)).one()
        card = product(session, code, tenant_id=county.id or 0)
        promises_of(session, county, card)
    taken = []
    for _ in range(READS):
        with db.reading() as session:
            session.connection()
            began = time.perf_counter()
            promises_of(session, county, card)
            taken.append((time.perf_counter() - began) * 1000)
    return taken


def _rebuilds() -> list[float]:
    """CPU-ms a station, after the roads changed: the day's board, and every station's rows in each tier, size and zone."""
    taken = []
    for _ in range(REBUILDS):
        with db.writing() as session:
            county = _county(session)
            board_changed(session, county.id or 0)
        with db.reading() as session:
            zones = session.exec(select(Zone.code).where(Zone.tenant_id == county.id)).all()
            stations = session.exec(select(Station.node_id).where(Station.tenant_id == county.id)).all()
            asked = [
                Asked(station or 0, tier, zone, Size(size.g, size.ml, size.box_milli))
                for tier, size, station, zone in itertools.product(TIERS, SIZES, stations, zones)
            ]
            began = time.process_time()
            promises(session, county, asked)
            taken.append((time.process_time() - began) * 1000 / len(stations))
    return taken
