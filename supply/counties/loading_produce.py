"""A new county's growers, agreements, products and variants; a demo's with the stock of its first weigh-in."""

from datetime import date, timedelta
from random import Random
from typing import Any, NamedTuple

from sqlmodel import Session, select

from core import clock, pii
from core.codes import new_code
from supply.growers.models import Agreement, Grower
from supply.products.models import Product, Variant
from supply.stations.models import Station
from supply.stock.opening import Slip, open_stock

from .loading import ids_by, insert_rows
from .population import GrowerSeed, ProductSeed, own_population, populate
from .profile_rows import Profile

NEW_WITHIN_DAYS = 120  # demo products came into the list within these days before the opening


class LoadedProduct(NamedTuple):
    """A product as loaded: `variants` are (id, SKU) in the order of the seed's variants, which hold the prices."""

    id: int
    code: str
    seed: ProductSeed
    variants: list[tuple[int, str]]


def load_produce(session: Session, profile: Profile, seed: int, *, tenant_id: int) -> list[LoadedProduct]:
    """A demo's growers and goods, invented where the profile names none; out of season a variant has an empty level."""
    people = populate(profile, seed)
    dice, since = Random(f"{seed}/age"), profile.county.shares[0].starts  # noqa: S311 repeatable
    stations = _stations(session, tenant_id)
    growers = _growers(session, people.growers, stations, tenant_id=tenant_id, since=since)
    ages = [timedelta(minutes=dice.randrange(NEW_WITHIN_DAYS * 1440)) for _ in people.products]
    products = _products(session, people.products, ages, stations, growers, tenant_id=tenant_id)
    _stock(session, profile, products, stations, growers, Random(f"{seed}/stock"), tenant_id=tenant_id)  # noqa: S311 repeatable
    return products


def load_own_produce(session: Session, profile: Profile, *, shelves: bool, tenant_id: int) -> list[LoadedProduct]:
    """The stations as their own suppliers and, with `shelves`, the products that the profile names; every level stands empty."""
    people = own_population(profile)
    stations, today = _stations(session, tenant_id), clock.today()
    growers = _growers(session, people.growers, stations, tenant_id=tenant_id, since=today)
    seeds = people.products if shelves else ()
    products = _products(session, seeds, [timedelta()] * len(seeds), stations, growers, tenant_id=tenant_id)
    slips = [
        Slip(variant_id, stations[p.seed.station], growers[p.seed.grower], 0, 0, today, today)
        for p in products
        for variant_id, _ in p.variants
    ]
    open_stock(session, slips, tenant_id=tenant_id)
    return products


def _stations(session: Session, tenant_id: int) -> dict[str, int]:
    return dict(session.exec(select(Station.code, Station.node_id).where(Station.tenant_id == tenant_id)).all())


def _growers(
    session: Session, seeds: tuple[GrowerSeed, ...], stations: dict[str, int], *, tenant_id: int, since: date
) -> dict[str, int]:  # fmt: skip
    insert_rows(
        session, Grower, tenant_id,
        [
            {
                "code": g.code, "name": g.name, "kind": g.kind, "station_id": stations[g.station],
                "phone_sealed": pii.seal(g.phone, f"grower.phone:{g.code}") if g.phone else None,
            }
            for g in seeds
        ],
    )  # fmt: skip
    ids = ids_by(session, Grower, tenant_id)
    insert_rows(
        session, Agreement, tenant_id,
        [
            {"grower_id": ids[g.code], "kind": g.agreement, "share_bp": g.share_bp, "starts_on": since}
            for g in seeds
        ],
    )  # fmt: skip
    return ids


def _products(
    session: Session,
    seeds: tuple[ProductSeed, ...],
    ages: list[timedelta],
    stations: dict[str, int],
    growers: dict[str, int],
    *,
    tenant_id: int,
) -> list[LoadedProduct]:
    codes = [new_code("P") for _ in seeds]
    now = clock.now()
    insert_rows(
        session, Product, tenant_id,
        [
            {
                "code": code, "name": p.name, "category": p.category, "station_id": stations[p.station],
                "grower_id": growers[p.grower], "story": p.story, "storage": p.storage, "shelf_days": p.shelf_days,
                "months": list(p.months), "created_at": now - age,
            }
            for code, p, age in zip(codes, seeds, ages, strict=True)
        ],
    )  # fmt: skip
    ids = ids_by(session, Product, tenant_id)
    rows: list[dict[str, Any]] = []
    skus: list[list[str]] = []
    for code, p in zip(codes, seeds, strict=True):
        skus.append([new_code("K") for _ in p.variants])
        rows += [
            {
                "product_id": ids[code], "sku": sku, "spec": v.spec, "net_g": v.net_g, "gross_g": v.gross_g,
                "ml": v.ml, "box_milli": v.box_milli, "position": position,
            }
            for position, (sku, v) in enumerate(zip(skus[-1], p.variants, strict=True))
        ]  # fmt: skip
    insert_rows(session, Variant, tenant_id, rows)
    by_sku = ids_by(session, Variant, tenant_id, "sku")
    return [
        LoadedProduct(ids[code], code, p, [(by_sku[sku], sku) for sku in own])
        for code, p, own in zip(codes, seeds, skus, strict=True)
    ]  # fmt: skip


def _stock(
    session: Session, profile: Profile, products: list[LoadedProduct], stations: dict[str, int], growers: dict[str, int], dice: Random,
    *, tenant_id: int,
) -> None:  # fmt: skip
    """One lot per variant in season, weighed in now; out of season the level stands empty."""
    demo, today = profile.county.demo, clock.today()
    slips = []
    for product in products:
        for (variant_id, _), v in zip(product.variants, product.seed.variants, strict=True):
            units = dice.randint(demo.stock_min, demo.stock_max)
            in_season = today.month in product.seed.months
            slips.append(
                Slip(
                    variant_id, stations[product.seed.station], growers[product.seed.grower], units if in_season else 0, units * v.net_g,
                    today, today + timedelta(days=product.seed.shelf_days),
                )
            )  # fmt: skip
    open_stock(session, slips, tenant_id=tenant_id)
