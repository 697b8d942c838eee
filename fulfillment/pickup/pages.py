"""/station/arrivals – what villagers come to fetch: by pick-up code, without it by the master's word, and back when nobody came."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db, i18n, limits
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError
from core.paging import make_cursor, read_cursor
from core.permissions import Actor, allow
from core.text import clean
from core.web import page
from fulfillment.custody.desk import Said, answer, scan_here
from fulfillment.custody.doors import door_code
from fulfillment.deliveries import queries as deliveries
from supply.counties.deps import CurrentCounty
from supply.counties.models import County
from supply.stations.desk import station_now
from supply.stations.models import Station

from . import queries
from .handing import confirm, hand_out, send_back

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
A_PAGE = 50
MOST_TRIES = "60/minute"  # of one keeper: a person types slower
Key = Annotated[str, Field(min_length=1, max_length=60)]


class Handed(BaseModel):
    """A pick-up code, or the label of a parcel that needs none; the form's key makes a double tap one act."""

    model_config = {"extra": "forbid"}

    form_key: Key
    code: Annotated[str, Field(max_length=8_000)]
    station: Annotated[str, Field(max_length=80)] = ""


class Confirmed(Handed):
    """A parcel without its code: what the master looked at, and why it is given."""

    reason: Annotated[str, Field(max_length=2_000)] = ""


@router.get("/station/arrivals")
def arrivals(
    request: Request, session: Read, county: CurrentCounty, actor: Keeper, station: str = "", cursor: str | None = None
) -> Response:  # fmt: skip
    return _shown(request, session, county, station_now(request, session, actor, station), cursor, None)


@router.post("/station/arrivals")
def fetch(request: Request, form: Annotated[Handed, Form()], session: Write, county: CurrentCounty, actor: Keeper) -> Response:
    """A villager came for a parcel."""
    limits.hit("pickup", actor.key, MOST_TRIES)
    here = station_now(request, session, actor, form.station)
    said = hand_out(session, actor, here, form.code, key=form.form_key)
    session.flush()
    return _shown(request, session, county, here, None, said)


@router.post("/station/arrivals/rounds")
def take_out(request: Request, form: Annotated[Handed, Form()], session: Write, county: CurrentCounty, actor: Keeper) -> Response:
    """Somebody of the station takes a parcel along to its receiver's door: from here on they answer for it."""
    here = station_now(request, session, actor, form.station)
    outcome = scan_here(session, actor, form.form_key, "load", form.code, door_code(here.code))
    return _shown(request, session, county, here, None, answer(outcome, "take_out", form.code))


@router.post("/station/arrivals/confirmations")
def give(request: Request, form: Annotated[Confirmed, Form()], session: Write, county: CurrentCounty, actor: Keeper) -> Response:
    """Without the code, for a reason that stays in the trail."""
    here = station_now(request, session, actor, form.station)
    try:
        said = confirm(session, actor, here, form.code, clean(form.reason)[:200], key=form.form_key)
    except JishiError as wrong:
        session.rollback()
        with db.reading() as reading:
            return _shown(
                request, reading, county, here, None, Said(i18n.gettext("没有给"), wrong.detail, "bad", form.code[:20]), wrong.status
            )
    session.flush()
    return _shown(request, session, county, here, None, said)


@router.post("/station/arrivals/returns")
def give_back(request: Request, form: Annotated[Handed, Form()], session: Write, county: CurrentCounty, actor: Keeper) -> Response:
    """Nobody fetched it within the county's days."""
    here = station_now(request, session, actor, form.station)
    said = send_back(session, actor, here, form.code, days=queries.kept_days(county), key=form.form_key)
    session.flush()
    return _shown(request, session, county, here, None, said)


def _shown(
    request: Request, session: Session, county: County, here: Station, cursor: str | None, said: Said | None, status: int = 200
) -> Response:  # fmt: skip
    """The shelf first, page by page; on its last page what lies here without a place on it, and what is on its way to a door."""
    days = queries.kept_days(county)
    (after,) = read_cursor(cursor, int) or (0,)
    found = queries.on_shelf(session, here, days=days, after=after, limit=A_PAGE)
    shelf = found[:A_PAGE]
    loose = deliveries.at_station(session, here, limit=A_PAGE)[:A_PAGE]
    following = make_cursor(shelf[-1].number) if len(found) > A_PAGE else None
    return page(
        request, "fulfillment/pickup/arrivals.html", block="deliveries", status=status, station=here, said=said, form_key=new_token(),
        shelf=shelf, waiting=loose, days=days, underway=deliveries.on_round(session, here.code, here.tenant_id),
        following=following, is_first=after == 0,
    )  # fmt: skip
