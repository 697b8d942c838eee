"""/station/boxes – a station puts its parcels into turnover boxes: scan the box, then one parcel after the other."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session, select

from core import i18n
from core.codes import new_token
from core.db import Read, Write
from core.permissions import Actor, allow
from core.web import page
from fulfillment.custody.desk import Said, answer, scan_here
from fulfillment.custody.upload import box_code
from supply.stations.desk import station_now
from supply.stations.models import Station

from . import queries
from .models import Box

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]


class BoxForm(BaseModel):
    """A parcel for the box that stands open; a box's code opens that one instead. `action` unstow: out of it, a box's whole content."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(min_length=1, max_length=60)]
    code: Annotated[str, Field(max_length=8_000)]
    box: Annotated[str, Field(max_length=80)] = ""
    action: Annotated[str, Field(pattern="^(stow|unstow)$")] = "stow"
    station: Annotated[str, Field(max_length=80)] = ""


@router.get("/station/boxes")
def index(request: Request, session: Read, actor: Keeper, station: str = "", box: str = "") -> Response:
    return _shown(request, session, station_now(request, session, actor, station), box, None)


@router.post("/station/boxes")
def scan_box(request: Request, form: Annotated[BoxForm, Form()], session: Write, actor: Keeper) -> Response:
    """One scan: a box is opened, or a parcel goes into the open one or out of its box."""
    here = station_now(request, session, actor, form.station)
    read = box_code(form.code)
    if form.action == "stow" and read:
        return _shown(request, session, here, read, None)
    if form.action == "stow" and not form.box:
        return _shown(request, session, here, "", Said(i18n.gettext("先扫箱子，再扫件"), "", "wait", ""))
    outcome = scan_here(session, actor, form.form_key, form.action, form.code, here.code, box=form.box if form.action == "stow" else "")
    session.flush()
    said = answer(outcome, form.action, form.code)
    return _shown(request, session, here, form.box, said)


def _shown(request: Request, session: Session, here: Station, box: str, said: Said | None) -> Response:
    """The open box with what lies in it, and the boxes that stand here."""
    code = box_code(box)
    opened = session.exec(select(Box).where(Box.tenant_id == here.tenant_id, Box.code == code)).first() if code else None
    if box and opened is None and said is None:
        said = Said(i18n.gettext("没有这个周转箱"), i18n.gettext("看清箱上的编号再输一次"), "bad", "")
    lying: Sequence[queries.Lying] = queries.lying_in(session, here.tenant_id, [opened.code]) if opened else ()
    return page(
        request, "fulfillment/boxes/station.html", block="boxes", station=here, opened=opened, lying=lying, said=said,
        standing=queries.standing_at(session, here.tenant_id, here.code), form_key=new_token(),
    )  # fmt: skip
