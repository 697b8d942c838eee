"""The stowage sheet on a page to print or to hold: /ops/departures/{code}/stowage for the desk, /driver/runs/{code}/stowage aboard."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from core.db import Read
from core.errors import NotFound
from core.permissions import Actor, allow
from core.web import page
from fulfillment.timetable.board import Run, find_run
from fulfillment.timetable.service import DepartureUnknown

from .sheet import sheet_of
from .words import bay_name, verdict

router = APIRouter()
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Driver = Annotated[Actor, Depends(allow("driver"))]


class RunUnknown(NotFound):
    code = "run_unknown"


@router.get("/ops/departures/{code}/stowage")
def desk(request: Request, code: str, session: Read, actor: Reader) -> Response:
    run = find_run(session, actor.tenant_id, code)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    return _show(request, session, run, back=f"/ops/departures/{code}")


@router.get("/driver/runs/{code}/stowage")
def aboard(request: Request, code: str, session: Read, actor: Driver) -> Response:
    run = find_run(session, actor.tenant_id, code)
    if run is None or run.line.code not in actor.scopes("driver"):
        raise RunUnknown("这不是你的班次")
    return _show(request, session, run, back=f"/driver/runs/{code}")


def _show(request: Request, session: Session, run: Run, *, back: str) -> Response:
    sheet = sheet_of(session, run)
    return page(
        request, "fulfillment/stowage/show.html", block="sheet", run=run, sheet=sheet, verdict=verdict(sheet), bay_name=bay_name,
        home=back,
    )  # fmt: skip
