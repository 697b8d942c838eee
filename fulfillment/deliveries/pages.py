"""/partner – what a carrier has to deliver, each with one tap. Delivered is a scan."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.auth.pages import homes
from core.codes import new_token
from core.db import Read, Write
from core.paging import make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.custody.desk import Said, answer, find_parcel, holder_of, scan_here

from . import queries
from .queries import Lane, Waiting

router = APIRouter()
Carrier = Annotated[Actor, Depends(allow("partner", "dispatcher"))]
homes.update(partner="/partner")
register("partner", Entry(0, "/partner", "送达", "check"), Entry(1, "/track", "查包裹", "search"), Entry(2, "/travel", "班次", "clock"))
register("hub", Entry(2, "/partner", "送达", "check", ("dispatcher",)))
A_PAGE = 50


class Delivered(BaseModel):
    """One parcel handed to its receiver; the form's key makes a double tap one scan."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(min_length=1, max_length=60)]
    code: Annotated[str, Field(max_length=8_000)]


@router.get("/partner")
def lanes(request: Request, session: Read, actor: Carrier, cursor: str | None = None) -> Response:
    return _partner_page(request, session, actor, cursor, None)


@router.post("/partner/deliveries")
def deliver(request: Request, form: Annotated[Delivered, Form()], session: Write, actor: Carrier) -> Response:
    """Delivered by the trunk that has it; one of the caller's own it was meant for where a scan is missing."""
    place = _trunk_for(session, queries.lanes_of(session, actor), actor, form.code)
    outcome = scan_here(session, actor, form.form_key, "deliver", form.code, place)
    return _partner_page(request, session, actor, None, answer(outcome, "deliver", form.code))


def _trunk_for(session: Session, own: list[Lane], actor: Actor, read: str) -> str:
    holder, codes = holder_of(session, read), [lane.trunk.code for lane in own]
    if holder in codes or not codes:
        return holder
    parcel = find_parcel(session, actor.tenant_id, read)
    return next((lane.trunk.code for lane in own if parcel and lane.trunk.id == parcel.trunk_id), codes[0])


def _partner_page(request: Request, session: Session, actor: Actor, cursor: str | None, said: Said | None) -> Response:
    own = queries.lanes_of(session, actor)
    (after,) = read_cursor(cursor, int) or (0,)
    found = queries.on_trunks(session, actor.tenant_id, [lane.trunk.code for lane in own], after=after, limit=A_PAGE)
    return page(
        request, "fulfillment/deliveries/partner.html", block="deliveries", lanes=own, runs=queries.runs_of(session, actor),
        names={lane.trunk.code: lane.trunk.name for lane in own}, said=said, form_key=new_token(), is_first=after == 0, **_paged(found),
    )  # fmt: skip


def _paged(found: Sequence[Waiting]) -> dict[str, Any]:
    waiting = list(found[:A_PAGE])
    return {"waiting": waiting, "following": make_cursor(waiting[-1].number) if len(found) > A_PAGE else None}
