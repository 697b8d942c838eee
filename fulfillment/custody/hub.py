"""/hub – scan, and one word says where to walk; the hub's waves say what must be sorted before which trunk."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from core import clock
from core.auth.pages import homes
from core.codes import new_token
from core.db import Read, Write
from core.errors import NotFound
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, keep_place, register
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Trunk
from supply.stations.models import Node

from .desk import Said, answer, find_parcel, held, inside, scan_here
from .destinations import destination
from .hubs import hubs_of
from .service import Outcome
from .upload import box_code
from .waves import waves_of

router = APIRouter()
Sorter = Annotated[Actor, Depends(allow("sorter", "dispatcher"))]
homes.update(sorter="/hub")
register("hub", Entry(0, "/hub", "分拣", "scan"), Entry(1, "/track", "查包裹", "search"))
PLACE = "hub"  # of an address


class HubScan(BaseModel):
    """Without a trunk the parcel is received and sorted; with one it is handed to that carrier."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(min_length=1, max_length=60)]
    code: Annotated[str, Field(max_length=8_000)]
    trunk: Annotated[str, Field(max_length=80)] = ""
    hub: Annotated[str, Field(max_length=80)] = ""


class HubUnknown(NotFound):
    """No hub of this name, or one where the caller does not work."""

    code = "hub_unknown"


@router.get("/hub")
def hub(request: Request, session: Read, actor: Sorter, trunk: str = "", hub: str = "") -> Response:
    return _hub_page(request, session, actor, hubs_of(session, actor), hub, trunk, None, None)


@router.post("/hub/scans")
def scan_at_hub(request: Request, form: Annotated[HubScan, Form()], session: Write, actor: Sorter) -> Response:
    """Receive a parcel and say where it goes, or hand it to the chosen trunk; a box with everything in it."""
    hubs = hubs_of(session, actor)
    here = _hub(hubs, actor, form.hub)
    action, place = ("dispatch", form.trunk) if form.trunk else ("receive", here.code)
    read_box = box_code(form.code)
    count = inside(session, actor.tenant_id, read_box) if read_box else 0
    outcome = scan_here(session, actor, form.form_key, action, form.code, place)
    box = answer(outcome, action, form.code, count=count) if read_box else None
    parcel = find_parcel(session, actor.tenant_id, form.code)
    return _hub_page(request, session, actor, hubs, form.hub, form.trunk, parcel, outcome, box)


def _hub(hubs: Sequence[Node], actor: Actor, wanted: str) -> Node:
    """The one asked for, else the caller's own, else the first. Raises NotFound, HubUnknown."""
    if not hubs:
        raise NotFound("这个县还没有共配中心")
    if wanted:
        found = next((node for node in hubs if node.code == wanted), None)
        if found is None:
            raise HubUnknown("没有这个共配中心，或者它不归你管")
        return found
    own = actor.scopes("sorter")
    return next((node for node in hubs if node.code in own), hubs[0])


def _hub_page(
    request: Request, session: Session, actor: Actor, hubs: Sequence[Node], wanted: str, trunk: str, parcel: Parcel | None,
    outcome: Outcome | None, box: Said | None = None,
) -> Response:  # fmt: skip
    here = _hub(hubs, actor, wanted)
    keep_place(request, PLACE, here.code, [], is_kept=len(hubs) > 1)
    trunks = session.exec(
        select(Trunk).where(Trunk.tenant_id == actor.tenant_id, Trunk.hub_id == here.id).order_by(col(Trunk.cutoff_min))
    ).all()
    goes = destination(session, parcel) if parcel is not None and outcome is not None and outcome.result != "rejected" else None
    return page(
        request, "fulfillment/hub/index.html", block="hub", hub=here, hubs=hubs, trunks=trunks,
        chosen=next((t for t in trunks if t.code == trunk), None), waves=waves_of(session, here), waves_from=clock.now(),
        waiting=held(session, actor.tenant_id, here.code), parcel=parcel, outcome=outcome, goes=goes, box=box, form_key=new_token(),
    )  # fmt: skip
