"""Stations as lists and pages show them."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from supply.counties.models import Township

from .models import Node, Station, VillageService


class Located(NamedTuple):
    station: Station
    node: Node
    township: Township | None


def stations(
    session: Session, *, tenant_id: int, township: str | None = None, after: str | None = None, limit: int = 50
) -> list[Located]:  # fmt: skip
    """Open stations by code; `township` is a township's code or name, `after` the last code of the page before; one query."""
    query = (
        select(Station, Node, Township)
        .join(Node, col(Node.id) == col(Station.node_id))
        .join(Township, col(Township.id) == col(Node.township_id), isouter=True)
        .where(Station.tenant_id == tenant_id, col(Station.closed_at).is_(None))
        .order_by(col(Station.code))
        .limit(limit)
    )
    if township is not None:
        query = query.where((col(Township.code) == township) | (col(Township.name) == township))
    if after is not None:
        query = query.where(col(Station.code) > after)
    return [Located(*row) for row in session.exec(query)]


def services_of(session: Session, station: Station) -> list[VillageService]:
    """The convenience services a station offers, in the registry's order."""
    registry = session.exec(
        select(VillageService).where(VillageService.tenant_id == station.tenant_id).order_by(col(VillageService.id))
    )  # fmt: skip
    return [service for service in registry if service.code in station.services]
