"""/almanac – the season calendar of everything the county grows."""

from fastapi import APIRouter, Request, Response

from core import clock
from core.db import Read
from core.permissions import Anybody
from core.web import page
from shop.catalogue.fragments import fragment
from supply.counties.deps import CurrentCounty

from . import queries
from .terms import almanac_day

router = APIRouter()


@router.get("/almanac")
def index(request: Request, session: Read, county: CurrentCounty, _: Anybody) -> Response:
    today = clock.today()
    year = fragment("almanac/year.html", county, lambda: {"groups": queries.by_category(session, tenant_id=county.id), "day": today})
    return page(request, "almanac/index.html", shared=True, almanac=almanac_day(today), day=today, year=year)
