"""A long past for a short one: what the loaded days left behind, copied further and further back.

Only what has ended is copied – delivered, cancelled and expired orders with all that hangs on them, departures that arrived,
effects and notices that are done – so that today's work stays what it was and only the history grows. Copy k lies k times the
loaded days earlier, its keys are shifted, its public codes and what names them end in `~k`. Balances are not recounted.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, Table, text

from bench.rig import know_tables
from core import clock, db
from shop.tables import metadata

ENDED = "status <> 'open' OR fulfillment_status = 'delivered'"
OUTBOX_DAYS = 80  # younger than what the sweep drops


@dataclass(frozen=True)
class Part:
    """A table's rows that have ended (`where`, over its originals and those of the parts before), and how a copy differs."""

    table: str
    where: str
    names: Sequence[str] = ()  # columns that hold a copied row's code
    becomes: dict[str, str] = field(default_factory=dict)  # column → SQL over the original's columns
    days: str = "copy.k * :days"


def _of(part: str, column: str = "id") -> str:
    return f"IN (SELECT {column} FROM ended_{part})"


DEPARTED = (
    f"CASE WHEN holder_kind = 'departure' AND holder_code {_of('departure', 'code')} THEN holder_code || '~' || copy.k ELSE holder_code END"
)
SETTLED = "CASE WHEN state IN ('pending', 'payable') THEN 'paid' ELSE state END"
SUBJECTS = (("orders", "number"), ("payment_attempt", "code"), ("refund", "code"), ("consignment", "code"), ("parcel", "code"),
            ("departure", "code"), ("income_entry", "code"))  # fmt: skip
PARTS = (
    Part("orders", ENDED, ("number", "token_hash"), {"status": "CASE WHEN status = 'open' THEN 'completed' ELSE status END"}),
    Part("order_line", f"order_id {_of('orders')}", ("code",)),
    Part("line_share", f"line_id {_of('order_line')}"),
    Part("order_promise", f"order_id {_of('orders')}"),
    Part("stock_hold", f"cause {_of('order_line', 'code')}", ("cause",)),
    Part("payment_attempt", f"order_id {_of('orders')}", ("code",), {"next_query_at": "NULL"}),
    Part("sandbox_charge", f"payment {_of('payment_attempt', 'code')}", ("payment",)),
    Part("refund", f"order_id {_of('orders')}", ("code", "key")),
    Part("sandbox_refund", f"payment {_of('sandbox_charge', 'payment')}", ("code", "payment")),
    Part("consignment", f"source_code {_of('orders', 'number')}", ("code", "source_code")),
    Part("consignment_line", f"consignment_id {_of('consignment')}", ("line_code",)),
    Part("parcel", f"consignment_id {_of('consignment')}", ("code",)),
    Part("lot", "remaining = 0", ("code",)),
    Part("lot_binding", f"parcel_id {_of('parcel')} AND lot_id {_of('lot')}", ("line_code",)),
    Part("stock_movement", f"substr(key, 1, 9) <> 'received:' AND (lot_id IS NULL OR lot_id {_of('lot')})", ("cause", "key")),
    Part("departure", "service_date < :today", ("code",)),
    Part("batch_plan", "service_date < :today", ("code",)),
    Part("planned_leg", f"parcel_id {_of('parcel')} AND departure_id {_of('departure')} AND plan_id {_of('batch_plan')}"),
    Part("scan", f"parcel_code {_of('parcel', 'code')}", ("event_id", "parcel_code")),
    Part(
        "custody", f"parcel_code {_of('parcel', 'code')} AND ended_at IS NOT NULL", ("parcel_code", "scan_event"), {"holder_code": DEPARTED}
    ),
    Part("journal", f"cause_code {_of('orders', 'number')} OR cause_code {_of('parcel', 'code')}", ("key", "cause_code")),
    Part("posting", f"journal_id {_of('journal')}"),
    Part("income_entry", f"journal_id {_of('journal')}", ("code", "key", "cause_code"), {"state": SETTLED}),
    Part("link_click", "at < :today", ("visitor",)),
    Part("inbox", "processed_at IS NOT NULL", ("event_id",)),
    Part("outbox", "done_at IS NOT NULL", ("key",), days=f"(copy.k * :days) % {OUTBOX_DAYS}"),
    Part("status_event", " OR ".join(f"subject {_of(part, column)}" for part, column in SUBJECTS), ("subject",)),
)


