"""Refunds that staff ask for without a claim: what somebody at the station or the office wants given back, and who said yes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from core.status import Moves
from core.tables import at_least, fen, one_of
from shop.payments.models import BEARERS


class RequestStatus(StrEnum):
    WAITING = "waiting"  # beyond what the asker may give alone: a second person decides
    GIVEN = "given"
    REFUSED = "refused"


REQUEST = Moves("refund_request", {"waiting": {"given", "refused"}})


class AskedAs(StrEnum):
    """Which limit holds for the one who asks."""

    MASTER = "master"
    OFFICE = "office"


class RefundRequest(SQLModel, table=True):
    __tablename__ = "refund_request"
    __table_args__ = (
        one_of("status", RequestStatus),
        one_of("asked_as", AskedAs),
        one_of("bearer", ("", *BEARERS)),
        *(at_least(c) for c in ("quantity", "amount_fen")),
        Index("ix_refund_request_desk", "tenant_id", "status", "id"),
        Index(
            "uq_refund_request_waiting", "line_id", unique=True,
            sqlite_where=text("status = 'waiting'"), postgresql_where=text("status = 'waiting'"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `RQ…`
    order_id: int = Field(foreign_key="orders.id", index=True)
    line_id: int = Field(foreign_key="order_line.id", index=True)
    quantity: int = 0  # units it is for; 0: money alone
    amount_fen: int = fen()
    bearer: str = ""  # empty: each bears their own part
    reason: str
    status: str
    asked_as: str
    asked_by: str
    asked_at: datetime
    decided_by: str = ""  # the second person; empty where the asker may give it alone
    decided_at: datetime | None = None
    note: str = ""  # why it was refused
    refund_id: int | None = Field(default=None, foreign_key="refund.id", unique=True)
