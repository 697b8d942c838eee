"""Raise and read the numbers of a county's roads: raised in the transaction of whatever changes departures or their load.

A cached promise board is good while `version` stands still; a plan is written only if it stood still while it solved.
`timetable` stands still while only loads change: what was read of the departures themselves is good that long.
"""

from typing import NamedTuple

from sqlalchemy import bindparam
from sqlmodel import Session, col, select, update

from core import db
from core.copies import Copies
from core.settings import settings
from core.upsert import Upsert

from .models import RoadStamp

CHANGED = "roads"  # as core.db.touched knows it


class Stamp(NamedTuple):
    version: int = 0
    timetable: int = 0


_STAMP = select(RoadStamp.version, RoadStamp.timetable).where(col(RoadStamp.tenant_id) == bindparam("tenant"))
_ONE_MORE = {"version": RoadStamp.version + 1}
_TIMETABLE = Upsert(
    RoadStamp,
    lambda insert: insert.on_conflict_do_update(index_elements=["tenant_id"], set_={**_ONE_MORE, "timetable": RoadStamp.timetable + 1}),
)
_LOAD = Upsert(RoadStamp, lambda insert: insert.on_conflict_do_update(index_elements=["tenant_id"], set_=_ONE_MORE))


def board_changed(session: Session, tenant_id: int) -> None:
    """Departures or their capacity changed."""
    _TIMETABLE.run(session, {"tenant_id": tenant_id, "version": 1, "timetable": 1})
    session.info["timetable_changed"] = True
    _note(session)


def load_changed(session: Session, tenant_id: int) -> None:
    """What is planned on the departures changed, they themselves did not."""
    _LOAD.run(session, {"tenant_id": tenant_id, "version": 1, "timetable": 1})
    _note(session)


def stamp(session: Session, tenant_id: int) -> Stamp:
    """Zeros when nothing was ever opened. Read once a session: a request sees one state of the roads."""
    known: dict[int, Stamp] = session.info.setdefault("roads_stamp", {})
    if tenant_id not in known:
        row = session.execute(_STAMP, {"tenant": tenant_id}).one_or_none()
        known[tenant_id] = Stamp(*row) if row else Stamp()
    return known[tenant_id]


def roads_version(session: Session, tenant_id: int) -> int:
    return stamp(session, tenant_id).version


_versions: Copies[tuple[str, int], int] = Copies(CHANGED)


def recent_version(session: Session, tenant_id: int) -> int:
    """As `roads_version`; for a session that only shows promises from this process's copy."""
    if session.info.get("writes"):
        return roads_version(session, tenant_id)
    return _versions.read((settings.url, tenant_id), lambda _last: roads_version(session, tenant_id))


def changed_here(session: Session) -> bool:
    """Whether this session itself changed roads: what it sees is nobody else's until it commits."""
    return bool(session.info.get("roads_changed"))


def timetable_changed_here(session: Session) -> bool:
    """Whether this session itself changed departures."""
    return bool(session.info.get("timetable_changed"))


def _note(session: Session) -> None:
    session.info["roads_changed"] = True
    db.touched(session, CHANGED)
    session.info.pop("roads_stamp", None)


def changed_since(session: Session, tenant_id: int, version: int) -> bool:
    """Whether the roads are no longer those of `version`; when they are, raises the number and holds its row until commit."""
    raised = update(RoadStamp).where(col(RoadStamp.tenant_id) == tenant_id, col(RoadStamp.version) == version)
    moved = bool(session.execute(raised.values(version=version + 1)).rowcount == 0)  # type: ignore[attr-defined]
    _note(session)
    return moved
