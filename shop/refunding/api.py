"""/api/v1 – staff give back of a paid order, and the second person's answer."""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from sqlmodel import Session

from core.db import Write
from core.errors import Refused
from core.idempotency import KeyHeader, once
from core.permissions import Actor, allow
from core.web.refusals import refusals
from shop.claims.deciding import DECIDERS
from shop.claims.service import LineUnknown
from shop.orders.access import OrderUnknown
from shop.payments.giving import NotRefundable, RefundTooMuch, left_of
from supply.stations.desk import stations_of

from . import queries
from .api_shapes import RefundAsked
from .forms import NewRefund, NewRefundDecision
from .queries import RequestView
from .service import LineBusy, OwnRefund, RefundMoved, RequestDecided, RequestUnknown, SecondPersonNeeded, ask_refund, decide_refund

router = APIRouter(prefix="/api/v1", tags=["claims"])
Staff = Annotated[Actor, Depends(allow("master", *DECIDERS))]
Office = Annotated[Actor, Depends(allow(*DECIDERS))]


@router.post(
    "/orders/{number}/refunds",
    status_code=201,
    responses=refusals(OrderUnknown, LineUnknown, RefundMoved, RefundTooMuch, LineBusy, NotRefundable, OwnRefund, Refused),
)
def create_refund(
    number: Annotated[str, Path(description="The order's number.")], body: NewRefund, session: Write, actor: Staff, key: KeyHeader = None
) -> RefundAsked:  # fmt: skip
    """Give back of a line without a claim; beyond what the caller may give alone it waits for a second person."""
    own = [station.node_id for station in stations_of(session, actor, ("master",))]

    def work() -> tuple[int, dict[str, Any]]:
        return 201, {"id": ask_refund(session, actor, number, body.wanted(), stations=own).code}

    _status, answer = once(
        session, tenant_id=actor.tenant_id, actor=actor.key, route=f"POST /orders/{number}/refunds", key=key,
        body=body.model_dump_json().encode(), work=work,
    )  # fmt: skip
    return _told(session, answer["id"], actor)


@router.post(
    "/refund-requests/{request}/decision",
    responses=refusals(RequestUnknown, RequestDecided, SecondPersonNeeded, RefundTooMuch, NotRefundable, Refused),
)
def create_refund_decision(
    request: Annotated[str, Path(description="The request's code.")], body: NewRefundDecision, session: Write, actor: Office
) -> RefundAsked:  # fmt: skip
    """Say yes or no to a refund that waits for a second person; it is decided once."""
    decide_refund(session, actor, request, approves=body.decision == "approve", note=body.note)
    return _told(session, request, actor)


def _told(session: Session, code: str, actor: Actor) -> RefundAsked:
    view = cast(RequestView, queries.one(session, code, tenant_id=actor.tenant_id))
    asked, refund = view.request, view.refund
    return {
        "id": asked.code, "order": view.order.number, "line": view.line.code, "qty": asked.quantity, "amount_fen": asked.amount_fen,
        "left_fen": left_of(session, [view.line])[view.line.id or 0].fen, "bearer": asked.bearer, "reason": asked.reason,
        "status": asked.status, "note": asked.note,
        "refund": {"code": refund.code, "status": refund.status, "amount_fen": refund.amount_fen} if refund else None,
    }  # fmt: skip
