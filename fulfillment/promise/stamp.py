"""Raise and read the numbers of a county's roads: raised in the transaction of whatever changes departures or their load.

A cached promise board is good while all of them stand still; a plan is written only if `version` stood still while it solved.
`timetable` stands still while only loads change: what was read of the departures themselves is good that long. `shares` is
raised by the lanes' rounds alone: a plan on older shares need not be solved again, it is held against the present ones.
"""

from collections.abc import Collection
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
    shares: int = 0


_STAMP = select(RoadStamp.version, RoadStamp.timetable, RoadStamp.shares).where(col(RoadStamp.tenant_id) == bindparam("tenant"))
_FIRST = {"version": 1, "timetable": 1, "shares": 1}
_ONE_MORE = {"version": RoadStamp.version + 1}
_TIMETABLE = Upsert(
    RoadStamp,
    lambda insert: insert.on_conflict_do_update(index_elements=["tenant_id"], set_={**_ONE_MORE, "timetable": RoadStamp.timetable + 1}),
)
_LOAD = Upsert(RoadStamp, lambda insert: insert.on_conflict_do_update(index_elements=["tenant_id"], set_=_ONE_MORE))
_SHARES = Upsert(
    RoadStamp, lambda insert: insert.on_conflict_do_update(index_elements=["tenant_id"], set_={"shares": RoadStamp.shares + 1})
)


def board_changed(session: Session, tenant_id: int) -> None:
    """Departures or their capacity changed."""
    _TIMETABLE.run(session, {"tenant_id": tenant_id, **_FIRST})
    session.info["timetable_changed"] = True
    _note(session)


def load_changed(session: Session, tenant_id: int) -> None:
    """What is planned on the departures changed, they themselves did not."""
    _LOAD.run(session, {"tenant_id": tenant_id, **_FIRST})
    _note(session)


def shares_changed(session: Session, tenant_ids: Collection[int]) -> None:
    """What these counties may send by the province's lanes changed. Before any share is locked, as a plan that is written does it."""
    _SHARES.run(session, [{"tenant_id": tenant_id, **_FIRST} for tenant_id in sorted(tenant_ids)])
    _note(session)


def stamp(session: Session, tenant_id: int) -> Stamp:
    """Zeros when nothing was ever opened. Read once a session: a request sees one state of the roads."""
    known: dict[int, Stamp] = session.info.setdefault("roads_stamp", {})
    if tenant_id not in known:
        row = session.connection().execute(_STAMP, {"tenant": tenant_id}).one_or_none()
        known[tenant_id] = Stamp(*row) if row else Stamp()
    return known[tenant_id]


def roads_version(session: Session, tenant_id: int) -> int:
    return stamp(session, tenant_id).version


_stamps: Copies[tuple[str, int], Stamp] = Copies(CHANGED)


def recent_stamp(session: Session, tenant_id: int) -> Stamp:
    """As `stamp`; for a session that only shows promises from this process's copy."""
    if session.info.get("writes"):
        return stamp(session, tenant_id)
    return _stamps.read((settings.url, tenant_id), lambda _last: stamp(session, tenant_id))


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
