"""Sessions and transactions.

One transaction per request or task, committed before the answer leaves. On SQLite a writing transaction opens with
BEGIN IMMEDIATE (a read upgraded to a write ignores the busy timeout) and reads come from a `query_only` engine; on
PostgreSQL writes run READ COMMITTED with short lock timeouts, and reads are single statements of a read-only connection:
READ COMMITTED promises no more, BEGIN and ROLLBACK cost two round trips, and a ROLLBACK makes the driver forget every
prepared statement, so that each page would be planned anew. Check and write is always one statement.
"""

import logging
import math
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import anyio
from anyio.to_thread import run_sync
from fastapi import Depends
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError, InvalidatePoolError, OperationalError
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session, create_engine

from core.errors import Busy
from core.i18n import marked
from core.settings import settings

T = TypeVar("T")
TRY_AGAIN = marked("这会儿人多，请过几秒再试；已经提交的不会丢，也不会重复")
SQLITE_PRAGMAS = ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL", "temp_store=MEMORY")
READERS_MAP = 256 * 1024 * 1024  # bytes of the file that readers see without a copy
PATIENCE = "-c lock_timeout=8s -c statement_timeout=10s -c idle_in_transaction_session_timeout=15s"
PLANS = "-c random_page_cost=1.1 -c jit=off"  # a county lies in memory or on an SSD, and its statements are short
POSTGRES_OPTIONS = f"{PATIENCE} {PLANS} -c timezone=UTC"
READ_ONLY = " -c default_transaction_read_only=on"
PREPARED = 500  # statements a PostgreSQL connection keeps planned
POSTGRES_WRITERS = 8  # requests of one process that write at the same time
THREADS = 16  # of a serving process, for what must be waited for
IDLE_S = 1.0  # a connection that was used within so many seconds is taken to be alive
REACH = {"connect_timeout": 3, "tcp_user_timeout": 10_000, "keepalives_idle": 10, "keepalives_interval": 3, "keepalives_count": 3}
WAIT_S = 5.0  # for SQLite's one writer
# Where trying the same transaction again may succeed: deadlocks and locks, lost or hung servers, and what an operator must clear.
TRANSIENT = {"40001", "40P01", "55P03", "57014", "57P01", "57P02", "57P03", "25P03", "08000", "08003", "08006", "53100", "53200", "53300"}
TROUBLED = (
    "locked", "busy", "server closed", "connection", "timeout", "disk is full", "readonly database", "disk i/o error", "unable to open",
)  # fmt: skip


def make_engine(url: str, *, writes: bool) -> Engine:
    """An engine for reading or for writing."""
    return _sqlite(url, writes=writes) if url.startswith("sqlite") else _postgres(url, writes=writes)


