"""A county's stations as its administrators look for them."""

from sqlmodel import Session, col, func, or_, select

from core.paging import make_cursor, read_cursor
from supply.counties.models import Township
from supply.stations.models import Node, Station
from supply.stations.queries import Located

A_PAGE = 50


def stations(session: Session, *, tenant_id: int, name: str, cursor: str | None, limit: int) -> tuple[list[Located], str | None]:
    """Stations by code, closed ones too; with a `name`, those that have it in their own, their master's or their township's. One query."""
    query = (
        select(Station, Node, Township)
        .join(Node, col(Node.id) == col(Station.node_id))
        .join(Township, col(Township.id) == col(Node.township_id), isouter=True)
        .where(Station.tenant_id == tenant_id)
    )
    if word := name.strip().lower():
        named = (col(Station.name), col(Station.master_name), col(Township.name))
        query = query.where(or_(*(func.lower(column).contains(word, autoescape=True) for column in named)))
    if after := read_cursor(cursor, str):
        query = query.where(col(Station.code) > after[0])
    rows = [Located(*row) for row in session.exec(query.order_by(col(Station.code)).limit(limit + 1))]
    return rows[:limit], make_cursor(rows[limit - 1].station.code) if len(rows) > limit else None
