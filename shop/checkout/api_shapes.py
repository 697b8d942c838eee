"""What quotes and new orders answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, MomentText, Tier, told
from fulfillment.promise.api_shapes import SOON, DeliveryPromise
from shop.orders.models import OrderStatus, PaymentStatus


class StationPromise(DeliveryPromise):
    """What one station sends in one temperature, and the promise it makes."""

    station: Annotated[str, told("The station's code.")]
    name: Annotated[str, told("The station's name.")]
    tier: Tier
    to: Annotated[str | None, told("The code of the node of this county where it ends; null where it leaves by a trunk.")]
    to_door: Annotated[bool, told("Whether it is taken on from there to the door; else its receiver fetches it from `deliver_by` on.")]
    within: Annotated[str, told("What the timetable holds: within an hour of being ordered, the same day, or later.", values=SOON)]


class QuotedLine(TypedDict):
    """A line as it would be sold now."""

    sku: str
    qty: int
    price_fen: Annotated[Fen, told("Of one unit, in fen; through an open order link the link's price.")]
    goods_fen: Annotated[Fen, told("Of the line, in fen.")]
    station: Annotated[str, told("The code of the station that sends it.")]
    link: Annotated[str | None, told("The order link it came through, if that still sells.")]


class QuoteAnswer(TypedDict):
    """What a basket costs at an address: goods + freight - discount = total."""

    goods_fen: Fen
    freight_fen: Fen
    discount_fen: Fen
    total_fen: Annotated[Fen, told("To be sent as `expected_total_fen`, in fen.")]
    zone: Annotated[str, told("The code of the zone the address lies in.")]
    stations: list[StationPromise]
    lines: list[QuotedLine]


class OrderPlaced(TypedDict):
    """An order whose stock is held until `pay_by` and whose amounts are frozen."""

    number: Annotated[str, told("The order's number.")]
    token: Annotated[str, told("Opens the order later, as `X-Order-Token`: keep it.")]
    status: Annotated[str, told("How it stands.", values=OrderStatus)]
    payment_status: Annotated[str, told("How its payment stands.", values=PaymentStatus)]
    total_fen: Annotated[Fen, told("To be paid, in fen.")]
    pay_by: Annotated[MomentText, told("Until then the stock is held.")]
    stations: list[StationPromise]
