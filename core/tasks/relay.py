"""The relay: leases due outbox rows and hands them on; what a broker loses comes back when the lease runs out.

It looks every half second (a beat task) and at once after a commit that emitted something in this process (a nudge). What
a process emits that does its own work (core.tasks.background) is born leased to it and comes here only if it was killed.
Leasing is one conditional UPDATE; on PostgreSQL its rows are taken with SKIP LOCKED, so relays never wait for each other.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Integer, Table, bindparam, event, exists
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, and_, col, func, or_, select, update

from core import clock, db
from core.outbox import FollowUps, Outbox

from . import effects
from .effects import CLAIM, LEASE
from .registry import batches, heavies

log = logging.getLogger("jishi.relay")
ROUND = 200  # rows leased at once
IN_FLIGHT = 600  # leased and not done: above this the workers are behind, and more messages would not help
CHUNK = 20  # rows a message carries
REFUSED_S = 60.0  # seconds that a broker's refusal is news
LONGEST = CLAIM + timedelta(seconds=60)  # no row is leased for longer, and none is made so far ahead of our clock


@dataclass(frozen=True)
class Parcel:
    """What one message asks for: rows of a lane as one batch, or (id, topic) pairs one after the other; a heavy row is one alone."""

    rows: list[tuple[int, str]]
    lease: datetime
    lane: str = ""

    @property
    def is_heavy(self) -> bool:
        return self.rows[0][1] in heavies

    def work(self, *, raising: bool = False) -> int:
        """Do it here and now; returns how many rows took effect."""
        if self.lane:
            return effects.handle_together(self.lane, [i for i, _ in self.rows], self.lease, raising=raising)
        return sum(effects.handle(i, topic, self.lease, raising=raising) for i, topic in self.rows)


_outbox: Table = Outbox.__table__  # type: ignore[attr-defined]
_row = _outbox.c
_NOW = bindparam("now", type_=_row.available_at.type)
_WAITS = and_(_row.done_at.is_(None), _row.dead_at.is_(None))
# A clock that was ahead and was put right leaves rows behind from a time to come, and leases no relay of ours gives.
_LATER = bindparam("later", type_=_row.available_at.type)
_FREE = or_(_row.leased_until.is_(None), _row.leased_until < _NOW, _row.leased_until > _LATER)
_DUE = and_(_WAITS, or_(_row.available_at <= _NOW, _row.created_at > _LATER), _FREE)
_LOOK = select(
    exists().where(_DUE),
    select(func.count()).select_from(_outbox).where(_WAITS, _row.leased_until.between(_NOW, _LATER)).scalar_subquery(),
)  # fmt: skip
_OLDEST = select(_row.id).where(_DUE).order_by(_row.id).limit(bindparam("most", type_=Integer)).with_for_update(skip_locked=True)
_LEASE = update(_outbox).where(_row.id.in_(_OLDEST)).values(leased_until=bindparam("until")).returning(_row.id, _row.topic)
_NAMED = (_row.tenant_id == bindparam("tenant"), _row.topic == bindparam("name"), _row.key == bindparam("named"))
_LEASE_ONE = update(_outbox).where(*_NAMED, _DUE).values(leased_until=bindparam("until")).returning(_row.id)


def pending(session: Session, *, older_than: timedelta = timedelta(0)) -> int:
    """Rows that are due and not done, leased ones included; dead letters are not pending."""
    now = clock.now()
    due = or_(col(Outbox.available_at) <= now - older_than, col(Outbox.created_at) > now + LONGEST)
    waiting = and_(col(Outbox.done_at).is_(None), col(Outbox.dead_at).is_(None), due)
    return session.exec(select(func.count()).select_from(Outbox).where(waiting)).one()


def lease(*, limit: int = ROUND) -> list[Parcel]:
    """Lease due rows, oldest first, and pack them: one parcel a lane and a heavy row, the rest in chunks."""
    now = clock.now()
    with db.reading() as session:  # looking costs no write lock
        is_due, flying = session.connection().execute(_LOOK, {"now": now, "later": now + LONGEST}).one()
    if not is_due or flying >= IN_FLIGHT:
        return []
    until = now + LEASE
    with db.writing() as session:
        rows = session.connection().execute(_LEASE, {"now": now, "later": now + LONGEST, "until": until, "most": limit}).all()
    return list(_pack(sorted((int(i), str(t)) for i, t in rows), until))


def _pack(rows: list[tuple[int, str]], until: datetime) -> Iterator[Parcel]:
    lanes: dict[str, list[tuple[int, str]]] = {}
    single = []
    for row in rows:
        if row[1] in batches:
            lanes.setdefault(batches[row[1]].lane, []).append(row)
        elif row[1] in heavies:
            yield Parcel([row], until)
        else:
            single.append(row)
    for lane, members in lanes.items():
        yield Parcel(members, until, lane)
    for start in range(0, len(single), CHUNK):
        yield Parcel(single[start : start + CHUNK], until)


def do_now(topic: str, key: str, *, tenant_id: int) -> bool:
    """Do one row here and now unless somebody else has it; True when it took effect. Its failure is recorded and raised."""
    now = clock.now()
    until = now + LEASE
    with db.writing() as session:
        named = {"tenant": tenant_id, "name": topic, "named": key, "now": now, "later": now + LONGEST, "until": until}
        row_id = session.connection().execute(_LEASE_ONE, named).scalar_one_or_none()
    if row_id is None:
        return False
    (parcel,) = _pack([(row_id, topic)], until)
    return parcel.work(raising=True) > 0


def release(parcel: Parcel) -> None:
    """Give a parcel back that could not be handed on (the broker is away): free for the next look, and due since when it was."""
    mine = and_(col(Outbox.id).in_([i for i, _ in parcel.rows]), col(Outbox.done_at).is_(None), col(Outbox.leased_until) == parcel.lease)
    with db.writing() as session:
        session.exec(update(Outbox).where(mine).values(leased_until=None))


class _Refusals:
    """When this process's broker last did not take a message; None once it took one again."""

    at: float | None = None


