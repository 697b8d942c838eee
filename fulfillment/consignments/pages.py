"""/station/packing – what to pack for which bus, one consignment packed with its labels."""

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core.db import Read, Write
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from supply.stations.desk import KEEPERS, station_now, stations_of, work_at
from supply.stations.models import Station

from .labels import labels_pdf
from .queries import Job, find_job, jobs, labels_of
from .service import note_labels, pack

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
register("station", Entry(1, "/station/packing", "打包", "box", KEEPERS))


class PackForm(BaseModel):
    """`parcel` empty packs all that is left."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(max_length=100)] = ""
    parcel: Annotated[str, Field(max_length=40)] = ""
    station: Annotated[str, Field(max_length=80)] = ""


@router.get("/station/packing")
def index(request: Request, session: Read, actor: Keeper, station: str = "") -> Response:
    here = station_now(request, session, actor, station)
    waiting = jobs(session, here)
    done = jobs(session, here, statuses=("packed",), limit=20)
    return page(
        request, "fulfillment/packing/index.html", block="jobs", station=here, waiting=waiting, done=done, left=sum(j.left for j in waiting)
    )


@router.get("/station/packing/{code}")
def show(request: Request, code: str, session: Read, actor: Keeper) -> Response:
    here, job = _job(request, session, actor, code)
    return page(request, "fulfillment/packing/show.html", block="job", station=here, job=job)


def _job(request: Request, session: Session, actor: Actor, code: str) -> tuple[Station, Job]:
    """A consignment of one of the caller's stations, looked at there."""
    own = stations_of(session, actor)
    here, job = find_job(session, own, code)
    work_at(request, here, own)
    return here, job


@router.post("/station/packing/{code}/parcels")
def pack_parcels(request: Request, code: str, form: Annotated[PackForm, Form()], session: Write, actor: Keeper) -> Response:
    """Pack what is left, or one parcel of it; packing again changes nothing."""
    _here, job = _job(request, session, actor, code)
    pack(session, job.consignment, by=actor.user_code, parcel_codes=[form.parcel] if form.parcel else None)
    session.flush()
    session.expire_all()
    here, seen = _job(request, session, actor, code)
    return page(request, "fulfillment/packing/show.html", block="job", back=f"/station/packing/{code}", station=here, job=seen)


@router.post("/station/packing/{code}/labels")
def print_again(request: Request, code: str, form: Annotated[PackForm, Form()], session: Write, actor: Keeper) -> Response:
    """New labels for boxes that changed their bus, or for one of them."""
    here, job = _job(request, session, actor, code)
    labels_of(session, job, here, parcel=form.parcel)
    note_labels(session, [p for p in job.packed if form.parcel in ("", p.code)])
    asked = f"?{urlencode({'parcel': form.parcel})}" if form.parcel else ""
    return RedirectResponse(localised(f"/station/packing/{code}/labels.pdf{asked}"), 303)


@router.get("/station/packing/{code}/labels.pdf")
def labels(request: Request, code: str, session: Read, actor: Keeper, parcel: str = "") -> Response:
    """Of all packed boxes, or of one; before anything is packed there is nothing to print."""
    here, job = _job(request, session, actor, code)
    found = labels_of(session, job, here, parcel=parcel)
    return Response(
        labels_pdf(found), media_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{code}.pdf"', "Cache-Control": "no-store"},
    )  # fmt: skip
