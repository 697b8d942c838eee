"""Consignments and parcels. A consignment carries its own copy of what to ship: fulfilment never reads an order."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, json_column, one_of


class ConsignmentStatus(StrEnum):
    AWAITING_PACK = "awaiting_pack"
    PACKED = "packed"
    MOVING = "moving"
    AT_HUB = "at_hub"
    ON_TRUNK = "on_trunk"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"  # the order was cancelled before packing


CONSIGNMENT = Moves(
    "consignment",
    {
        "awaiting_pack": {"packed", "cancelled"},
        "packed": {"moving", "at_hub", "on_trunk", "delivered", "returned", "lost"},
        "moving": {"at_hub", "on_trunk", "delivered", "returned", "lost"},
        "at_hub": {"moving", "on_trunk", "delivered", "returned", "lost"},
        "on_trunk": {"moving", "at_hub", "delivered", "returned", "lost"},
        # what came back or was believed lost may be scanned again; only delivery and cancellation are the end
        "returned": {"moving", "at_hub", "on_trunk", "delivered", "lost"},
        "lost": {"packed", "moving", "at_hub", "on_trunk", "delivered", "returned"},
    },
)


class Consignment(SQLModel, table=True):
    __table_args__ = (
        UniqueConstraint("tenant_id", "source_kind", "source_code", "station_id", "tier"),
        Index("ix_consignment_work", "tenant_id", "station_id", "status"),
        Index("ix_consignment_delivered", "tenant_id", "delivered_at"),
        Index("ix_consignment_promised", "tenant_id", "deliver_by"),
        one_of("status", ConsignmentStatus),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `C…`
    source_kind: str  # order | send | market
    source_code: str = Field(index=True)
    station_id: int = Field(foreign_key="station.node_id")  # where it is packed
    status: str = ConsignmentStatus.AWAITING_PACK
    tier: str  # ambient | chilled | frozen
    zone: str
    province: str
    city: str
    district: str
    to_node_id: int | None = Field(default=None, foreign_key="node.id")  # inside the county
    door_min: int | None = None  # minutes from there to the door; None: it is fetched
    name_sealed: str
    phone_sealed: str
    detail_sealed: str
    note_sealed: str = ""  # what the buyer asks of those who pack; empty when nothing
    order_by: datetime | None = None
    ships_at: datetime | None = None
    deliver_by: datetime | None = None  # the promise, measured afterwards
    told_day: date | None = None  # the day its buyer was told last, when it was not the promised one
    created_at: datetime
    packed_at: datetime | None = None
    delivered_at: datetime | None = None


class ConsignmentLine(SQLModel, table=True):
    __tablename__ = "consignment_line"
    __table_args__ = (at_least("quantity", 1),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    consignment_id: int = Field(foreign_key="consignment.id", index=True)
    line_code: str = Field(unique=True)  # the order line it fulfils: in exactly one active consignment (I5)
    variant_id: int = Field(foreign_key="variant.id")
    sku: str
    name: str
    spec: str
    quantity: int
    gross_g: int  # of one unit
    ml: int
    box_milli: int


class ParcelStatus(StrEnum):
    EXPECTED = "expected"  # cut from variant sizes at payment; the plan may assign it
    PACKED = "packed"
    MOVING = "moving"
    AT_HUB = "at_hub"
    ON_TRUNK = "on_trunk"
    DELIVERED = "delivered"
    RETURNED = "returned"
    LOST = "lost"
    CANCELLED = "cancelled"


PARCEL = Moves("parcel", {("expected" if source == "awaiting_pack" else source): to for source, to in CONSIGNMENT.table.items()})


class Parcel(SQLModel, table=True):
    """One labelled piece with one code for life. `contents` lists [line code, quantity]."""

    __table_args__ = (
        Index("ix_parcel_waiting", "tenant_id", "status"),
        one_of("status", ParcelStatus),
        *(at_least(c, 1) for c in ("grams", "ml", "box_milli")),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `JP…`, on the label
    consignment_id: int = Field(foreign_key="consignment.id", index=True)
    station_id: int = Field(foreign_key="station.node_id", index=True)
    position: int
    status: str = ParcelStatus.EXPECTED
    tier: str
    zone: str
    grams: int
    ml: int
    box_milli: int
    contents: list[Any] = json_column(default_factory=list)
    ready_at: datetime
    due_at: datetime
    shelf_until: datetime | None = None
    trunk_id: int | None = Field(default=None, foreign_key="trunk.id", index=True)
    trunk_at: datetime | None = None
    arrives_at: datetime | None = None
    packed_at: datetime | None = None
    delivered_at: datetime | None = None
    label_departure_id: int | None = Field(default=None, foreign_key="departure.id")  # the bus its label names; None: the promised time


class LotBinding(SQLModel, table=True):
    """Which lot's units lie in which parcel: bound at packing, first-expiry-first."""

    __tablename__ = "lot_binding"
    __table_args__ = (at_least("quantity", 1),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    parcel_id: int = Field(foreign_key="parcel.id", index=True)
    lot_id: int = Field(foreign_key="lot.id", index=True)
    line_code: str
    quantity: int
