"""GET /orders/{number} and its cancellation."""

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from core.db import Read, Write
from core.permissions import Visitor
from core.status import StatusMoved
from core.text import Told
from core.web.refusals import refusals
from fulfillment.consignments.service import AlreadyPacked

from .access import OrderUnknown, TokenHeader, order_for
from .api_shapes import OrderDetail
from .cancel import TooLate, cancel_order
from .queries import as_json, history, ready, view

router = APIRouter(prefix="/api/v1", tags=["orders"])
Number = Annotated[str, Path(description="The order's number.")]


class OrderCancellation(BaseModel):
    """Why; its history keeps it."""

    model_config = {"extra": "forbid", "strict": True}
    reason: Annotated[Told, Field(max_length=200)] = ""


@router.get("/orders/{number}", responses=refusals(OrderUnknown))
def read_order(number: Number, session: Read, actor: Visitor, token: TokenHeader = None) -> OrderDetail:
    """Open to the session that placed it, its member, and whoever sends its token; 404 for everybody else."""
    order = order_for(session, number, actor, token)
    seen = view(session, order)
    return as_json(seen, history(session, order), ready(session, seen))


@router.post("/orders/{number}/cancellation", responses=refusals(OrderUnknown, AlreadyPacked, TooLate, StatusMoved))
def create_cancellation(
    number: Number, session: Write, actor: Visitor, body: OrderCancellation | None = None, token: TokenHeader = None
) -> OrderDetail:
    """Cancel before packing: stock goes back, money is refunded by itself. Cancelling again answers the same."""
    order = order_for(session, number, actor, token)
    order = cancel_order(session, order, by=actor.key, reason=body.reason if body else "")
    seen = view(session, order)
    return as_json(seen, history(session, order), ready(session, seen))
