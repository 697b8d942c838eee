"""Starting a payment, the sandbox's choice, and the door where gateways knock."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import audit, db, limits
from core.db import Write
from core.idempotency import once
from core.permissions import Anybody, Visitor
from shop.orders.access import order_for

from . import notices
from .cashier import decide
from .provider import BadSignature
from .providers import provider_named
from .start import attempt_of, open_at_gateway, start_payment

router = APIRouter(tags=["payments"])
Token = Annotated[str | None, Header(alias="X-Order-Token", max_length=100)]
IdempotencyKey = Annotated[str | None, Header(max_length=200)]


class PaymentBody(BaseModel):
    model_config = {"extra": "forbid", "strict": True}
    provider: Annotated[str, Field(max_length=20)]
    method: Literal["page", "wap", "qr", "card"] = "page"


class SandboxBody(BaseModel):
    model_config = {"extra": "forbid", "strict": True}
    outcome: Literal["paid", "failed"]


@router.post("/api/v1/orders/{number}/payments", status_code=201)
def create_payment(
    number: str, body: PaymentBody, actor: Visitor, token: Token = None, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:  # fmt: skip
    """Begin to pay. The attempt is committed first, then the gateway is told; the same key again is the same attempt."""

    def begin(session: Session) -> str:
        order = order_for(session, number, actor, token)

        def work() -> tuple[int, dict[str, Any]]:
            return 201, {"payment_id": start_payment(session, order, provider=body.provider, method=body.method).code}

        _status, answer = once(
            session, tenant_id=actor.tenant_id, actor=f"order:{number}", route="POST /orders/payments", key=idempotency_key,
            body=body.model_dump_json().encode(), work=work,
        )  # fmt: skip
        return str(answer["payment_id"])

    code = db.run_write(begin)
    action = open_at_gateway(code)
    return {"payment_id": code, "action": {"type": action.type, "value": action.value}}


@router.post("/api/v1/payments/{payment}/sandbox", status_code=202)
def choose_outcome(payment: str, body: SandboxBody, session: Write, actor: Anybody) -> dict[str, str]:
    """Demo mode: pay or fail at the sandbox cashier. Needs only the unguessable id; a signed notice follows."""
    provider_named("sandbox")
    attempt, _order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    provider_named(attempt.provider)
    decide(session, attempt.code, body.outcome, tenant_id=attempt.tenant_id, amount_fen=attempt.amount_fen)
    return {"payment_id": attempt.code, "outcome": body.outcome}


async def _raw(request: Request) -> bytes:
    return await request.body()


@router.post("/webhooks/{provider}", include_in_schema=False)
@router.post("/api/v1/webhooks/{provider}")
def receive_notice(provider: str, request: Request, body: Annotated[bytes, Depends(_raw)], session: Write, actor: Anybody) -> Response:
    """A gateway's notice: signature first, then a row, then – by the worker – the work. Told twice is kept once."""
    try:
        notices.accept(session, provider, {name.lower(): value for name, value in request.headers.items()}, body)
    except BadSignature:
        session.rollback()
        limits.hit_by_address(request, "forged", "60/minute")
        db.run_write(lambda kept: audit.record(kept, "forged_notice", tenant_id=actor.tenant_id, actor="webhook", subject=provider))
        raise
    return Response("success", media_type="text/plain")
