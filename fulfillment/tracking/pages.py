"""/track/{parcel} – the road in plain words, for whoever holds the code; /track – a field to type it in."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from core.codes import normalise_code
from core.db import Read
from core.permissions import Anybody
from core.web import page
from core.web.templates import localised

from .queries import road_of

router = APIRouter()


@router.get("/track")
def find(request: Request, actor: Anybody, code: str = "") -> Response:
    if wanted := normalise_code(code[:40]):
        return RedirectResponse(localised("/track/" + "".join(c for c in wanted if c.isalnum())), 303)
    return page(request, "fulfillment/tracking/find.html")


@router.get("/track/{code}")
def track(request: Request, code: str, session: Read, actor: Anybody) -> Response:
    return page(request, "fulfillment/tracking/show.html", block="road", road=road_of(session, actor.tenant_id, normalise_code(code[:40])))
