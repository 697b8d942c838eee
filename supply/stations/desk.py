"""The station its keeper works at now: one rule for every page of theirs.

It is the one whose row is looked at, else the one asked for by `?station=`, else the one last asked for (a cookie), else the first
by code. A page says it with `work_at`, so that its links stay there and, where there are several, its head leads to the others.
"""

from collections.abc import Sequence

from fastapi import Request
from sqlmodel import Session, col, select

from core.errors import NotFound
from core.permissions import Actor
from core.web.nav import keep_place

from .models import Station
from .service import StationUnknown, station_named

KEEPERS = ("master", "helper")
COOKIE = "station"


def stations_of(session: Session, actor: Actor, roles: Sequence[str] = KEEPERS) -> list[Station]:
    """The stations the caller holds one of these roles at, by code; one query."""
    asked = select(Station).where(Station.tenant_id == actor.tenant_id, col(Station.code).in_(actor.scopes(*roles)))
    return list(session.exec(asked.order_by(col(Station.code))))


def station_now(request: Request, session: Session, actor: Actor, wanted: str = "", *, roles: Sequence[str] = KEEPERS) -> Station:
    """Where the caller works now in one of these roles. Raises NotFound, for a foreign station as for none."""
    own = {station.code: station for station in stations_of(session, actor, roles)}
    if wanted and wanted not in own:
        raise NotFound("没有这个驿站，或者它不归你管")
    here = own.get(wanted or request.cookies.get(COOKIE, "")) or next(iter(own.values()), None)
    if here is None:
        raise NotFound("你名下还没有驿站，请联系县管理员")
    work_at(request, here, list(own.values()), asked=bool(wanted))
    return here


def station_of(session: Session, actor: Actor, code: str, *overseers: str) -> Station:
    """A station that the caller keeps, or of whose county they hold one of these roles. Raises StationUnknown, for a foreign one too."""
    found = station_named(session, code, tenant_id=actor.tenant_id)
    if not actor.has(*overseers) and code not in actor.scopes(*KEEPERS):
        raise StationUnknown("没有这个驿站")
    return found


def work_at(request: Request, here: Station, own: Sequence[Station], *, asked: bool = False) -> None:
    """This page is about one of the caller's own stations, or, where they have none, about one they look after."""
    alone = [station.code for station in own] == [here.code]
    keep_place(request, COOKIE, here.code, [] if alone else [(station.code, station.name) for station in own], is_kept=not alone)
    if asked and len(own) > 1:
        request.state.remembered = {COOKIE: here.code}
