"""Open and close disruptions. A cause opens one once; a cause that turns out not to hold closes it again.

A box refused at the door that is taken after all (.refusals) closes as TAKEN_AFTER_ALL, one that scans show aboard as RODE: neither
keeps the box off that departure any longer, and refused anew it is open again.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import Session, col, select

from core import clock, i18n
from core.codes import new_code
from core.errors import NotFound

from .models import Disruption

DEADLINES = {
    "departure_cancelled": timedelta(minutes=30), "departure_late": timedelta(hours=1), "overfull": timedelta(minutes=30),
    "missing_scan": timedelta(hours=4), "wrong_place": timedelta(hours=2), "damaged": timedelta(hours=4), "refused": timedelta(hours=12),
    "missing": timedelta(hours=12), "unplaced": timedelta(hours=2), "missed": timedelta(hours=2), "line_suspended": timedelta(hours=1),
    "station_closed": timedelta(hours=1),
}  # fmt: skip


TAKEN_AFTER_ALL = i18n.marked("改为收下了")
RODE = i18n.marked("扫码说明它还是坐了这班")
UNDONE = (TAKEN_AFTER_ALL, RODE)  # refusals that keep nothing off their departure any more
Named = tuple[str, str, str]  # kind, subject's code, cause


class DisruptionUnknown(NotFound):
    code = "disruption_unknown"


def open_disruption(
    session: Session,
    kind: str,
    *,
    tenant_id: int,
    subject_kind: str,
    subject_code: str,
    words: str,
    cause: str = "",
    owner: str = "dispatcher",
) -> Disruption:
    """The disruption of this cause, opened now unless it was before; a closed one is opened again."""
    row = session.exec(
        select(Disruption).where(
            Disruption.tenant_id == tenant_id, Disruption.kind == kind, Disruption.subject_code == subject_code, Disruption.cause == cause
        )
    ).first()
    if row is None:
        row = Disruption(**_fresh((kind, subject_code, cause), words, tenant_id=tenant_id, subject_kind=subject_kind, owner=owner))
        session.add(row)
    else:
        _again(row, words)
    return row


def open_all(
    session: Session, wanted: Mapping[Named, str], known: Mapping[Named, Disruption], *, tenant_id: int, subject_kind: str
) -> None:
    """Open many for the dispatcher, words by name, in one statement; `known` are those of them the caller has read."""
    for name in wanted.keys() & known.keys():
        _again(known[name], wanted[name])
    fresh = [
        _fresh(name, words, tenant_id=tenant_id, subject_kind=subject_kind) for name, words in sorted(wanted.items()) if name not in known
    ]
    if fresh:
        session.connection().execute(insert(Disruption.__table__), fresh)  # type: ignore[attr-defined]


def _fresh(name: Named, words: str, *, tenant_id: int, subject_kind: str, owner: str = "dispatcher") -> dict[str, Any]:
    (kind, subject_code, cause), now = name, clock.now()
    return {
        "tenant_id": tenant_id, "code": new_code("X"), "kind": kind, "subject_kind": subject_kind, "subject_code": subject_code,
        "cause": cause, "words": words, "owner": owner, "opened_at": now, "deadline": now + DEADLINES[kind], "outcome": "",
        "closed_by": "",
    }  # fmt: skip


def _again(row: Disruption, words: str) -> None:
    """One that facts had closed is open again, and one that was undone; what a person closed stays closed."""
    if row.closed_at is not None and (row.closed_by == "" or row.outcome in UNDONE):
        row.closed_at, row.closed_by, row.outcome, row.words = None, "", "", words


def settle_by_facts(session: Session, rows: list[Disruption], outcome: str) -> None:
    """Close what later facts explained; nobody had to."""
    for row in rows:
        row.closed_at, row.outcome = clock.now(), outcome
        session.add(row)


def close_disruption(session: Session, tenant_id: int, code: str, *, by: str, outcome: str) -> Disruption:
    """A person dealt with it. Closing twice keeps the first outcome. Raises DisruptionUnknown."""
    row = session.exec(select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.code == code).with_for_update()).first()
    if row is None:
        raise DisruptionUnknown("没有这条异常")
    if row.closed_at is None:
        row.closed_at, row.closed_by, row.outcome = clock.now(), by, outcome
        session.add(row)
    return row


def open_ones(session: Session, tenant_id: int, *, limit: int = 50) -> list[Disruption]:
    """What waits for somebody, by deadline."""
    query = select(Disruption).where(Disruption.tenant_id == tenant_id, col(Disruption.closed_at).is_(None))
    return list(session.exec(query.order_by(col(Disruption.deadline), col(Disruption.id)).limit(limit)).all())
