"""GET /orders/{number} and its cancellation."""

from typing import Annotated, Any

from fastapi import APIRouter, Header
from pydantic import BaseModel, Field

from core.db import Read, Write
from core.permissions import Visitor
from core.text import Told

from .access import order_for
from .cancel import cancel_order
from .queries import as_json, history, view

router = APIRouter(prefix="/api/v1", tags=["orders"])
Token = Annotated[str | None, Header(alias="X-Order-Token", max_length=100)]


class Cancellation(BaseModel):
    model_config = {"extra": "forbid", "strict": True}
    reason: Annotated[Told, Field(max_length=200)] = ""


@router.get("/orders/{number}")
def read_order(number: str, session: Read, actor: Visitor, token: Token = None) -> dict[str, Any]:
    """Open to the session that placed it, its member, and whoever sends its token; 404 for everybody else."""
    order = order_for(session, number, actor, token)
    return as_json(view(session, order), history(session, order))


@router.post("/orders/{number}/cancellation")
def create_cancellation(
    number: str, session: Write, actor: Visitor, body: Cancellation | None = None, token: Token = None
) -> dict[str, Any]:  # fmt: skip
    """Cancel before packing: stock goes back, money is refunded by itself. Cancelling again answers the same."""
    order = order_for(session, number, actor, token)
    order = cancel_order(session, order, by=actor.key, reason=body.reason if body else "")
    return as_json(view(session, order), history(session, order))