class History:
    """Makes the loaded days longer: `History(days)` once, then `lengthen(10)`, `lengthen(100)`."""

    def __init__(self, days: int) -> None:
        self.days, self.times = days, 1
        with _bulk() as connection:
            for part in PARTS:
                table = metadata.tables[part.table]
                picked = f"CREATE TABLE ended_{part.table} AS SELECT * FROM {part.table} WHERE {part.where}"
                connection.exec_driver_sql(picked.replace(":today", f"'{clock.today()}'"))
                if "id" in table.c:
                    connection.exec_driver_sql(f"CREATE INDEX ix_ended_{part.table} ON ended_{part.table} (id)")
            connection.exec_driver_sql("CREATE TABLE copies (k integer PRIMARY KEY)")
            self.steps = {table: _highest(connection, table) for table in self._numbered()}

    @staticmethod
    def _numbered() -> list[str]:
        return [part.table for part in PARTS if "id" in metadata.tables[part.table].c]

    def lengthen(self, times: int) -> int:
        """Until there are `times` times the loaded days; returns how many rows were added."""
        added = 0
        with _bulk() as connection:
            connection.execute(text("INSERT INTO copies VALUES (:k)"), [{"k": k} for k in range(self.times, times)])
            past = {table: max(0, _highest(connection, table) - self.times * step) for table, step in self.steps.items()}
            for part in PARTS:
                statement = text(self._copies(part, past, connection.dialect.name))
                added += connection.execute(statement, {"first": self.times, "last": times - 1, "days": self.days}).rowcount
            if connection.dialect.name == "postgresql":
                for table in self.steps:
                    connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
        know_tables()
        self.times = times
        return added

    def _copies(self, part: Part, past: dict[str, int], dialect: str) -> str:
        table = metadata.tables[part.table]
        names = [column.name for column in table.columns]
        values = [self._value(part, table, name, past, dialect) for name in names]
        return (
            f"INSERT INTO {part.table} ({', '.join(names)}) SELECT {', '.join(values)}"
            f" FROM ended_{part.table} AS one CROSS JOIN copies AS copy WHERE copy.k BETWEEN :first AND :last"
        )

    def _value(self, part: Part, table: Table, name: str, past: dict[str, int], dialect: str) -> str:
        """One column of a copy, as SQL; `past` lifts ids over the rows written since the last copies."""
        column = table.c[name]
        target = (name == "id" and table.name) or next((key.column.table.name for key in column.foreign_keys), "")
        if name in part.becomes:
            return part.becomes[name]
        if name in part.names:
            return f"{name} || '~' || copy.k"
        if target in self.steps:
            return f"{name} + copy.k * {self.steps[target]} + {past[target]}"
        kind = str(column.type)
        if kind not in ("DATE", "DATETIME"):
            return name
        if dialect == "postgresql":
            return f"{name} - {part.days}" if kind == "DATE" else f"{name} - ({part.days}) * interval '1 day'"
        shape = "%Y-%m-%d" if kind == "DATE" else "%Y-%m-%d %H:%M:%f000"
        return f"strftime('{shape}', {name}, '-' || ({part.days}) || ' days')"


def _highest(connection: Connection, table: str) -> int:
    """One above the table's ids."""
    return int(connection.exec_driver_sql(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").scalar_one())


@contextmanager
def _bulk() -> Iterator[Connection]:
    """One transaction without the application's time limits."""
    with db.engine().begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        yield connection
