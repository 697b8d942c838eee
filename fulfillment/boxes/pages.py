"""/ops/boxes – how many turnover boxes stand where, which go back empty, which are missed; new ones, and one seen somewhere."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from core import db, i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError
from core.idempotency import once
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from supply.stations.models import Node

from . import queries, service

router = APIRouter(prefix="/ops/boxes")
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
register("ops", Entry(3, "/ops/boxes", "周转箱", "box"))
TIER_WORDS = i18n.marked({"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻"})
Key = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(max_length=80)]


class NewBoxes(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key
    node: Text = ""
    tier: Text = "ambient"
    count: Annotated[int, Field(ge=-(10**6), le=10**6)] = 0


class Seen(BaseModel):
    """A box, and the node or departure where it was seen."""

    model_config = {"extra": "forbid"}

    form_key: Key
    code: Text = ""
    target: Text = ""


@router.get("")
def index(request: Request, session: Read, actor: Reader) -> Response:
    return _shown(request, session, actor)


@router.post("")
def register_boxes(request: Request, form: Annotated[NewBoxes, Form()], session: Write, actor: Dispatcher) -> Response:
    def work() -> tuple[int, dict[str, int]]:
        return 201, {"boxes": len(service.register_boxes(session, form.node, form.count, tenant_id=actor.tenant_id, tier=form.tier))}

    try:
        once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /ops/boxes", key=form.form_key,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip
    except JishiError as wrong:
        return _again(request, session, actor, wrong)
    return page(request, "fulfillment/ops/asked.html", back="/ops/boxes")


@router.post("/moves")
def move(request: Request, form: Annotated[Seen, Form()], session: Write, actor: Dispatcher) -> Response:
    try:
        service.move_box(session, actor, form.code, form.target.strip(), key=form.form_key)
    except JishiError as wrong:
        return _again(request, session, actor, wrong)
    return page(request, "fulfillment/ops/asked.html", back="/ops/boxes")


def _again(request: Request, session: Session, actor: Actor, wrong: JishiError) -> Response:
    session.rollback()
    with db.reading() as reading:
        return _shown(request, reading, actor, wrong)


def _shown(request: Request, session: Session, actor: Actor, wrong: JishiError | None = None) -> Response:
    nodes = session.exec(select(Node.code, Node.name).where(Node.tenant_id == actor.tenant_id).order_by(col(Node.code))).all()
    tiers = {tier: i18n.gettext(words) for tier, words in TIER_WORDS.items()}
    return page(
        request, "fulfillment/boxes/index.html", block="boxes", status=wrong.status if wrong else 200, wrong=wrong, nodes=nodes,
        balance=queries.balance(session, actor.tenant_id), tiers=tiers, form_key=new_token(),
    )  # fmt: skip
