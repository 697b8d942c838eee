"""I14: a manifest never changes after it was issued; corrections are revisions."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.checks import keeps_numbers_closed
from core.invariants import invariant

from .models import Manifest
from .service import digest


@invariant("I14", "a manifest's digest is that of its rows", tables=("manifest",))
def digests_hold(session: Session) -> Iterable[str]:
    return [m.code for m in session.exec(select(Manifest)) if digest(m.rows) != m.digest]


@invariant("I14", "one manifest at most is valid at a departure's stop", tables=("manifest",))
def one_valid(session: Session) -> Iterable[str]:
    at_stop = (col(Manifest.departure_id), col(Manifest.stop))
    twice = select(func.min(Manifest.code)).where(col(Manifest.voided_at).is_(None)).group_by(*at_stop).having(func.count() > 1)
    return [str(code) for code in session.exec(twice).all()]


keeps_numbers_closed(Manifest, "rows")
