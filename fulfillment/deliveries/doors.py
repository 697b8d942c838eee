"""/driver/doors – whoever goes to the doors of a station: what to take along, what is under way, each with one tap. Both are scans."""

from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from core import i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import NotFound
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.custody.desk import Said, answer, scan_here
from fulfillment.custody.doors import door_code, node_of_door
from supply.stations.models import Station

from . import queries
from .queries import Waiting

router = APIRouter()
Courier = Annotated[Actor, Depends(allow("driver"))]
register("driver", Entry(2, "/driver/doors", i18n.marked("送上门"), "check", ("driver",)))
BACK = "unload"


class DoorScan(BaseModel):
    """One parcel taken along (load), handed to its receiver (deliver) or brought back to the station (unload)."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(min_length=1, max_length=60)]
    door: Annotated[str, Field(max_length=80)]
    action: Annotated[str, Field(pattern="^(load|deliver|unload)$")]
    code: Annotated[str, Field(max_length=8_000)]


class DoorUnknown(NotFound):
    """No such round, or somebody else's."""

    code = "door_unknown"


class Round(NamedTuple):
    """One station's doors: what lies there for them, and what is on the way."""

    code: str
    name: str
    to_take: Sequence[Waiting]
    underway: Sequence[Waiting]


@router.get("/driver/doors")
def doors(request: Request, session: Read, actor: Courier) -> Response:
    return _doors_page(request, session, actor, None)


@router.post("/driver/doors/scans")
def scan_at_door(request: Request, form: Annotated[DoorScan, Form()], session: Write, actor: Courier) -> Response:
    """Whoever took it along answers for it until it is handed over or back."""
    station = next((s for s in _stations(session, actor) if door_code(s.code) == form.door), None)
    if station is None:
        raise DoorUnknown("没有这条送上门的路，或者它不归你跑")
    place = station.code if form.action == BACK else form.door
    outcome = scan_here(session, actor, form.form_key, form.action, form.code, place)
    return _doors_page(request, session, actor, answer(outcome, "take_out" if form.action == "load" else form.action, form.code))


def _stations(session: Session, actor: Actor) -> list[Station]:
    """Stations to whose doors the caller goes, by code."""
    own = {node for code in actor.scopes("driver") if (node := node_of_door(code))}
    found = select(Station).where(Station.tenant_id == actor.tenant_id, col(Station.code).in_(own)).order_by(col(Station.code))
    return [station for station in session.exec(found) if queries.has_round(session, station.node_id)] if own else []


def _doors_page(request: Request, session: Session, actor: Actor, said: Said | None) -> Response:
    rounds = [
        Round(door_code(s.code), s.name, queries.for_round(session, s), queries.on_round(session, s.code, s.tenant_id))
        for s in _stations(session, actor)
    ]
    return page(request, "fulfillment/deliveries/doors.html", block="deliveries", rounds=rounds, said=said, form_key=new_token())
