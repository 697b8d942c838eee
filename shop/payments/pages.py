"""/pay/{payment}: the sandbox's cashier, or the way to a gateway's – in words, with buttons that work without script.

Whoever has its unguessable address may pay. Coming back from a gateway proves nothing: the page asks the gateway, and says so.
"""

from io import BytesIO
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock, db, limits
from core.db import Write
from core.errors import JishiError, TooMany
from core.permissions import Actor, Anybody
from core.settings import settings
from core.web import page
from core.web.headers import policy
from core.web.templates import localised
from shop.orders.access import OrderUnknown, order_for
from shop.orders.models import Order, OrderStatus, PaymentStatus

from .asking import ask, asked_first
from .cashier import decide
from .models import LIVE, PaymentAttempt
from .opening import choose_way
from .provider import Action, Provider
from .providers import provider_named
from .start import PaymentUnknown, attempt_of, open_at_gateway
from .stripe_provider import CARD_FORM, CARD_SCRIPT

router = APIRouter()


class ChoiceForm(BaseModel):
    model_config = {"extra": "forbid"}
    outcome: Literal["paid", "failed"]
    form_key: Annotated[str, Field(max_length=100)] = ""


class WayForm(BaseModel):
    """Which of the provider's ways; the same again opens the same."""

    model_config = {"extra": "forbid"}
    method: Literal["page", "wap", "qr", "card"]
    form_key: Annotated[str, Field(max_length=100)] = ""


class AskForm(BaseModel):
    """A button, or the page by itself."""

    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("/pay/{payment}")
def show(request: Request, payment: str, actor: Anybody, back: bool = False) -> Response:
    """The cashier of one attempt. `back` says that its buyer comes from the gateway: the page asks there until it knows."""
    return _shown(request, payment, actor, back=back)


@router.post("/pay/{payment}")
def choose(payment: str, form: Annotated[ChoiceForm, Form()], session: Write, actor: Anybody) -> Response:
    """The sandbox: pay or fail. The order learns of it by the notice that follows, as from any gateway."""
    provider_named("sandbox")
    attempt, order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    _sandbox_only(attempt)
    decide(session, attempt.code, form.outcome, tenant_id=attempt.tenant_id, amount_fen=attempt.amount_fen)
    return RedirectResponse(localised(f"/orders/{order.number}?back=1"), 303)


@router.post("/pay/{payment}/opening")
def create_opening(request: Request, payment: str, form: Annotated[WayForm, Form()], actor: Anybody) -> Response:
    """To the gateway, in one of its ways: its page, a QR code of its, or the form for a card."""
    try:
        code = asked_first(lambda session: choose_way(session, payment, form.method, tenant_id=actor.tenant_id))
        action = open_at_gateway(code)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        return _shown(request, payment, actor, wrong=wrong)
    if action.type == "redirect":
        return RedirectResponse(action.value, 303)
    return _shown(request, code, actor, action=action)


@router.post("/pay/{payment}/asking")
def create_asking(request: Request, payment: str, form: Annotated[AskForm, Form()], actor: Anybody) -> Response:
    """Ask the gateway whether it has the money. The answer goes down the one road; asked too often, the last one stands."""
    with db.reading() as session:
        attempt, _order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    try:
        if attempt.status in LIVE:
            limits.hit("payment_asked", payment, "15/minute")
            ask(payment)
    except TooMany:
        pass
    if "HX-Request" not in request.headers:
        return RedirectResponse(localised(f"/pay/{payment}?back=1"), 303)
    return _shown(request, payment, actor, back=True)


@router.get("/pay/{payment}/code.png")
def show_code(payment: str, actor: Anybody) -> Response:
    """The pay page's own address as a picture that a phone can save, to be opened where paying works."""
    import segno

    with db.reading() as session:
        attempt, _order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    picture = BytesIO()
    segno.make(f"{settings.address}/pay/{attempt.code}", error="m").save(picture, kind="png", scale=8, border=4)
    return Response(picture.getvalue(), media_type="image/png", headers={"Cache-Control": "no-store"})


def _shown(
    request: Request, payment: str, actor: Actor, *, back: bool = False, action: Action | None = None, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    with db.reading() as session:
        attempt, order = attempt_of(session, payment, tenant_id=actor.tenant_id)
        is_own = _is_own(session, order, actor)
    provider = provider_named(attempt.provider)
    known: dict[str, Any] = {"attempt": attempt, "order": order, "is_live": attempt.status in LIVE, "now": clock.now()}
    if not provider.ways(on_phone=True):
        answer = page(request, "payments/sandbox.html", block="cashier", **known)
    else:
        answer = _gateway(request, provider, known, is_own=is_own, back=back, action=action, wrong=wrong)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _gateway(
    request: Request, provider: Provider, known: dict[str, Any], *, is_own: bool, back: bool, action: Action | None,
    wrong: JishiError | None,
) -> Response:  # fmt: skip
    order: Order = known["order"]
    agent = request.headers.get("user-agent", "")
    can_pay = order.status == OrderStatus.OPEN and order.payment_status == PaymentStatus.UNPAID and order.pay_by > known["now"]
    if back and not known["is_live"] and "HX-Request" in request.headers:
        known_now = f"/orders/{order.number}" if is_own else f"/pay/{known['attempt'].code}"
        return Response(headers={"HX-Redirect": localised(known_now)})
    types_card = action is not None and action.type == "client_secret" and can_pay
    answer = page(
        request, "payments/card.html" if types_card else "payments/gateway.html", block="standing", status=wrong.status if wrong else 200,
        provider=provider, ways=provider.ways(on_phone="Mobi" in agent), is_own=is_own, is_back=back, can_pay=can_pay, wrong=wrong,
        in_wechat=provider.is_blocked_in_wechat and "MicroMessenger" in agent, qr=_drawn(action), action=action,
        key=settings.stripe_publishable_key or "", card_script=CARD_SCRIPT, **known,
    )  # fmt: skip
    sources = CARD_FORM if types_card else {}
    answer.headers["Content-Security-Policy"] = policy(forms=provider.sends_to, **sources)
    return answer


def _drawn(action: Action | None) -> str:
    """A gateway's QR code as a picture; empty for anything else."""
    import segno

    return str(segno.make(action.value, error="m").svg_data_uri(scale=6, border=3)) if action and action.type == "qr" else ""


def _is_own(session: Session, order: Order, actor: Actor) -> bool:
    """Whether the order's page opens to this visitor; who pays for somebody else, or in another browser, stays here."""
    try:
        order_for(session, order.number, actor)
    except OrderUnknown:
        return False
    return True


def _sandbox_only(attempt: PaymentAttempt) -> None:
    if attempt.provider != "sandbox":
        raise PaymentUnknown()
