"""A station tells about itself: its story, signature product, hours and services."""

from typing import Any

from sqlmodel import Session, col, select

from core.errors import NotFound, Refused
from supply.counties.catalogue import raise_catalogue

from .models import Station, VillageService

EDITABLE = frozenset({"story", "signature", "opens_min", "closes_min", "services", "picture"})
DAY_MIN = 1440


class StationUnknown(NotFound):
    """No such station here, or it is not the caller's to see."""

    code = "station_unknown"


def edit_station(session: Session, station: Station, **changes: Any) -> Station:
    """Change what is in EDITABLE; hours are minutes after midnight, services codes of the registry. Raises Refused."""
    if unknown := changes.keys() - EDITABLE:
        raise Refused("这几项不能改", field=sorted(unknown)[0])
    opens, closes = changes.get("opens_min", station.opens_min), changes.get("closes_min", station.closes_min)
    if not 0 <= opens < closes <= DAY_MIN:
        raise Refused("关门要在开门之后", field="closes_min")
    if "services" in changes:
        known = set(session.exec(select(VillageService.code).where(VillageService.tenant_id == station.tenant_id)))
        if wrong := set(changes["services"]) - known:
            raise Refused("没有这项便民服务", field="services", unknown=sorted(wrong))
    for name, value in changes.items():
        setattr(station, name, value)
    session.add(station)
    session.flush()
    raise_catalogue(session, station.tenant_id)
    return station


def station_named(session: Session, code: str, *, tenant_id: int) -> Station:
    """The station of this code, closed ones included. Raises StationUnknown."""
    found = session.exec(select(Station).where(col(Station.tenant_id) == tenant_id, Station.code == code)).first()
    if found is None:
        raise StationUnknown("没有这个驿站")
    return found
