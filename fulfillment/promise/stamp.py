"""Raise and read the number of a county's roads: raised in the transaction of whatever changes departures or their load.

A cached promise board is good while the number stands still; a plan is written only if it stood still while it solved.
"""

import time
from typing import NamedTuple

from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from core import db
from core.settings import settings

from .models import RoadStamp

RECHECK_S = 0.25

_VERSION = select(RoadStamp.version).where(col(RoadStamp.tenant_id) == bindparam("tenant"))


def board_changed(session: Session, tenant_id: int) -> None:
    """Departures, their capacity or what is planned on them changed."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    raised = insert(RoadStamp).values(tenant_id=tenant_id, version=1)
    session.execute(raised.on_conflict_do_update(index_elements=["tenant_id"], set_={"version": RoadStamp.version + 1}))
    _note(session)


def roads_version(session: Session, tenant_id: int) -> int:
    """0 when nothing was ever opened. Read once a session: a request sees one state of the roads."""
    known: dict[int, int] = session.info.setdefault("roads_version", {})
    if tenant_id not in known:
        known[tenant_id] = session.connection().execute(_VERSION, {"tenant": tenant_id}).scalar_one_or_none() or 0
    return known[tenant_id]


class Seen(NamedTuple):
    """A number as this process last read it."""

    version: int
    commits: int
    until: float


_seen: dict[tuple[str, int], Seen] = {}


def recent_version(session: Session, tenant_id: int) -> int:
    """As `roads_version`; for a session that only shows promises it may be RECHECK_S old where another process changed roads."""
    if session.info.get("writes"):
        return roads_version(session, tenant_id)
    place, commits = (settings.url, tenant_id), db.commits()
    seen = _seen.get(place)
    if seen is None or seen.commits != commits or time.monotonic() > seen.until:
        seen = _seen[place] = Seen(roads_version(session, tenant_id), commits, time.monotonic() + RECHECK_S)
    return seen.version


def changed_here(session: Session) -> bool:
    """Whether this session itself changed roads: what it sees is nobody else's until it commits."""
    return bool(session.info.get("roads_changed"))


def _note(session: Session) -> None:
    session.info["roads_changed"] = True
    session.info.pop("roads_version", None)


def changed_since(session: Session, tenant_id: int, version: int) -> bool:
    """Whether the roads are no longer those of `version`; when they are, raises the number and holds its row until commit."""
    raised = update(RoadStamp).where(col(RoadStamp.tenant_id) == tenant_id, col(RoadStamp.version) == version)
    moved = bool(session.execute(raised.values(version=version + 1)).rowcount == 0)  # type: ignore[attr-defined]
    _note(session)
    return moved
