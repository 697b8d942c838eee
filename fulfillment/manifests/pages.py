"""/ops/departures/{code}/manifest – the sheets of one departure to print and sign, and the boxes that are named on them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError
from core.permissions import Actor, allow
from core.web import page
from fulfillment.timetable.board import Run, find_run
from fulfillment.timetable.service import DepartureUnknown

from .naming import name_boxes
from .service import issue
from .sheets import sheets_of

router = APIRouter()
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
TIERS = i18n.marked({"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻"})
Text = Annotated[str, Field(max_length=2_000)]


class BoxesForm(BaseModel):
    """The boxes of one group of one stop's manifest: those ticked and those typed, instead of what was named before."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(max_length=100)] = ""
    stop: Annotated[int, Field(ge=0, le=10_000)]
    alight: Annotated[int, Field(ge=0, le=10_000)]
    tier: Annotated[str, Field(max_length=20)]
    box: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=200)] = []
    codes: Text = ""


@router.post("/ops/departures/{code}/manifests")
def make_manifests(request: Request, code: str, session: Write, actor: Dispatcher) -> Response:
    """Freeze what is aboard now; an unchanged load keeps its manifest."""
    issue(session, _run(session, actor, code).departure)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}/manifest")


@router.get("/ops/departures/{code}/manifest")
def manifest(request: Request, code: str, session: Read, actor: Reader) -> Response:
    """The sheets to print and sign, one per boarding stop."""
    return _shown(request, session, _run(session, actor, code))


@router.post("/ops/departures/{code}/manifests/boxes")
def name_group(request: Request, code: str, form: Annotated[BoxesForm, Form()], session: Write, actor: Dispatcher) -> Response:
    """Which boxes a group rides in; the same again changes nothing, so the form needs no memory."""
    run = _run(session, actor, code)
    typed = form.codes.replace("，", " ").replace(",", " ").split()
    try:
        name_boxes(session, run.departure, form.stop, (form.alight, form.tier), [*form.box, *typed])
    except JishiError as wrong:
        session.rollback()
        with db.reading() as reading:
            return _shown(request, reading, _run(reading, actor, code), wrong, form)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}/manifest")


def _shown(request: Request, session: Session, run: Run, wrong: JishiError | None = None, typed: BoxesForm | None = None) -> Response:
    return page(
        request, "fulfillment/manifests/show.html", block="manifests", status=wrong.status if wrong else 200, run=run,
        sheets=sheets_of(session, run), tiers={tier: i18n.gettext(words) for tier, words in TIERS.items()}, wrong=wrong, typed=typed,
        form_key=new_token(),
    )  # fmt: skip


def _run(session: Session, actor: Actor, code: str) -> Run:
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return run
