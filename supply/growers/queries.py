"""Growers as their station sees them."""

from sqlmodel import Session, col, select

from core import clock

from .models import Agreement, Grower


def growers_of(session: Session, station_id: int, *, tenant_id: int) -> list[tuple[Grower, Agreement | None]]:
    """A station's growers by name, each with the agreement in force today; one query."""
    today = clock.today()
    rows = session.exec(
        select(Grower, Agreement)
        .join(
            Agreement,
            (col(Agreement.grower_id) == col(Grower.id))
            & (col(Agreement.starts_on) <= today)
            & (col(Agreement.ends_on).is_(None) | (col(Agreement.ends_on) >= today)),
            isouter=True,
        )
        .where(Grower.tenant_id == tenant_id, Grower.station_id == station_id)
        .order_by(col(Grower.name), col(Grower.id), col(Agreement.starts_on).desc(), col(Agreement.id).desc())
    )
    found: dict[int, tuple[Grower, Agreement | None]] = {}
    for grower, agreement in rows:
        found.setdefault(grower.id or 0, (grower, agreement))
    return list(found.values())