def _postgres(url: str, *, writes: bool) -> Engine:
    """A page may read beside its handler's session, so every thread can have two connections without waiting for another's."""
    options = POSTGRES_OPTIONS + ("" if writes else READ_ONLY)
    engine = create_engine(
        url, pool_size=POSTGRES_WRITERS, max_overflow=2 * THREADS, pool_use_lifo=True, connect_args={"options": options, **REACH},
        hide_parameters=True,  # a failure is logged without anybody's words
        **({} if writes else {"isolation_level": "AUTOCOMMIT"}),
    )  # fmt: skip

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.prepared_max = PREPARED

    @event.listens_for(engine, "checkin")
    def _rested(_connection: Any, record: Any) -> None:
        record.info["rested"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _wake(connection: Any, record: Any, _proxy: Any) -> None:
        """What lay idle may be lost without knowing; asking every time would be a round trip for every page."""
        if time.monotonic() - record.info.get("rested", math.inf) > IDLE_S:
            try:
                engine.dialect.do_ping(connection)
            except engine.dialect.loaded_dbapi.Error as error:
                raise InvalidatePoolError from error

    return engine


def _sqlite(url: str, *, writes: bool) -> Engine:
    engine = create_engine(
        url, pool_size=20, max_overflow=20, hide_parameters=True, connect_args={"check_same_thread": False, "timeout": WAIT_S}
    )

    @event.listens_for(engine, "connect")
    def _settle(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        for pragma in (
            *SQLITE_PRAGMAS,
            f"busy_timeout={WAIT_S * 1000:.0f}",
            *(() if writes else ("query_only=ON", f"mmap_size={READERS_MAP}")),
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        if writes:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.connection.driver_connection.execute("BEGIN")  # cannot meet a lock, and is said for every page

    return engine


# A refused entry ends its pipeline and is raised; that the pipeline's own end met it too is no news, and said only now and then.
logging.getLogger("psycopg").addFilter(lambda record: not str(record.msg).startswith("error ignored terminating"))

_engines: dict[tuple[str, bool], Engine] = {}


def engine(*, writes: bool = True) -> Engine:
    """The installation's engine for writing, or for reading."""
    key = (settings.url, writes)
    if found := _engines.get(key):
        return found
    if settings.is_sqlite:
        settings.home.mkdir(parents=True, exist_ok=True)
    return _engines.setdefault(key, make_engine(settings.url, writes=writes))


def dispose() -> None:
    """Close every pooled connection: before a fork, a restore or the end of a test."""
    while _engines:
        _engines.popitem()[1].dispose()


def new_session(*, writes: bool) -> Session:
    """A session the caller closes; `writing` and `reading` are nearly always better."""
    session = Session(engine(writes=writes), expire_on_commit=False)
    session.info["writes"] = writes
    return session


@contextmanager
def writing() -> Iterator[Session]:
    """One writing transaction: committed at the end, rolled back on any error."""
    with new_session(writes=True) as session:
        try:
            yield session
            session.commit()
        except BaseException:
            session.rollback()
            raise


@contextmanager
def reading() -> Iterator[Session]:
    """One reading transaction."""
    with new_session(writes=False) as session:
        yield session


@contextmanager
def asking() -> Iterator[Connection]:
    """A connection that reads: for a statement or two that nothing is loaded by, a session costs more than they do."""
    with engine(writes=False).connect() as connection:
        yield connection


_changes: Counter[str] = Counter()


def touched(session: AnySession, what: str) -> None:
    """This transaction changes something that processes keep a copy of: once it is committed, `changes(what)` is another number."""
    session.info.setdefault("touched", set()).add(what)


@event.listens_for(AnySession, "after_commit")
def _count(session: AnySession) -> None:
    if not session.in_nested_transaction():  # a savepoint's end is no commit
        _changes.update(session.info.pop("touched", ()))


def changes(what: str) -> int:
    """How often this process has committed a change of this kind; a copy of its own is good while that stands still."""
    return _changes[what]


def is_deadlock(error: BaseException) -> bool:
    """Whether the database ended this transaction for another's sake: nothing of it is left, and it can be done again at once."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def is_transient(error: BaseException) -> bool:
    """Whether it is the database's state and not the request: a deadlock, a lost, hung, full or busy database. Nothing was written."""
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated or getattr(error.orig, "sqlstate", None) in TRANSIENT:
        return True
    return isinstance(error, OperationalError) and any(words in str(error.orig).lower() for words in TROUBLED)


def run_write(work: Callable[[Session], T], *, tries: int = 3) -> T:
    """Run `work` in a writing transaction, again with jitter after a deadlock or a busy database (at most `tries`)."""
    for attempt in range(1, tries + 1):
        try:
            with writing() as session:
                return work(session)
        except DBAPIError as error:
            if attempt == tries or not is_transient(error):
                raise
            time.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


_turns: anyio.lowlevel.RunVar[anyio.Semaphore] = anyio.lowlevel.RunVar("turns")


def _turn() -> anyio.Semaphore:
    """Writers queue in the event loop, first come first served, instead of in worker threads and behind each other's locks.

    SQLite has one writer. On PostgreSQL more at once than a machine has work for only keep each other's rows locked longer.
    """
    turns = _turns.get(None)
    if turns is None:
        turns = anyio.Semaphore(1 if settings.is_sqlite else POSTGRES_WRITERS, fast_acquire=True)
        _turns.set(turns)
    return turns


class _Refusals:
    """When the database last refused a writer of this process for being busy."""

    at = -math.inf


async def write_session() -> AsyncIterator[Session]:
    """Committed by the handler's own thread (shop.web.routing), or here after a handler that runs in the event loop.

    Raises Busy to who has waited for long while another writer was refused: the database takes nothing, and if everybody in the
    queue waited that out anew, each would wait longer than the one before.
    """
    began = time.monotonic()
    async with _turn():
        if _Refusals.at > began and time.monotonic() - began > WAIT_S / 2:
            raise Busy(TRY_AGAIN)
        session = new_session(writes=True)
        try:
            yield session
            if session.in_transaction():
                await run_sync(session.commit)
        except BaseException as error:
            if is_transient(error):
                _Refusals.at = time.monotonic()
            if session.in_transaction():
                with anyio.CancelScope(shield=True):
                    await run_sync(session.rollback)
            raise
        finally:
            session.close()


async def read_session() -> Session:
    """Closed by the handler's wrapper (shop.web.routing) before the answer is sent; unused, it holds no connection."""
    return new_session(writes=False)


Write = Annotated[Session, Depends(write_session, scope="function")]
Read = Annotated[Session, Depends(read_session)]
