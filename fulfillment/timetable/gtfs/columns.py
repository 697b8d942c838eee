"""What our own tables exchange: every column of every table of fulfillment.network.models, of nodes and of townships, by name.

Nothing is listed by hand, so a new column or table travels without a word here: names, types and defaults are read off the
models, references off the foreign keys and written as codes. Not exchanged: keys, and what only this installation knows.
"""

import inspect
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from types import NoneType, UnionType
from typing import Any, Union, cast, get_args, get_origin

from sqlalchemy import BigInteger, Table, UniqueConstraint
from sqlmodel import SQLModel

from fulfillment.network import models as network
from supply.counties.models import Township
from supply.stations.models import Node

from .cells import INT32, INT64, Column

Model = type[SQLModel]

PLAIN = (bool, int, float, str, datetime, date)  # an enumeration is the text or number it derives from
BOOKKEEPING = frozenset({"id", "tenant_id", "runs_from", "runs_until"})
HELD: dict[Model, frozenset[str]] = {
    Node: frozenset({"name", "lat", "lon"}),
    network.Line: frozenset({"number", "name", "operator"}),
    network.Trip: frozenset({"line_id", "calendar_id", "block"}),
    network.StopTime: frozenset({"node_id", "arr_min", "dep_min"}),
}
"""Columns that a standard table says; the x_ table does not say them again, so the two cannot contradict each other."""
WHOLLY_STANDARD: frozenset[Model] = frozenset({network.Transfer})
"""Tables of which a standard table says everything: there is no x_ table of theirs."""


def table_of(model: Model) -> Table:
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@lru_cache(maxsize=1)
def exchanged_models() -> tuple[Model, ...]:
    """Every exchanged table, those that others refer to first."""
    models: dict[Table, Model] = {table_of(m): m for m in (Township, Node)}
    for found in vars(network).values():
        if inspect.isclass(found) and issubclass(found, SQLModel) and found.__module__ == network.__name__ and hasattr(found, "__table__"):
            models[table_of(found)] = found
    return tuple(models[t] for t in SQLModel.metadata.sorted_tables if t in models)


def x_models() -> tuple[Model, ...]:
    """Exchanged tables that have an x_ table."""
    return tuple(model for model in exchanged_models() if model not in WHOLLY_STANDARD)


def x_file(model: Model) -> str:
    return f"x_{table_of(model).name}s.txt"


@lru_cache(maxsize=64)
def columns_of(model: Model) -> tuple[Column, ...]:
    """Every exchanged column but those that standard tables hold, the row's name first.

    Raises TypeError for a reference to rows without a code: such a column needs a decision, not silence.
    """
    held = HELD.get(model, frozenset())
    every = [_column(model, c.name) for c in table_of(model).columns if c.name not in BOOKKEEPING | held]
    names = key_of(model)
    return tuple(sorted(every, key=lambda column: column.attribute not in names))


def key_of(model: Model) -> tuple[str, ...]:
    """Attributes that name a row within its county: its code, else its primary key, else what must be unique."""
    table = table_of(model)
    if "code" in table.columns and "id" in table.columns:
        return ("code",)
    primary = tuple(c.name for c in table.primary_key.columns if c.name != "tenant_id")
    if primary != ("id",):
        return primary
    unique = (c for c in table.constraints if isinstance(c, UniqueConstraint))
    return tuple(c.name for c in next(unique).columns if c.name != "tenant_id")


def defaults_of(model: Model) -> dict[str, Any]:
    """Values of the columns that need not be given."""
    return {name: default() for name, default in _defaults(model).items()}


@cache
def _defaults(model: Model) -> dict[str, Callable[[], Any]]:
    """What makes each: pydantic would look at every factory's signature again for every row."""
    fields = {c.name: model.model_fields[c.name] for c in table_of(model).columns if c.name not in ("id", "tenant_id")}
    optional = {name: field for name, field in fields.items() if not field.is_required()}
    return {name: cast(Callable[[], Any], field.default_factory or field.get_default) for name, field in optional.items()}


def is_code_global(model: Model) -> bool:
    """Whether the code is unique across the installation and therefore carries the county's prefix."""
    code = table_of(model).columns.get("code")
    return code is not None and bool(code.unique)


def _column(model: Model, attribute: str) -> Column:
    column = table_of(model).columns[attribute]
    kind, items, optional = _type(model.model_fields[attribute].annotation)
    highest = INT64 if isinstance(column.type, BigInteger) else INT32
    keys = list(column.foreign_keys)
    if not keys:
        return Column(attribute, attribute, kind, items, optional, None, highest)
    target = _model_of(keys[0].column.table)
    if "code" not in table_of(target).columns:
        raise TypeError(f"{model.__name__}.{attribute} refers to {target.__name__}, which has no code")
    return Column(attribute.removesuffix("_id"), attribute, str, None, optional, target)


def _model_of(table: Table) -> Model:
    mappers = SQLModel._sa_registry.mappers
    found: Model = next(m.class_ for m in mappers if m.local_table is table)
    return found


def _type(annotation: Any) -> tuple[type, type | None, bool]:
    """Plain type, type of a list's items, whether it may be None."""
    optional = False
    if get_origin(annotation) in (Union, UnionType):
        parts = [part for part in get_args(annotation) if part is not NoneType]
        optional, annotation = True, parts[0]
    origin = get_origin(annotation)
    if origin is list:
        items = get_args(annotation)[0]
        return list, items if items in (int, str) else None, optional
    if origin is dict:
        return dict, None, optional
    plain = next(base for base in annotation.__mro__ if base in PLAIN)
    return plain, None, optional
