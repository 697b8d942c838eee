"""/pay/{payment}: the sandbox's cashier, in words and with two buttons; it works without script."""

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from core import clock, db
from core.db import Write
from core.permissions import Anybody
from core.web import page
from core.web.templates import localised

from .cashier import decide
from .models import LIVE
from .providers import provider_named
from .start import attempt_of

router = APIRouter()


class ChoiceForm(BaseModel):
    model_config = {"extra": "forbid"}
    outcome: Literal["paid", "failed"]
    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("/pay/{payment}")
def show(request: Request, payment: str, actor: Anybody) -> Response:
    """The cashier of one attempt; whoever has its unguessable address may pay it."""
    with db.reading() as session:
        attempt, order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    provider_named(attempt.provider)
    answer = page(
        request, "payments/sandbox.html", block="cashier", attempt=attempt, order=order, is_live=attempt.status in LIVE, now=clock.now()
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


@router.post("/pay/{payment}")
def choose(payment: str, form: Annotated[ChoiceForm, Form()], session: Write, actor: Anybody) -> Response:
    """Pay or fail. The order learns of it by the notice that follows, as from any gateway."""
    attempt, order = attempt_of(session, payment, tenant_id=actor.tenant_id)
    provider_named(attempt.provider)
    decide(session, attempt.code, form.outcome, tenant_id=attempt.tenant_id, amount_fen=attempt.amount_fen)
    return RedirectResponse(localised(f"/orders/{order.number}?back=1"), 303)
