"""Orders: totals, promises and every line's shares frozen at placement."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, json_column, one_of


class OrderStatus(StrEnum):
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    UNPAID = "unpaid"
    EXPIRED = "expired"  # stock freed; a late payment re-takes it or is refunded
    PAID = "paid"
    PART_REFUNDED = "part_refunded"
    REFUNDED = "refunded"


class FulfillmentStatus(StrEnum):
    NONE = "none"
    PACKING = "packing"
    IN_TRANSIT = "in_transit"
    DELIVERED = "delivered"


ORDER = Moves("order.status", {"open": {"completed", "cancelled"}})
PAYMENT = Moves(
    "order.payment",
    {
        "unpaid": {"paid", "expired"},
        "expired": {"paid", "refunded"},
        "paid": {"part_refunded", "refunded"},
        "part_refunded": {"refunded", "paid"},  # back where a refund that was given could not be delivered
        "refunded": {"part_refunded", "paid", "expired"},
    },
)
FULFILLMENT = Moves(
    "order.fulfillment",
    {"none": {"packing"}, "packing": {"in_transit", "delivered", "none"}, "in_transit": {"delivered"}},
)


class Order(SQLModel, table=True):
    __tablename__ = "orders"  # `order` is reserved
    __table_args__ = (
        one_of("status", OrderStatus),
        one_of("payment_status", PaymentStatus),
        one_of("fulfillment_status", FulfillmentStatus),
        *(at_least(c) for c in ("goods_fen", "freight_fen", "discount_fen", "total_fen", "captured_fen", "refunded_fen")),
        CheckConstraint("total_fen = goods_fen + freight_fen - discount_fen", name="total_adds_up"),
        CheckConstraint("refunded_fen <= captured_fen", name="refund_within_capture"),
        Index("ix_orders_recent", "tenant_id", "placed_at"),
        Index("ix_orders_due", "payment_status", "pay_by"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    number: str = Field(unique=True)  # `JS…`
    token_hash: str
    user_id: int | None = Field(default=None, foreign_key="app_user.id", index=True)
    sign_in_id: int | None = Field(default=None, foreign_key="sign_in.id", index=True)
    status: str = OrderStatus.OPEN
    payment_status: str = PaymentStatus.UNPAID
    fulfillment_status: str = FulfillmentStatus.NONE
    name_sealed: str
    phone_sealed: str
    phone_index: str = Field(index=True)
    province: str
    city: str
    district: str
    detail_sealed: str
    zone: str
    note_sealed: str = ""  # what the buyer asks of those who pack; empty when nothing
    currency: str = "CNY"
    goods_fen: int = fen()
    freight_fen: int = fen()
    discount_fen: int = fen(default=0)
    total_fen: int = fen()
    captured_fen: int = fen(default=0)
    refunded_fen: int = fen(default=0)
    rule_version: str
    placed_at: datetime
    pay_by: datetime
    paid_at: datetime | None = None
    completed_at: datetime | None = None
    cancelled_at: datetime | None = None
    market: str | None = None
    external_number: str | None = None
    behalf_station: str = ""  # the station that ordered for a villager


class OrderLine(SQLModel, table=True):
    __tablename__ = "order_line"
    __table_args__ = (at_least("quantity", 1), UniqueConstraint("order_id", "position"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    order_id: int = Field(foreign_key="orders.id", index=True)
    code: str = Field(unique=True)  # `JL…`
    position: int
    variant_id: int = Field(foreign_key="variant.id", index=True)
    product_code: str
    station_id: int = Field(foreign_key="station.node_id", index=True)  # origin
    level_id: int = Field(foreign_key="stock_level.id")
    channel_id: int | None = Field(default=None, foreign_key="channel.id")
    link_id: int | None = Field(default=None, foreign_key="order_link.id", index=True)
    name: str  # as sold: product, spec and picture at placement
    spec: str
    sku: str
    picture: str = ""
    tier: str
    quantity: int
    price_fen: int = fen(gt=0)
    goods_fen: int = fen()
    discount_fen: int = fen(default=0)
    freight_fen: int = fen(default=0)  # this line's part of the order's freight
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    shelf_days: int


class LineShare(SQLModel, table=True):
    """Who gets what of a line, frozen: the shares of a line sum to its goods + freight part; a coupon takes nothing off them."""

    __tablename__ = "line_share"
    __table_args__ = (UniqueConstraint("line_id", "role", "party_code"),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    line_id: int = Field(foreign_key="order_line.id", index=True)
    role: str  # grower | master | seller | transport | platform
    party_code: str
    amount_fen: int = fen(ge=0)
    rule_version: str
    words: str


class OrderPromise(SQLModel, table=True):
    """What the buyer was told per origin station."""

    __tablename__ = "order_promise"

    order_id: int = Field(primary_key=True, foreign_key="orders.id")
    station_id: int = Field(primary_key=True, foreign_key="station.node_id")
    tier: str = Field(primary_key=True)
    tenant_id: int
    order_by: datetime
    ships_at: datetime
    deliver_by: datetime
    path: list[Any] = json_column(default_factory=list)
    to_node_id: int | None = Field(default=None, foreign_key="node.id")  # where it ends inside the county
    door_min: int | None = None  # minutes from there to the door; None: it is fetched
