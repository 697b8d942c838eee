"""I18 and I19, as far as a database shows them: no row refers to one that is gone, instants are UTC, days are Shanghai's."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, String, case, cast, func, inspect, select, text, type_coerce
from sqlmodel import Session, col
from sqlmodel.sql.sqltypes import UTCDateTime

from core.invariants import invariant
from core.ledger.models import Journal
from core.tables import metadata

WRITTEN = "????-??-?? ??:??:??.?????[0-9]"  # as we write an instant: no T, no offset, no Z, microseconds always


@invariant("I18", "no row refers to a row that is gone", tables=())
def references_stand(session: Session) -> Iterable[str]:
    """PostgreSQL keeps this itself; SQLite only while the connection that writes asks for it."""
    if session.get_bind().dialect.name != "sqlite":
        return []
    rows = session.execute(text("PRAGMA foreign_key_check"))
    return [f"{table} row {row_id}: its {parent} is gone" for table, row_id, parent, _ in rows]


@invariant("I19", "a journal's business day is its instant's day in Shanghai", tables=("journal",))
def business_days_are_shanghais(session: Session) -> Iterable[str]:
    if session.get_bind().dialect.name == "sqlite":
        whole_seconds = func.substr(cast(col(Journal.posted_at), String), 1, 19)  # SQLite would round a day's last half millisecond up
        there: ColumnElement[str] = func.date(whole_seconds, "+8 hours")
    else:
        there = cast(func.date(func.timezone("Asia/Shanghai", col(Journal.posted_at))), String)
    return session.execute(select(col(Journal.key)).where(there != cast(Journal.business_date, String))).scalars().all()


@invariant("I19", "every instant is kept in UTC", tables=())
def instants_are_utc(session: Session) -> Iterable[str]:
    """PostgreSQL knows the zone of every instant; SQLite keeps text, which says UTC only when it is written as we write it."""
    if session.get_bind().dialect.name == "sqlite":
        yield from _otherwise_written(session)
        return
    rows = session.execute(
        text(
            "SELECT table_name || '.' || column_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND data_type = 'timestamp without time zone'"
        )
    )
    yield from (name for (name,) in rows)


def _otherwise_written(session: Session) -> Iterable[str]:
    present = set(inspect(session.connection()).get_table_names())
    for table in metadata.sorted_tables:
        instants = [c for c in table.columns if isinstance(c.type, UTCDateTime)]
        if not instants or table.name not in present:
            continue
        strange = [func.sum(case((type_coerce(c, String).op("NOT GLOB")(WRITTEN), 1), else_=0)) for c in instants]
        for column, count in zip(instants, session.execute(select(*strange)).one(), strict=True):
            if count:
                yield f"{table.name}.{column.name}: {count} not written as UTC"
