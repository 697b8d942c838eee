"""Which function answers which topic. Filled when the slices are imported (shop.wiring), read by the worker.

A handler accepts its version of a topic and the one before, so that a deploy may meet rows written by the older code.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import bindparam, select, update
from sqlmodel import Session

from core import clock, db
from core.inbox import Inbox
from core.outbox import ignored

Effect = TypeVar("Effect", bound=Callable[..., Any])
Run = TypeVar("Run", bound=Callable[[], None])
Settle = TypeVar("Settle", bound=Callable[..., str])


@dataclass(frozen=True)
class Event:
    """One outbox row as its handlers see it. `key` is the effect's name: outside calls carry it as idempotency key."""

    id: int
    tenant_id: int
    topic: str
    version: int
    key: str
    payload: dict[str, Any]
    created_at: datetime
    attempts: int = 0


@dataclass(frozen=True)
class Notice:
    """One inbox row: what somebody outside told us, its signature already verified."""

    id: int
    tenant_id: int
    provider: str
    event_id: str
    kind: str
    body: str
    received_at: datetime


@dataclass(frozen=True)
class Handler:
    """`effect(session, event)`, or `effect(session, event, answer)` when `ask` is set."""

    topic: str
    version: int
    effect: Callable[..., Any]
    ask: Callable[[Event], Any] | None = None

    def accepts(self, event: Event) -> bool:
        return event.version in (self.version, self.version - 1)


@dataclass(frozen=True)
class Batch:
    """`work(events)` outside any transaction; batches of one lane never overlap on one machine."""

    lane: str
    work: Callable[[list[Event]], None]


@dataclass(frozen=True)
class Tick:
    name: str
    seconds: float
    run: Callable[[], None]


handlers: dict[str, list[Handler]] = {}
batches: dict[str, Batch] = {}
ticks: dict[str, Tick] = {}
heavies: set[str] = set()


def handler(topic: str, version: int = 1, *, ask: Callable[[Event], Any] | None = None, heavy: bool = False) -> Callable[[Effect], Effect]:
    """Register an effect of a topic. `ask` talks to the network first and hands its answer on; it must bear repetition.

    heavy: it takes seconds of arithmetic, so each row travels as a message of its own, in a queue that workers may keep to.
    """

    def keep(effect: Effect) -> Effect:
        if heavy:
            heavies.add(topic)
        known = handlers.setdefault(topic, [])
        if all(h.effect is not effect for h in known):
            known.append(Handler(topic, version, effect, ask))
        return effect

    return keep


def together(*topics: str, lane: str) -> Callable[[Callable[[list[Event]], None]], Callable[[list[Event]], None]]:
    """Register work that takes many events of some topics at once, such as indexing."""

    def keep(work: Callable[[list[Event]], None]) -> Callable[[list[Event]], None]:
        for topic in topics:
            batches[topic] = Batch(lane, work)
        return work

    return keep


def ignore(*topics: str) -> None:
    """Say on purpose that a topic has no effect yet: its rows are written as done instead of becoming dead letters."""
    ignored.update(topics)


def every(seconds: float, name: str) -> Callable[[Run], Run]:
    """Register work done at intervals by one worker at a time. It opens its own transactions and may run again at once."""

    def keep(run: Run) -> Run:
        ticks[name] = Tick(name, seconds, run)
        return run

    return keep


def inbox_handler(provider: str, *, ask: Callable[[Notice], Any] | None = None) -> Callable[[Settle], Settle]:
    """Register what a provider's notices do: `f(session, notice)` or, with `ask`, `f(session, notice, answer)` → outcome.

    `ask` runs with no transaction open: this is where the gateway is queried, because a notice only says that something moved.
    """

    def keep(settle: Settle) -> Settle:
        def question(event: Event) -> Any:
            with db.reading() as session:
                told = _open_notice(session, event)
            return ask(told) if ask and told else None

        def effect(session: Session, event: Event, *answer: Any) -> None:
            if (told := _open_notice(session, event)) is None:
                return
            outcome = settle(session, told, *answer)
            session.connection().execute(_CLOSE, {"notice": told.id, "processed_at": clock.now(), "outcome": outcome[:200], "error": ""})

        handlers[f"inbox.{provider}"] = [Handler(f"inbox.{provider}", 1, effect, question if ask else None)]
        return settle

    return keep


_inbox = Inbox.__table__.c  # type: ignore[attr-defined]
_OPEN = select(
    _inbox.id, _inbox.tenant_id, _inbox.provider, _inbox.event_id, _inbox.kind, _inbox.body, _inbox.received_at
).where(_inbox.id == bindparam("notice"), _inbox.processed_at.is_(None))  # fmt: skip
_CLOSE = update(Inbox.__table__).where(_inbox.id == bindparam("notice"))  # type: ignore[attr-defined]


def _open_notice(session: Session, event: Event) -> Notice | None:
    """The notice a row speaks of, while it waits to be worked."""
    row = session.connection().execute(_OPEN, {"notice": event.payload["inbox_id"]}).one_or_none()
    return Notice(*row) if row else None
