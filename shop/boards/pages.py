"""/county – the month in figures, and every station. The books are in `books`."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from core import clock, i18n
from core.auth.pages import homes
from core.db import Read
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from shop.boards import queries
from shop.boards.stations import A_PAGE, stations

router = APIRouter()
_ = i18n.gettext
Admin = Annotated[Actor, Depends(allow("admin"))]
homes.update(admin="/county")
COUNTY = Entry(0, "/county", "全县", "home")
STATIONS = Entry(3, "/county/stations", i18n.marked("驿站"), "station", ("admin",))
register("county", COUNTY._replace(roles=("admin",)), STATIONS, Entry(4, "/ops", "调度", "bus", ("dispatcher", "admin")))
register("finance", COUNTY._replace(place=9, roles=("admin",)))
register("ops", COUNTY._replace(place=9, roles=("admin",)))
register("station", STATIONS._replace(place=10), COUNTY._replace(place=11, roles=("admin",)))
SPANS = i18n.marked({7: "近七天", 30: "近三十天", 365: "近一年"})


@router.get("/county")
def county(request: Request, session: Read, actor: Admin, days: int = 30) -> Response:
    span = days if days in SPANS else 30
    last = clock.today()
    first = last - timedelta(days=span - 1)
    return page(
        request, "boards/county.html", block="board", span=span, spans={n: _(words) for n, words in SPANS.items()},
        figures=queries.figures(session, tenant_id=actor.tenant_id, first=first, last=last),
        stations=queries.by_station(session, tenant_id=actor.tenant_id, first=first, last=last),
    )  # fmt: skip


@router.get("/county/stations")
def county_stations(
    request: Request, session: Read, actor: Admin, q: Annotated[str, Query(max_length=100)] = "", cursor: str | None = None
) -> Response:  # fmt: skip
    """Every station, found by its name or its township's, with the way to its shelf and to its shop."""
    found, following = stations(session, tenant_id=actor.tenant_id, name=q, cursor=cursor, limit=A_PAGE)
    return page(
        request, "boards/stations.html", block="stations", stations=found, q=q.strip(), following=following, is_first=not cursor,
    )  # fmt: skip
