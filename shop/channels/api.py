"""GET /stations and /stations/{code}: who sells, where, and what they are known for."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from core.db import Read
from core.paging import make_cursor, read_cursor
from core.permissions import Anybody
from core.web import quick
from supply.counties.deps import CurrentCounty
from supply.stations.models import VillageService

from . import queries
from .queries import Front

router = APIRouter(prefix="/api/v1", tags=["stations"])
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400)]
Word = Annotated[str | None, Query(max_length=100)]


def listed(front: Front) -> dict[str, Any]:
    """An item of the list."""
    return {
        "code": front.code, "name": front.name, "township": front.township, "location": {"lat": front.lat, "lon": front.lon},
        "signature": front.signature, "url": f"/s/{front.code}", "services": front.services,
    }  # fmt: skip


@router.get("/stations")
@quick
def list_stations(
    session: Read, county: CurrentCounty, _: Anybody, township: Word = None, limit: Limit = 50, cursor: Cursor = None
) -> dict[str, Any]:
    """Open stations by code; `township` is a township's name or code."""
    after = read_cursor(cursor, str)
    found = queries.fronts(session, tenant_id=county.id, township=township, after=after[0] if after else None, limit=limit + 1)
    shown = found[:limit]
    return {"items": [listed(f) for f in shown], "next": make_cursor(shown[-1].code) if len(found) > limit else None}


@router.get("/stations/{code}")
@quick
def read_station(code: str, session: Read, county: CurrentCounty, _: Anybody) -> dict[str, Any]:
    """One station with its master, hours, story and services by name."""
    front = queries.front(session, code, tenant_id=county.id)
    known = queries.services(session, tenant_id=county.id)
    return {
        **listed(front), "master": front.master, "story": front.story, "opens": _time(front.opens_min), "closes": _time(front.closes_min),
        "is_open": front.is_open, "services": [_service(known[s]) for s in front.services if s in known],
    }  # fmt: skip


def _service(service: VillageService) -> dict[str, Any]:
    return {"code": service.code, "name": service.name, "fee_fen": service.fee_fen, "unit": service.unit}


def _time(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
