"""POST /quotes and POST /orders."""

from typing import Any, cast

from fastapi import APIRouter

from core import clock
from core.db import Read, Write
from core.errors import TooMany
from core.idempotency import KeyHeader
from core.permissions import Visitor
from core.web.refusals import refusals
from shop.coupons.service import CouponUnusable
from shop.orders.access import order_token
from supply.counties.deps import CurrentCounty
from supply.stock.service import SoldOut

from .api_shapes import OrderPlaced, QuoteAnswer
from .errors import NoRoad, NotForSale, TotalChanged
from .forms import OrderBody, QuoteBody
from .ordering import order_once
from .service import place_order, promised, quote

router = APIRouter(prefix="/api/v1", tags=["orders"])


@router.post("/quotes", responses=refusals(SoldOut, NotForSale, NoRoad, CouponUnusable))
def create_quote(body: QuoteBody, session: Read, county: CurrentCounty, _: Visitor) -> QuoteAnswer:
    """What a basket costs at an address and when each station's goods arrive. Nothing is held."""
    return quote(session, county, body.wanted(), body.address, coupon=body.coupon).answer()


@router.post("/orders", status_code=201, responses=refusals(SoldOut, NotForSale, NoRoad, TotalChanged, CouponUnusable, TooMany))
def create_order(body: OrderBody, session: Write, county: CurrentCounty, actor: Visitor, key: KeyHeader = None) -> OrderPlaced:
    """Place an order: stock is held until `pay_by`, every amount is frozen. `token` opens the order later, keep it."""

    def place() -> dict[str, Any]:
        placed = place_order(
            session, county, body.wanted(), contact=body.contact, address=body.address,
            expected_total_fen=body.expected_total_fen, actor=actor, note=body.note, coupon=body.coupon,
        )  # fmt: skip
        return {
            "number": placed.number, "status": "open", "payment_status": "unpaid", "total_fen": placed.total_fen,
            "pay_by": clock.local(placed.pay_by).isoformat(), "stations": [promised(leg) for leg in placed.quote.legs],
        }  # fmt: skip

    answer = order_once(
        session, actor, body.contact.phone, route="POST /orders", key=key, body=body.model_dump_json().encode(), place=place
    )  # fmt: skip
    return cast(OrderPlaced, {**answer, "token": order_token(answer["number"])})
