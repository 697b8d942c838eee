"""What an order's calls answer: everything of it but who receives it."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, Grams, MomentText, Tier, told
from fulfillment.consignments.models import ConsignmentStatus, ParcelStatus
from shop.checkout.api_shapes import StationPromise
from shop.payments.models import AttemptStatus, RefundStatus

from .models import FULFILLMENT, ORDER, PAYMENT, FulfillmentStatus, OrderStatus, PaymentStatus


class OrderAddress(TypedDict):
    """Where it goes, without street and door."""

    province: str
    city: str
    district: str


class OrderedLine(TypedDict):
    """A line as it was sold; its amounts are frozen."""

    code: Annotated[str, told("The line's code.")]
    sku: str
    name: str
    spec: str
    product: Annotated[str, told("The product's code.")]
    qty: int
    station: Annotated[str, told("The code of the station that sends it.")]
    price_fen: Annotated[Fen, told("Of one unit, in fen.")]
    goods_fen: Annotated[Fen, told("Of the line, in fen.")]
    discount_fen: Fen
    freight_fen: Annotated[Fen, told("The line's part of the freight, in fen.")]
    attributed: Annotated[bool, told("Whether it came through an order link.")]


class OrderConsignment(TypedDict):
    """What one station packs in one temperature."""

    code: str
    station: Annotated[str, told("The station's code.")]
    tier: Tier
    status: Annotated[str, told("How it stands.", values=ConsignmentStatus)]
    deliver_by: Annotated[MomentText | None, told("What was promised.")]
    parcels: Annotated[list[str], told("The codes of its parcels.")]


class OrderPickup(TypedDict):
    """Where it waits, and what its receiver says there. Told to who may see the order and to nobody else."""

    station: Annotated[str, told("The station's code.")]
    name: Annotated[str, told("The station's name.")]
    shelf: Annotated[int, told("The number of the shelf.")]
    code: Annotated[str, told("The pick-up code; it is used once.")]
    since: Annotated[MomentText, told("When it came.")]


class OrderParcel(TypedDict):
    """One labelled piece."""

    code: Annotated[str, told("For `GET /track/{code}`.")]
    status: Annotated[str, told("How it stands.", values=ParcelStatus)]
    grams: Grams
    track: Annotated[str, told("The path of its page.")]
    pickup: Annotated[OrderPickup | None, told("While it waits to be fetched.")]


class OrderPayment(TypedDict):
    """One attempt to pay."""

    payment_id: str
    provider: str
    status: Annotated[str, told("How it stands.", values=AttemptStatus)]
    amount_fen: Fen
    duplicate: Annotated[bool, told("Paid a second time: given back by itself.")]


class OrderRefund(TypedDict):
    """Money on its way back."""

    code: str
    status: Annotated[str, told("How it stands.", values=RefundStatus)]
    amount_fen: Fen
    reason: str


OrderEvent = TypedDict(
    "OrderEvent",
    {
        "at": MomentText,
        "kind": Annotated[str, told("Which of the three statuses moved.", values=(m.kind for m in (ORDER, PAYMENT, FULFILLMENT)))],
        "from": Annotated[str | None, told("null where it began.")],
        "to": str,
    },
)
OrderEvent.__doc__ = "One move of a status."


class OrderDetail(TypedDict):
    """An order. Nobody's name, phone or door is in it."""

    number: str
    status: Annotated[str, told("How it stands.", values=OrderStatus)]
    payment_status: Annotated[str, told("How its payment stands.", values=PaymentStatus)]
    fulfillment_status: Annotated[str, told("Where its goods are.", values=FulfillmentStatus)]
    placed_at: MomentText
    pay_by: Annotated[MomentText, told("Until then an unpaid order's stock is held.")]
    paid_at: MomentText | None
    cancelled_at: MomentText | None
    completed_at: MomentText | None
    goods_fen: Fen
    freight_fen: Fen
    discount_fen: Fen
    total_fen: Annotated[Fen, told("goods + freight - discount, in fen.")]
    captured_fen: Annotated[Fen, told("Paid so far, in fen.")]
    refunded_fen: Annotated[Fen, told("Of that given back, in fen.")]
    currency: Annotated[str, told("ISO 4217.")]
    note: str
    address: OrderAddress
    lines: list[OrderedLine]
    stations: list[StationPromise]
    consignments: Annotated[list[OrderConsignment], told("Made when it is paid.")]
    parcels: list[OrderParcel]
    payments: list[OrderPayment]
    refunds: list[OrderRefund]
    events: Annotated[list[OrderEvent], told("Its history, oldest first.")]
