"""GET /stations and /stations/{code}: who sells, where, and what they are known for."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from core.db import Read
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Anybody
from core.web import quick
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty
from supply.stations.models import VillageService

from . import queries
from .api_shapes import StationDetail, StationHead, StationItem, StationPage, StationService
from .queries import Front

router = APIRouter(prefix="/api/v1", tags=["stations"])
Township = Annotated[str | None, Query(max_length=100, description="Only of this township, by its name or code.")]


def _head(front: Front) -> StationHead:
    return {
        "code": front.code, "name": front.name, "township": front.township, "location": {"lat": front.lat, "lon": front.lon},
        "signature": front.signature, "url": f"/s/{front.code}",
    }  # fmt: skip


@router.get("/stations")
@quick
def list_stations(
    session: Read, county: CurrentCounty, _: Anybody, township: Township = None, limit: Limit = 50, cursor: Cursor = None
) -> StationPage:
    """Open stations by code."""
    after = read_cursor(cursor, str)
    found = queries.fronts(session, tenant_id=county.id, township=township, after=after[0] if after else None, limit=limit + 1)
    shown = found[:limit]
    items: list[StationItem] = [{**_head(front), "services": front.services} for front in shown]
    return {"items": items, "next": make_cursor(shown[-1].code) if len(found) > limit else None}


@router.get("/stations/{code}", responses=refusals(queries.StationUnknown))
@quick
def read_station(
    code: Annotated[str, Path(description="The station's code.")], session: Read, county: CurrentCounty, _: Anybody
) -> StationDetail:
    """One station with its master, hours, story and services by name."""
    front = queries.front(session, code, tenant_id=county.id)
    known = queries.services(session, tenant_id=county.id)
    return {
        **_head(front), "master": front.master, "story": front.story, "opens": _time(front.opens_min), "closes": _time(front.closes_min),
        "is_open": front.is_open, "services": [_service(known[s]) for s in front.services if s in known],
    }  # fmt: skip


def _service(service: VillageService) -> StationService:
    return {"code": service.code, "name": service.name, "fee_fen": service.fee_fen, "unit": service.unit}


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
