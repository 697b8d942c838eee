"""/orders: mine, and one of them – where it is, what was promised, what it cost, what can still be done."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock, db
from core.auth.current import ensure_session
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError
from core.idempotency import once
from core.permissions import Actor, Visitor
from core.web import page, quick
from core.web.templates import localised
from fulfillment.tracking.queries import hand_overs
from shop.cart.service import put_back
from shop.catalogue.pictures import picture_url
from shop.claims.queries import of_order
from shop.claims.words import standing
from shop.payments.asking import asked_first
from shop.payments.models import AttemptStatus
from shop.payments.providers import ready_providers
from shop.payments.start import StillAsking, start_payment

from . import queries
from .access import order_for
from .cancel import cancel_order
from .standing import can_buy_again, can_cancel, can_pay, headline, where_the_money_goes
from .story import roads

router = APIRouter()


class ActForm(BaseModel):
    """A button."""

    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(max_length=100)] = ""


class PayForm(BaseModel):
    model_config = {"extra": "forbid"}
    provider: Annotated[str, Field(max_length=20)] = "sandbox"
    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("/orders")
@quick
def index(request: Request, session: Read, actor: Visitor, cursor: str | None = None) -> Response:
    orders, onward = queries.mine(session, actor, cursor=cursor)
    return page(request, "orders/index.html", block="orders", orders=orders, next=onward, cursor=cursor, headline=headline)


@router.get("/orders/{number}")
@quick
def show(request: Request, number: str, session: Read, actor: Visitor, back: bool = False) -> Response:
    """One order. `back` says that its buyer comes from a cashier: the page asks again by itself until the notice is in."""
    seen = queries.view(session, order_for(session, number, actor))
    if back and "HX-Request" in request.headers and not _waits(seen):
        return Response(headers={"HX-Redirect": localised(f"/orders/{number}")})
    asking = back or any(a.status == AttemptStatus.UNKNOWN for a in seen.attempts)
    return _shown(request, session, seen, waiting=asking and _waits(seen))


@router.post("/orders/{number}/cancellation")
def create_cancellation(request: Request, number: str, form: Annotated[ActForm, Form()], actor: Visitor) -> Response:
    try:
        db.run_write(lambda session: cancel_order(session, order_for(session, number, actor), by=actor.key))
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, queries.view(session, order_for(session, number, actor)), wrong=wrong)
    return RedirectResponse(localised(f"/orders/{number}"), 303)


@router.post("/orders/{number}/basket")
def refill_basket(request: Request, number: str, form: Annotated[ActForm, Form()], session: Write, actor: Visitor) -> Response:
    """An order that came to nothing, once more in the basket; the same form twice puts nothing in twice."""
    wanted = queries.bought(session, order_for(session, number, actor))
    put_back(session, ensure_session(session, request), wanted)
    return RedirectResponse(localised("/cart"), 303)


@router.post("/orders/{number}/payments")
def create_payment(request: Request, number: str, form: Annotated[PayForm, Form()], actor: Visitor) -> Response:
    """Another attempt at an unpaid order, then to its cashier; the same form twice is one attempt."""
    try:
        code = asked_first(lambda session: _attempt(session, number, form, actor))
    except StillAsking as wrong:
        with db.reading() as session:
            return _shown(request, session, queries.view(session, order_for(session, number, actor)), wrong=wrong)
    return RedirectResponse(localised(f"/pay/{code}"), 303)


def _attempt(session: Session, number: str, form: PayForm, actor: Actor) -> str:
    order = order_for(session, number, actor)
    _status, answer = once(
        session, tenant_id=actor.tenant_id, actor=f"order:{number}", route="POST /orders/payments form", key=form.form_key or None,
        body=form.model_dump_json().encode(),
        work=lambda: (201, {"payment": start_payment(session, order, provider=form.provider, method="page").code}),
    )  # fmt: skip
    return str(answer["payment"])


def _waits(seen: queries.OrderView) -> bool:
    """Whether a payment of this order may still be on its way to us."""
    return can_pay(seen.order) and any(a.status in ("created", "pending", "unknown") for a in seen.attempts)


def _shown(
    request: Request, session: Session, seen: queries.OrderView, *, waiting: bool = False, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    packed = [parcel.code for parcel in seen.parcels if parcel.packed_at]
    taken = hand_overs(session, packed) if packed else {}
    failed = bool(seen.attempts) and seen.attempts[-1].status == AttemptStatus.FAILED
    order, asking = seen.order, waiting and not failed
    answer = page(
        request, "orders/show.html", block="state", status=wrong.status if wrong else 200, seen=seen, order=order,
        headline=headline(order, asking=asking), receiver=queries.receiver(order), asked=queries.note_of(order),
        roads=roads(seen, taken, asking=asking), shares=where_the_money_goes(seen), waiting=waiting, failed=failed, wrong=wrong,
        can_buy_again=can_buy_again(order), can_cancel=can_cancel(seen), can_pay=can_pay(order), now=clock.now(), form_key=new_token(),
        providers=ready_providers(), picture_url=picture_url, ready=queries.ready(session, seen),
        claims=of_order(session, order) if any(c.status in ("delivered", "lost", "returned") for c in seen.consignments) else [],
        standing=standing,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
