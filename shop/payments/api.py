"""Starting a payment, the sandbox's choice, and the door where gateways knock."""

import logging
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import audit, db, limits
from core.db import Write
from core.errors import TooMany
from core.idempotency import KeyHeader, once
from core.permissions import Anybody, Visitor
from core.web.refusals import refusals
from shop.orders.access import OrderUnknown, TokenHeader, order_for

from . import notices
from .api_shapes import KEPT, NOTICE, OutcomeChosen, PaymentStarted
from .asking import asked_first
from .cashier import decide
from .provider import BadSignature, GatewayRefused, GatewaySilent, MethodUnknown, ProviderUnknown
from .providers import provider_named
from .sandbox import ChargeDecided
from .start import NotPayable, PaymentUnknown, StillAsking, attempt_of, open_at_gateway, start_payment

log = logging.getLogger("jishi.payments")
router = APIRouter(tags=["payments"])


class PaymentBody(BaseModel):
    """Which provider, and which of its ways."""

    model_config = {"extra": "forbid", "strict": True}
    provider: Annotated[str, Field(max_length=20, description="sandbox, alipay or stripe, where it is set up.")]
    method: Literal["page", "wap", "qr", "card"] = "page"


class SandboxBody(BaseModel):
    """What the cashier's visitor chooses."""

    model_config = {"extra": "forbid", "strict": True}
    outcome: Literal["paid", "failed"]


@router.post(
    "/api/v1/orders/{number}/payments", status_code=201,
    responses=refusals(
        OrderUnknown, ProviderUnknown, MethodUnknown, NotPayable, StillAsking, TooMany, GatewayRefused, GatewaySilent
    ),
)  # fmt: skip
def create_payment(
    number: Annotated[str, Path(description="The order's number.")], body: PaymentBody, actor: Visitor, token: TokenHeader = None,
    key: KeyHeader = None,
) -> PaymentStarted:  # fmt: skip
    """Begin to pay. The attempt is committed first, then the gateway is told; the same key again is the same attempt.

    Where an earlier payment of the order had no answer, its gateway is asked first.
    """

    def begin(session: Session) -> str:
        order = order_for(session, number, actor, token)

        def work() -> tuple[int, dict[str, Any]]:
            return 201, {"payment_id": start_payment(session, order, provider=body.provider, method=body.method).code}

        _status, answer = once(
            session, tenant_id=actor.tenant_id, actor=f"order:{number}", route="POST /orders/payments", key=key,
            body=body.model_dump_json().encode(), work=work,
        )  # fmt: skip
        return str(answer["payment_id"])

    code = asked_first(begin)
    action = open_at_gateway(code)
    return {"payment_id": code, "action": {"type": action.type, "value": action.value}}


@router.post(
    "/api/v1/payments/{payment}/sandbox", status_code=202, responses=refusals(PaymentUnknown, ProviderUnknown, ChargeDecided)
)  # fmt: skip
def choose_outcome(
    payment: Annotated[str, Path(description="The payment's id.")], body: SandboxBody, session: Write, actor: Anybody
) -> OutcomeChosen:
    """Demo mode: pay or fail at the sandbox cashier. Needs only the unguessable id; a signed notice follows."""
    provider_named("sandbox")
    attempt, _order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    if attempt.provider != "sandbox":
        raise PaymentUnknown()
    decide(session, attempt.code, body.outcome, tenant_id=attempt.tenant_id, amount_fen=attempt.amount_fen)
    return {"payment_id": attempt.code, "outcome": body.outcome}


async def _raw(request: Request) -> bytes:
    return await request.body()


@router.post("/webhooks/{provider}", include_in_schema=False)
@router.post(
    "/api/v1/webhooks/{provider}", response_class=PlainTextResponse, openapi_extra=NOTICE,
    responses={**KEPT, **refusals(BadSignature, ProviderUnknown, TooMany)},
)  # fmt: skip
def receive_notice(
    provider: Annotated[str, Path(description="sandbox, alipay or stripe.")], request: Request, body: Annotated[bytes, Depends(_raw)],
    session: Write, actor: Anybody,
) -> Response:  # fmt: skip
    """A gateway's notice: signature first, then a row, then – by the worker – the work. Told twice is kept once."""
    try:
        notices.accept(session, provider, {name.lower(): value for name, value in request.headers.items()}, body)
    except BadSignature:
        session.rollback()
        limits.hit_by_address(request, "forged", "60/minute")
        db.run_write(lambda kept: audit.record(kept, "forged_notice", tenant_id=actor.tenant_id, actor="webhook", subject=provider))
        _alarm(provider)
        if provider == "alipay":  # it reads two words only
            return PlainTextResponse("failure", 400)
        raise
    return Response("success", media_type="text/plain")


def _alarm(provider: str) -> None:
    """From the fifth forgery within ten minutes on somebody should look: it stands in the log as an error."""
    try:
        limits.hit("forgeries", provider, "4/10 minutes")
    except TooMany:
        log.error("five or more forged notices in the name of %s within ten minutes", provider)
