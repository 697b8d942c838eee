"""The x_ tables as read: per model its rows by their names, references still codes of the feed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from supply.counties.profile_rules import HubRules

from .bounds import broken_bounds
from .cells import Column
from .columns import Model, columns_of, key_of, x_file, x_models
from .report import Report
from .tables import Row, Tables

HUB_RULES = "x_hub_rules.txt"


class ExtraRow(NamedTuple):
    """Values by attribute, only of columns the table has."""

    line: int
    values: Mapping[str, Any]


@dataclass
class Extras:
    """`rows[model]` is there when the table is, even if it is empty."""

    rows: dict[Model, dict[tuple[Any, ...], ExtraRow]] = field(default_factory=dict)
    hub_rules: HubRules | None = None

    def of(self, model: Model) -> dict[tuple[Any, ...], ExtraRow]:
        return self.rows.get(model, {})


def read_extras(tables: Tables, report: Report) -> Extras:
    """Every x_ table of the feed, checked by itself; references between tables are resolved when they are written."""
    extras = Extras()
    known = {x_file(model): model for model in x_models()}
    for name in sorted(n for n in tables.names if n.startswith("x_")):
        if name in known:
            extras.rows[known[name]] = _rows(tables, known[name], report)
        elif name == HUB_RULES:
            extras.hub_rules = _hub_rules(tables, report)
        else:
            report.warning("unknown_file", name, 0, "", "the table is not one of ours; it was not read")
    return extras


def _rows(tables: Tables, model: Model, report: Report) -> dict[tuple[Any, ...], ExtraRow]:
    file, columns = x_file(model), {c.name: c for c in columns_of(model)}
    header = tables.columns(file)
    for name in header:
        if name and name not in columns:
            report.warning("unknown_column", file, 1, name, "the column is not known; it was not read")
    keys, found = key_of(model), dict[tuple[Any, ...], ExtraRow]()
    needs = [c.name for c in columns.values() if c.attribute in keys and (c.kind is not str or c.refers or c.name == "code")]
    for row in tables.rows(file, needs=needs):
        values = {c.attribute: value for name, c in columns.items() if name in header and (value := _value(row, c, report)) is not _BAD}
        for condition in broken_bounds(model, values):
            report.error("out_of_bounds", file, row.line, "", f"breaks the rule {condition}")
        key = tuple(values.get(attribute, "") for attribute in keys)
        if key in found:
            report.error("duplicate", file, row.line, columns_of(model)[0].name, f"{'/'.join(map(str, key))!r} is there twice")
        found[key] = ExtraRow(row.line, values)
    return found


_BAD = object()


def _value(row: Row, column: Column, report: Report) -> Any:
    try:
        return column.read(row[column.name])
    except ValueError as fault:
        report.error("bad_value", row.file, row.line, column.name, str(fault))
        return _BAD


def _hub_rules(tables: Tables, report: Report) -> HubRules | None:
    """One row of whole numbers from 0 on; those that have a default may be missing or empty."""
    found = None
    for row in tables.rows(HUB_RULES, needs=[name for name in HubRules._fields if name not in HubRules._field_defaults]):
        numbers: dict[str, Any] = {}
        for name in HubRules._fields:
            may_miss = name in HubRules._field_defaults
            value = None if may_miss and not row[name] else _value(row, Column(name, name, int, None, may_miss), report)
            if value is not _BAD and value is not None and value < 0:
                report.error("bad_value", HUB_RULES, row.line, name, "is less than 0")
            numbers[name] = value
        if found is not None:
            report.error("duplicate", HUB_RULES, row.line, "", "a county has one set of rules")
        found = HubRules(**numbers)
    return found
