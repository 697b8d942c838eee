"""What was taken, counted and paid in, station by station."""

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core.ledger.models import Account, Balance
from core.paging import make_cursor, read_cursor
from supply.stations.models import Station

from .models import CashClose, CashPaidIn, CashTaking


class Till(NamedTuple):
    """A station that holds cash or ever closed a day; `last` is its last close."""

    station: Station
    held_fen: int
    last: CashClose | None


def takings(
    session: Session, station: Station, *, cursor: str | None = None, limit: int = 30
) -> tuple[list[CashTaking], str | None]:  # fmt: skip
    """The last first, undone ones with them; one query."""
    query = select(CashTaking).where(CashTaking.tenant_id == station.tenant_id, CashTaking.station_code == station.code)
    if after := read_cursor(cursor, int):
        query = query.where(col(CashTaking.id) < after[0])
    rows = list(session.exec(query.order_by(col(CashTaking.id).desc()).limit(limit + 1)))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def closes(session: Session, station: Station, *, limit: int = 14) -> list[CashClose]:
    """The last days' counts, the last first."""
    asked = select(CashClose).where(CashClose.tenant_id == station.tenant_id, CashClose.station_code == station.code)
    return list(session.exec(asked.order_by(col(CashClose.business_date).desc()).limit(limit)))


def paid_in(session: Session, station: Station, *, limit: int = 14) -> list[CashPaidIn]:
    asked = select(CashPaidIn).where(CashPaidIn.tenant_id == station.tenant_id, CashPaidIn.station_code == station.code)
    return list(session.exec(asked.order_by(col(CashPaidIn.id).desc()).limit(limit)))


def tills(session: Session, *, tenant_id: int) -> list[Till]:
    """Who holds most first; two queries."""
    last = (
        select(CashClose.station_code, func.max(col(CashClose.id)).label("id"))
        .where(CashClose.tenant_id == tenant_id)
        .group_by(col(CashClose.station_code))
        .subquery()
    )
    rows = session.exec(
        select(Station, Balance.amount_fen, CashClose)
        .join(Account, (col(Account.code) == "cash:" + col(Station.code)) & (col(Account.tenant_id) == col(Station.tenant_id)))
        .join(Balance, col(Balance.account_id) == col(Account.id))
        .outerjoin(last, last.c.station_code == col(Station.code))
        .outerjoin(CashClose, col(CashClose.id) == last.c.id)
        .where(Station.tenant_id == tenant_id)
        .order_by(col(Balance.amount_fen).desc(), col(Station.code))
    )
    return [Till(station, int(fen), close) for station, fen, close in rows]
