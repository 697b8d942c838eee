"""Dead letters: rows of the outbox that were given up after eight tries, notices from outside among them.

They wait until somebody has put right what was wrong and gives them new tries; who did that stays in the audit.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy import select as sql_select
from sqlmodel import Session, and_, col, func, select

from core import audit
from core.outbox import Outbox
from core.pii import mask_numbers

from .effects import replay

_GIVEN_UP = and_(col(Outbox.done_at).is_(None), col(Outbox.dead_at).is_not(None))


class DeadLetter(NamedTuple):
    """`error` is the last one, full numbers in it masked."""

    id: int
    tenant_id: int
    topic: str
    key: str
    created_at: datetime
    dead_at: datetime
    attempts: int
    error: str


_LETTER = sql_select(*(Outbox.__table__.c[name] for name in DeadLetter._fields))  # type: ignore[attr-defined]


def _of(tenant_id: int | None) -> ColumnElement[bool]:
    return _GIVEN_UP if tenant_id is None else and_(_GIVEN_UP, col(Outbox.tenant_id) == tenant_id)


def dead_letters(session: Session, *, tenant_id: int | None = None, limit: int = 200) -> list[DeadLetter]:
    """Those given up last first, of one county or of all; payloads are not read."""
    asked = _LETTER.where(_of(tenant_id)).order_by(col(Outbox.dead_at).desc(), col(Outbox.id).desc()).limit(limit)
    letters = [DeadLetter._make(row) for row in session.connection().execute(asked)]
    return [letter._replace(key=mask_numbers(letter.key), error=mask_numbers(letter.error)) for letter in letters]


def dead_counts(session: Session) -> dict[int, int]:
    """How many there are, by county."""
    return dict(session.exec(select(Outbox.tenant_id, func.count()).where(_GIVEN_UP).group_by(col(Outbox.tenant_id))).all())


def revive(session: Session, ids: Sequence[int] | None, *, tenant_id: int | None = None, by: str, role: str = "") -> int:
    """Give these dead letters new tries from now (None: all), of one county or of all; returns how many. Leaves an audit row a county."""
    wanted = _of(tenant_id) if ids is None else and_(_of(tenant_id), col(Outbox.id).in_(ids))
    found: dict[int, dict[int, str]] = defaultdict(dict)
    for row in session.exec(select(Outbox.tenant_id, Outbox.id, Outbox.topic).where(wanted)):
        found[row[0]][int(row[1] or 0)] = row[2]
    for tenant, letters in found.items():
        topics = ", ".join(sorted(set(letters.values())))
        audit.record(session, "outbox.replay", tenant_id=tenant, actor=by, role=role, subject=topics, letters=sorted(letters))
    return replay(session, [letter for letters in found.values() for letter in letters]) if found else 0
