"""Stations as buyers see them: the list of shopfronts, one channel, and what the county's registry says of services."""

from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, or_
from sqlmodel import Session, col, func, select

from core import clock
from core.errors import NotFound
from core.settings import settings
from shop.catalogue.offers import live_listing
from shop.channels.models import Channel
from shop.listings.models import Listing
from supply.counties.models import County, Township
from supply.stations.models import Node, Station, VillageService


class StationUnknown(NotFound):
    """No such station in this county."""

    code = "station_unknown"


class Front(NamedTuple):
    """A station's shopfront. `opens_min` and `closes_min` are minutes after midnight in Shanghai."""

    code: str
    name: str
    township: str
    township_code: str
    lat: float | None
    lon: float | None
    signature: str
    master: str
    story: str
    services: list[str]
    is_flagship: bool
    opens_min: int
    closes_min: int
    picture: str
    is_open: bool
    node_id: int
    channel_id: int | None

    @property
    def village(self) -> str:
        """葛家 of 葛家驿站."""
        return self.name.removesuffix("驿站").removesuffix("服务站")

    @property
    def is_staffed(self) -> bool:
        """Whether somebody stands at the counter now."""
        now = clock.local(clock.now())
        return self.is_open and self.opens_min <= now.hour * 60 + now.minute < self.closes_min


def _fronts(*where: Any) -> Select[Any]:
    statement: Any = (
        select(  # type: ignore[call-overload]
            Station.code, Station.name, Township.name, Township.code, Node.lat, Node.lon, Station.signature, Station.master_name,
            Station.story, Station.services, Station.is_flagship, Station.opens_min, Station.closes_min, Station.picture,
            col(Station.closed_at).is_(None), Station.node_id, Channel.id,
        )
        .join(Node, col(Node.id) == col(Station.node_id))
        .outerjoin(Township, col(Township.id) == col(Node.township_id))
        .outerjoin(Channel, col(Channel.station_id) == col(Station.node_id))
        .where(*where)
    )  # fmt: skip
    found: Select[Any] = statement
    return found


FRONT = _fronts(col(Station.tenant_id) == bindparam("tenant"), col(Station.code) == bindparam("station"))


def fronts(session: Session, *, tenant_id: int, township: str | None = None, after: str | None = None, limit: int = 50) -> list[Front]:
    """Open stations by code, beginning after one; `township` is a name or a code. One query."""
    where = [col(Station.tenant_id) == tenant_id, col(Station.closed_at).is_(None)]
    if township:
        where.append(or_(col(Township.name) == township, col(Township.code) == township))
    if after:
        where.append(col(Station.code) > after)
    rows = session.connection().execute(_fronts(*where).order_by(col(Station.code)).limit(limit))
    return [Front(*row) for row in rows]


def all_fronts(session: Session, *, tenant_id: int, township: str | None = None, most: int = 1000) -> list[Front]:
    """The brand matrix: flagships first, then by township and name; `most` stations. One query."""
    where = [col(Station.tenant_id) == tenant_id, col(Station.closed_at).is_(None)]
    if township:
        where.append(col(Township.code) == township)
    order = (col(Station.is_flagship).desc(), col(Township.id), col(Station.code))
    return [Front(*row) for row in session.connection().execute(_fronts(*where).order_by(*order).limit(most))]


def front(session: Session, code: str, *, tenant_id: int) -> Front:
    """One station, closed ones too (their page says so). Raises StationUnknown."""
    row = session.connection().execute(FRONT, {"tenant": tenant_id, "station": code}).first()
    if row is None:
        raise StationUnknown("没有这个驿站")
    return Front(*row)


def townships(session: Session, *, tenant_id: int) -> list[tuple[str, str, int]]:
    """Townships that have open stations: (code, name, stations). One query."""
    rows = session.exec(
        select(Township.code, Township.name, func.count(col(Station.node_id)))
        .join(Node, col(Node.township_id) == col(Township.id))
        .join(Station, col(Station.node_id) == col(Node.id))
        .where(Township.tenant_id == tenant_id, col(Station.closed_at).is_(None))
        .group_by(col(Township.id))
        .order_by(col(Township.id))
    )
    return [(code, name, int(n)) for code, name, n in rows]


def services(session: Session, *, tenant_id: int) -> dict[str, VillageService]:
    """The registry of village services by code."""
    rows = session.exec(select(VillageService).where(VillageService.tenant_id == tenant_id).order_by(col(VillageService.id)))
    return {service.code: service for service in rows}


def listed_counts(session: Session, *, tenant_id: int) -> dict[int, int]:
    """How many products each channel lists today, by channel id."""
    rows = session.exec(
        select(Listing.channel_id, func.count(col(Listing.id)))
        .where(Listing.tenant_id == tenant_id, live_listing(clock.today()))
        .group_by(col(Listing.channel_id))
    )
    return {channel: int(n) for channel, n in rows}


_names: dict[tuple[str, int], tuple[int, dict[str, str]]] = {}


def station_names(session: Session, county: County) -> dict[str, str]:
    """Names of the county's stations by code, closed ones too; read once a catalogue version."""
    place = (settings.url, county.id)
    if (known := _names.get(place)) is None or known[0] != county.catalogue_version:
        rows = session.exec(select(Station.code, Station.name).where(Station.tenant_id == county.id))
        known = _names[place] = (county.catalogue_version, dict(rows.all()))
    return known[1]
