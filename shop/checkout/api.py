"""POST /quotes and POST /orders."""

from typing import Annotated, Any

from fastapi import APIRouter, Header

from core import clock
from core.db import Read, Write
from core.permissions import Visitor
from shop.orders.access import order_token
from supply.counties.deps import CurrentCounty

from .forms import OrderBody, QuoteBody
from .ordering import order_once
from .service import place_order, promised, quote

router = APIRouter(prefix="/api/v1", tags=["orders"])
IdempotencyKey = Annotated[str | None, Header(max_length=200)]


@router.post("/quotes")
def create_quote(body: QuoteBody, session: Read, county: CurrentCounty, _: Visitor) -> dict[str, Any]:
    """What a basket costs at an address and when each station's goods arrive. Nothing is held."""
    return quote(session, county, body.wanted(), body.address).answer()


@router.post("/orders", status_code=201)
def create_order(
    body: OrderBody, session: Write, county: CurrentCounty, actor: Visitor, idempotency_key: IdempotencyKey = None
) -> dict[str, Any]:
    """Place an order: stock is held until `pay_by`, every amount is frozen. `token` opens the order later, keep it."""

    def place() -> dict[str, Any]:
        placed = place_order(
            session, county, body.wanted(), contact=body.contact, address=body.address,
            expected_total_fen=body.expected_total_fen, actor=actor, note=body.note,
        )  # fmt: skip
        return {
            "number": placed.number, "status": "open", "payment_status": "unpaid", "total_fen": placed.total_fen,
            "pay_by": clock.local(placed.pay_by).isoformat(), "stations": [promised(leg) for leg in placed.quote.legs],
        }  # fmt: skip

    answer = order_once(
        session, actor, body.contact.phone, route="POST /orders", key=idempotency_key, body=body.model_dump_json().encode(), place=place
    )  # fmt: skip
    return {**answer, "token": order_token(answer["number"])}