def is_refused() -> bool:
    """Whether the broker has refused what this process handed it within the last minute. Older refusals show as rows that wait."""
    return _Refusals.at is not None and time.monotonic() - _Refusals.at < REFUSED_S


def pump(hand: Callable[[Parcel], None]) -> int:
    """Lease due rows until there are none and hand each parcel on; returns how many rows were handed on.

    A round that was not full was the last: what came after it brings its own nudge.
    """
    handed, leased = 0, ROUND
    while leased == ROUND and (parcels := lease()):
        leased = sum(len(parcel.rows) for parcel in parcels)
        for n, parcel in enumerate(parcels):
            try:
                hand(parcel)
            except Exception as error:
                log.warning("the broker does not take messages: %s", type(error).__name__)
                _Refusals.at = time.monotonic()
                for left in parcels[n:]:
                    release(left)
                return handed
            _Refusals.at = None
            handed += len(parcel.rows)
    return handed


def drain(*, raising: bool = True, rounds: int = 1000) -> int:
    """Do all due work in this thread until nothing is due; returns how many rows took effect. For tests and loaders.

    A failing handler's error is raised after its row was marked, unless `raising` is off.
    """
    done = 0
    for _ in range(rounds):
        parcels = lease()
        if not parcels:
            return done
        done += sum(parcel.work(raising=raising) for parcel in parcels)
    raise RuntimeError(f"the outbox was not empty after {rounds} rounds: handlers emit in a circle")


_nudged = threading.Event()


@event.listens_for(Session, "after_transaction_end")
def _after(session: Any, transaction: Any) -> None:
    """A transaction that emitted something wakes this process's relay, or hands over what is done here; savepoints do not.

    Rows of a transaction that was rolled back are not found by who takes them.
    """
    if transaction.parent is not None:
        return
    if session.info.pop("emitted", False):
        _nudged.set()
    follow: FollowUps | None = session.info.get("follow_ups")
    if follow is not None and follow.hand is not None:
        del session.info["follow_ups"]
        if follow.rows:
            follow.hand(follow)


class Nudged:
    """A thread that pumps after every commit that emitted something, outside the request that committed."""

    def __init__(self, hand: Callable[[Parcel], None]) -> None:
        self._hand = hand
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        _nudged.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while True:
            _nudged.wait()
            _nudged.clear()
            if self._stopping:
                return
            try:
                pump(self._hand)
            except DBAPIError as error:
                log.warning("the relay could not read the outbox: %s", type(error.orig).__name__)
