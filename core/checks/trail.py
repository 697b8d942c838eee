"""I16: the audit chain verifies up to its signed head, and the database refuses changes to what is only ever added to."""

from collections.abc import Iterable

from sqlalchemy import inspect, text
from sqlmodel import Session

from core.audit import broken_head, broken_seals
from core.invariants import invariant
from core.triggers import APPEND_ONLY


@invariant("I16", "the audit chain verifies", tables=("audit_entry", "audit_seal"))
def audit_chain_holds(session: Session) -> Iterable[str]:
    return [f"audit entry {entry_id}" for entry_id in broken_seals(session)]


@invariant("I16", "the audit chain ends at the head that was signed", tables=("audit_seal", "audit_head"))
def audit_chain_is_whole(session: Session) -> Iterable[str]:
    return broken_head(session)


@invariant("I16", "the database refuses changes to append-only tables", tables=())
def append_only_is_guarded(session: Session) -> Iterable[str]:
    present = set(inspect(session.connection()).get_table_names())
    if session.get_bind().dialect.name == "sqlite":
        names = {n for (n,) in session.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
        wanted = {f"{t}_{end}" for t in APPEND_ONLY if t in present for end in ("no_update", "no_delete", "no_replace")}
    else:
        names = {n for (n,) in session.execute(text("SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"))}
        wanted = {f"{t}_append_only" for t in APPEND_ONLY if t in present}
    return sorted(wanted - names)
