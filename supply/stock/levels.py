"""The one place where a level's numbers change: guarded updates in level-id order, and word of what sold out or came back.

Check and write are one statement: `UPDATE … WHERE on_hand - reserved - allocated >= :q`, and its row decides.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

from sqlalchemy import Table, Update, bindparam
from sqlmodel import Session, col, select, update

from core.errors import Conflict
from core.i18n import gettext
from core.outbox import emit
from core.upsert import Upsert
from supply.counties.catalogue import raise_catalogue
from supply.products.models import Product, Variant

from .models import StockLevel

FREE = col(StockLevel.on_hand) - col(StockLevel.reserved) - col(StockLevel.allocated)
_level: Table = StockLevel.__table__  # type: ignore[attr-defined]
_free = _level.c.on_hand - _level.c.reserved - _level.c.allocated
_OPEN = Upsert(StockLevel, lambda insert: insert.on_conflict_do_nothing(index_elements=["tenant_id", "variant_id", "place_id"]))


class SoldOut(Conflict):
    """Fewer units are free than were asked for; `sku` and `left` say of what and how many there still are."""

    code = "sold_out"


class Change(NamedTuple):
    """What is added to a level's columns; units."""

    on_hand: int = 0
    reserved: int = 0
    allocated: int = 0

    @property
    def takes(self) -> int:
        """How many free units it uses up; below 0 it sets some free."""
        return self.reserved + self.allocated - self.on_hand


def open_level(session: Session, variant_id: int, place_id: int, *, tenant_id: int) -> int:
    """The id of the variant's level at this place, made empty when there is none."""
    empty = {"on_hand": 0, "reserved": 0, "allocated": 0}
    _OPEN.run(session, {"tenant_id": tenant_id, "variant_id": variant_id, "place_id": place_id, **empty})
    found = session.exec(
        select(StockLevel.id).where(
            StockLevel.tenant_id == tenant_id, StockLevel.variant_id == variant_id, StockLevel.place_id == place_id
        )
    )  # fmt: skip
    return found.one() or 0


def change_levels(session: Session, changes: Mapping[int, Change], *, tenant_id: int) -> None:
    """Apply one change per level id, in id order. Raises SoldOut at the first level with too few free units.

    Products and the county are written after all levels, so that the order of locks is the same for everyone.
    """
    flipped: list[tuple[int, int]] = []
    session.flush()
    for level_id, change in sorted(changes.items()):
        more = {column: units for column, units in change._asdict().items() if units}
        if not more:
            continue
        named = {"level": level_id, "tenant": tenant_id, **{f"more_{column}": units for column, units in more.items()}}
        if change.takes > 0:
            named["takes"] = change.takes
        row = session.connection().execute(_changing(tuple(more), change.takes > 0), named).first()
        if row is None:
            raise _sold_out(session, level_id)
        after, variant_id = row
        if (after + change.takes == 0) != (after == 0):
            flipped.append((variant_id, level_id))
    if flipped:
        _tell_flips(session, flipped, tenant_id=tenant_id)


@lru_cache(maxsize=32)
def _changing(columns: tuple[str, ...], takes: bool) -> Update:
    """The UPDATE that adds to these columns of one level, if it takes units only while so many are free."""
    guarded = update(_level).where(_level.c.id == bindparam("level"), _level.c.tenant_id == bindparam("tenant"))
    if takes:
        guarded = guarded.where(_free >= bindparam("takes"))
    values = {column: _level.c[column] + bindparam(f"more_{column}") for column in columns}
    return guarded.values(values).returning(_free, _level.c.variant_id)


def _tell_flips(session: Session, flipped: Iterable[tuple[int, int]], *, tenant_id: int) -> None:
    """Variants sold out or came back: cached pages and the search index must see it."""
    level_of = dict(flipped)
    products = session.execute(
        select(Product.id, Product.code, Variant.id)
        .join(Variant, col(Variant.product_id) == col(Product.id))
        .where(col(Variant.id).in_(level_of))
        .order_by(col(Product.id), col(Variant.id))
    ).all()
    for product_id, code, variant_id in products:
        version = session.execute(
            update(Product)
            .where(col(Product.id) == product_id)
            .values(version=col(Product.version) + 1)
            .returning(col(Product.version))
            .execution_options(synchronize_session=False)
        ).scalar_one()
        key = f"{code}:{version}:{level_of[variant_id]}"
        emit(session, "stock.changed", tenant_id=tenant_id, key=key, payload={"product_code": code})
    raise_catalogue(session, tenant_id)


def _sold_out(session: Session, level_id: int) -> SoldOut:
    found = session.execute(
        select(Variant.sku, Variant.spec, Product.name, FREE)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .join(StockLevel, col(StockLevel.variant_id) == col(Variant.id))
        .where(StockLevel.id == level_id)
    ).one()
    sku, spec, name, left = found
    words = gettext("{name}（{spec}）只剩 {left} 件") if left else gettext("{name}（{spec}）已经卖完")
    return SoldOut(words.format(name=name, spec=spec, left=left), sku=sku, left=left)
