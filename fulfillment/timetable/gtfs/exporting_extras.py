"""The x_ tables written: every column of every exchanged model that no standard table holds, rows by name."""

from collections.abc import Mapping, Sequence
from typing import Any

from .cells import Column
from .columns import HELD, Model, columns_of, defaults_of, key_of


def extra_rows(
    model: Model, rows: Sequence[Mapping[str, Any]], codes: Mapping[Model, Mapping[int, str]]
) -> tuple[Sequence[str], list[list[str]]]:
    """Header and sorted rows. A row of a standard table that says only what goes without saying is left out."""
    columns = columns_of(model)
    wanted = [row for row in rows if model not in HELD or not _goes_without_saying(model, row)]
    names = [c for c in columns if c.attribute in key_of(model)]

    def order(row: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(_value(column, row, codes) for column in names)

    return [c.name for c in columns], [[c.write(_value(c, row, codes)) for c in columns] for row in sorted(wanted, key=order)]


def _goes_without_saying(model: Model, row: Mapping[str, Any]) -> bool:
    defaults = defaults_of(model)
    own = [c.attribute for c in columns_of(model) if c.attribute not in key_of(model)]
    return all(name in defaults and row[name] == defaults[name] for name in own)


def _value(column: Column, row: Mapping[str, Any], codes: Mapping[Model, Mapping[int, str]]) -> Any:
    value = row[column.attribute]
    return value if column.refers is None or value is None else codes[column.refers][value]
