"""Which services a station did: counted by service, and row by row."""

from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core.paging import make_cursor, read_cursor
from supply.stations.models import Station

from .models import PaidBy, ServiceDone


class Count(NamedTuple):
    """One service of a span of days: how often it was done, and what it brought from villagers in cash and from the county."""

    code: str
    name: str
    unit: str
    quantity: int
    cash_fen: int
    county_fen: int


def counts(session: Session, *, tenant_id: int, first: date, last: date, station: str | None = None) -> list[Count]:
    """What stands, the most frequent first, of one station or of the whole county; one query."""
    by = func.sum(col(ServiceDone.fee_fen))
    query = (
        select(
            ServiceDone.service_code, func.max(col(ServiceDone.name)), func.max(col(ServiceDone.unit)), ServiceDone.paid_by,
            func.sum(col(ServiceDone.quantity)), by,
        )  # type: ignore[call-overload]
        .where(
            ServiceDone.tenant_id == tenant_id, ServiceDone.business_date >= first, ServiceDone.business_date <= last,
            col(ServiceDone.undone_at).is_(None),
        )
        .group_by(col(ServiceDone.service_code), col(ServiceDone.paid_by))
    )  # fmt: skip
    if station is not None:
        query = query.where(ServiceDone.station_code == station)
    found: dict[str, Count] = {}
    for code, name, unit, paid_by, quantity, fen in session.exec(query):
        before = found.get(code, Count(code, name, unit, 0, 0, 0))
        found[code] = before._replace(
            quantity=before.quantity + int(quantity), cash_fen=before.cash_fen + (int(fen) if paid_by == PaidBy.CASH else 0),
            county_fen=before.county_fen + (int(fen) if paid_by == PaidBy.COUNTY else 0),
        )  # fmt: skip
    return sorted(found.values(), key=lambda each: (-each.quantity, each.code))


def done_at(
    session: Session, station: Station, *, cursor: str | None = None, limit: int = 30
) -> tuple[list[ServiceDone], str | None]:  # fmt: skip
    """The last first, undone ones with them; one query."""
    query = select(ServiceDone).where(ServiceDone.tenant_id == station.tenant_id, ServiceDone.station_code == station.code)
    if after := read_cursor(cursor, int):
        query = query.where(col(ServiceDone.id) < after[0])
    rows = list(session.exec(query.order_by(col(ServiceDone.id).desc()).limit(limit + 1)))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None
