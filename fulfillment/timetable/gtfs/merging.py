"""Rows of a feed against rows of the county: new ones are added, others changed where they differ, none is taken away."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, insert, select, update
from sqlmodel import Session

from .cells import Column
from .codes import Codes
from .columns import Model, columns_of, defaults_of, key_of, table_of, x_file
from .extras import ExtraRow, Extras
from .report import Change, Report

CHUNK = 2000

Key = tuple[Any, ...]


def existing(session: Session, model: Model, tenant_id: int) -> dict[Key, Mapping[str, Any]]:
    """A county's rows by name, as plain mappings."""
    table, keys = table_of(model), key_of(model)
    rows = session.execute(select(*table.columns).where(table.columns["tenant_id"] == tenant_id)).mappings()
    return {tuple(row[k] for k in keys): dict(row) for row in rows}


def resolve(codes: Codes, model: Model, row: ExtraRow, report: Report) -> dict[str, Any] | None:
    """A row's values with codes made the county's and references made keys; None, said in the report, where one leads nowhere."""
    values, sound = dict(row.values), True
    for column in columns_of(model):
        if column.attribute not in values:
            continue
        value = values[column.attribute]
        if column.attribute == "code":
            values["code"] = codes.own(model, value)
        elif column.refers is not None and value is not None and column.refers is not model:
            values[column.attribute] = codes.id_of(column.refers, value)
            if values[column.attribute] is None:
                unknown(report, x_file(model), row.line, column, value)
                sound = False
    return values if sound else None


def unknown(report: Report, file: str, line: int, column: Column, value: str) -> None:
    assert column.refers is not None
    report.error(
        "unknown_reference", file, line, column.name, f"no {table_of(column.refers).name.replace('_', ' ')} has the code {value!r}"
    )


def merge(
    session: Session, model: Model, tenant_id: int, rows: Sequence[tuple[int, dict[str, Any]]], report: Report, codes: Codes
) -> set[Key]:
    """Write (line, values) rows of one model; returns the names of those that were there and changed.

    Values not given stay as they are, or take the model's default in a new row; one without default is an error.
    """
    file, keys, known = x_file(model), key_of(model), existing(session, model, tenant_id)
    defaults, needed = defaults_of(model), [c.name for c in table_of(model).columns if c.name not in ("id", "tenant_id")]
    new: list[dict[str, Any]] = []
    changed: list[dict[str, Any]] = []
    for line, values in rows:
        name = tuple(values.get(k, defaults.get(k)) for k in keys)
        if (there := known.get(name)) is None:
            row = {column: values.get(column, defaults.get(column)) for column in needed}
            for column in needed:
                if column not in values and column not in defaults:
                    report.error("column_missing", file, line, column.removesuffix("_id"), "is needed for a row that is new to the county")
            new.append({"tenant_id": tenant_id, **row})
        elif any(there[column] != value for column, value in values.items()):
            changed.append({**values, **{f"_{k}": v for k, v in zip(keys, name, strict=True)}})
    for code in sorted(codes.taken(model, [row["code"] for row in new]) if keys == ("code",) else ()):
        report.error("code_taken", file, 0, "code", f"{code!r} belongs to another county of this installation")
    report.changes[table_of(model).name] = Change(len(new), len(changed), len(rows) - len(new) - len(changed))
    if not report.failed:
        _write(session, model, tenant_id, new, changed)
        codes.forget(model)
    return {tuple(row[f"_{k}"] for k in keys) for row in changed}


def _write(session: Session, model: Model, tenant_id: int, new: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
    table = table_of(model)
    insert_chunks(session, model, new)
    for row in changed:
        here = and_(*(table.columns[k] == row[f"_{k}"] for k in key_of(model)), table.columns["tenant_id"] == tenant_id)
        session.execute(update(table).where(here).values({c: v for c, v in row.items() if not c.startswith("_")}))
    session.expire_all()


def insert_chunks(session: Session, model: Model, rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), CHUNK):
        session.execute(insert(table_of(model)), rows[start : start + CHUNK])


def merge_extras(session: Session, model: Model, extras: Extras, codes: Codes, report: Report) -> set[Key]:
    """A model that only an x_ table speaks of, row by row."""
    if model not in extras.rows:
        return set()
    rows = [(row.line, values) for row in extras.of(model).values() if (values := resolve(codes, model, row, report)) is not None]
    return merge(session, model, codes.tenant_id, rows, report, codes)
