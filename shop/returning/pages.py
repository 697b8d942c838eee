"""/station/returns – refunded goods that came back: on the shelf again, or thrown away, with one tap."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from shop.claims.forms import Key
from supply.stations.desk import station_now, stations_of

from .models import Into
from .service import settle_return, waiting

router = APIRouter(prefix="/station/returns")
Master = Annotated[Actor, Depends(allow("master"))]
register("station", Entry(9, "/station/returns", i18n.marked("退货"), "box", ("master",)))


class SettlingForm(BaseModel):
    """The same tap twice is one: the form needs no key of its own."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""


@router.get("")
def index(request: Request, session: Read, actor: Master, station: str = "") -> Response:
    return _shown(request, session, actor, station)


@router.post("/{code}/shelf")
def create_shelved(request: Request, code: str, form: Annotated[SettlingForm, Form()], actor: Master) -> Response:
    return _settled(request, code, Into.SHELF, actor)


@router.post("/{code}/waste")
def create_wasted(request: Request, code: str, form: Annotated[SettlingForm, Form()], actor: Master) -> Response:
    return _settled(request, code, Into.WASTE, actor)


def _settled(request: Request, code: str, into: Into, actor: Actor) -> Response:
    def write(session: Session) -> str:
        own = [station.node_id for station in stations_of(session, actor, ("master",))]
        return settle_return(session, code, into, stations=own, by=actor.key).code

    try:
        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, "", wrong=wrong)
    return page(request, "returning/index.html", back="/station/returns")


def _shown(request: Request, session: Session, actor: Actor, station: str, *, wrong: JishiError | None = None) -> Response:
    here = station_now(request, session, actor, station, roles=("master",))
    return page(
        request, "returning/index.html", block="returns", status=wrong.status if wrong else 200, station=here, wrong=wrong,
        rows=waiting(session, [here.node_id]), form_key=new_token(),
    )  # fmt: skip
