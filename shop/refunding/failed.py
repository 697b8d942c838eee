"""/finance/refunds/failed – what the gateway could not give back: asked for again, or paid by hand and named so."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import BaseModel
from sqlmodel import Session, col, select

from core import db
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.permissions import Actor, allow
from core.web import page
from shop.claims.forms import Key, Typed, plain
from shop.orders.models import Order
from shop.payments.models import Refund, RefundStatus
from shop.payments.refunds import ask_again, paid_by_hand

router = APIRouter(prefix="/finance/refunds/failed")
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Treasurer = Annotated[Actor, Depends(allow("finance"))]
MOST = 100


class AgainForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Key = ""


class ByHandForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Key = ""
    how: Typed = ""


@router.get("")
def index(request: Request, session: Read, actor: Reader) -> Response:
    return _shown(request, session, actor)


@router.post("/{code}/again")
def create_again(request: Request, code: str, form: Annotated[AgainForm, Form()], actor: Treasurer) -> Response:
    """Once: asked again it does not wait any more, so the form needs no key of its own."""
    return _done(request, actor, lambda session: ask_again(session, code, tenant_id=actor.tenant_id, by=actor.key).code)


@router.post("/{code}/by-hand")
def create_by_hand(request: Request, code: str, form: Annotated[ByHandForm, Form()], actor: Treasurer) -> Response:
    """Once, for the same reason."""
    return _done(
        request, actor, lambda session: paid_by_hand(session, code, plain(form.how, "how"), tenant_id=actor.tenant_id, by=actor.key).code
    )


def _done(request: Request, actor: Actor, write: Callable[[Session], str]) -> Response:
    try:
        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, wrong=wrong)
    return page(request, "refunding/failed.html", back="/finance/refunds/failed")


def _shown(request: Request, session: Session, actor: Actor, *, wrong: JishiError | None = None) -> Response:
    query = select(Refund, Order).join(Order, col(Order.id) == col(Refund.order_id))
    failed = query.where(Refund.tenant_id == actor.tenant_id, Refund.status == RefundStatus.FAILED).order_by(col(Refund.id)).limit(MOST)
    answer = page(
        request, "refunding/failed.html", block="failed", status=wrong.status if wrong else 200, wrong=wrong,
        rows=session.exec(failed).all(), form_key=new_token(), may=actor.has("finance"),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
