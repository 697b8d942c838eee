"""/ops/zones – which firm serves which zone and what it came to in a month; a firm sees its own at /partner/zones."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import i18n
from core.db import Read
from core.paging import make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register

from . import queries
from .models import Direction

router = APIRouter()
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Firm = Annotated[Actor, Depends(allow("partner"))]
ZONES = i18n.marked("承包片区")
register("ops", Entry(6, "/ops/zones", ZONES, "map", ("dispatcher", "admin")))
register("county", Entry(6, "/ops/zones", ZONES, "map", ("dispatcher", "admin")))
register("partner", Entry(3, "/partner/zones", ZONES, "map", ("partner",)))
A_PAGE = 50
DIRECTIONS = i18n.marked({Direction.OUT: "寄出", Direction.IN: "到村"})


@router.get("/ops/zones")
def zones(request: Request, session: Read, actor: Reader, month: str | None = None) -> Response:
    return _zones(request, session, actor, month, "/ops/zones")


@router.get("/partner/zones")
def own_zones(request: Request, session: Read, actor: Firm, month: str | None = None) -> Response:
    return _zones(request, session, actor, month, "/partner/zones")


@router.get("/ops/zones/{code}")
def zone(
    request: Request, code: str, session: Read, actor: Reader, month: str | None = None, cursor: str | None = None
) -> Response:  # fmt: skip
    return _zone(request, session, actor, code, month, cursor, "/ops/zones")


@router.get("/partner/zones/{code}")
def own_zone(
    request: Request, code: str, session: Read, actor: Firm, month: str | None = None, cursor: str | None = None
) -> Response:  # fmt: skip
    return _zone(request, session, actor, code, month, cursor, "/partner/zones")


def _zones(request: Request, session: Session, actor: Actor, month: str | None, home: str) -> Response:
    asked = queries.read_month(month)
    found = queries.zones_of(session, actor.tenant_id, asked, firms=queries.firms_of(actor))
    return page(
        request, "fulfillment/contracts/index.html", block="zones", month=asked, shown=queries.months_shown(asked), home=home,
        firms=queries.by_firm(found),
    )  # fmt: skip


def _zone(
    request: Request, session: Session, actor: Actor, code: str, month: str | None, cursor: str | None, home: str
) -> Response:  # fmt: skip
    asked, found = queries.read_month(month), queries.find_zone(session, actor, code)
    (before,) = read_cursor(cursor, int) or (None,)
    pieces = queries.pieces_in(session, found, asked, before=before, limit=A_PAGE)
    whole = next((z for z in queries.zones_of(session, actor.tenant_id, asked) if z.zone.id == found.id), None)
    items = pieces[:A_PAGE]
    return page(
        request, "fulfillment/contracts/zone.html", block="zone", month=asked, shown=queries.months_shown(asked), zone=found, counted=whole,
        pieces=items, directions={key.value: _(words) for key, words in DIRECTIONS.items()}, is_first=before is None,
        home=home, following=make_cursor(items[-1].number) if len(pieces) > A_PAGE else None,
    )  # fmt: skip
