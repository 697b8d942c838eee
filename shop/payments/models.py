"""Payment attempts and refunds. An attempt is a committed row before any gateway is called; unknown is asked before anything else."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, one_of


class AttemptStatus(StrEnum):
    CREATED = "created"
    PENDING = "pending"
    UNKNOWN = "unknown"
    CAPTURED = "captured"
    FAILED = "failed"
    CLOSED = "closed"


ATTEMPT = Moves(
    "payment",
    {
        "created": {"pending", "unknown", "captured", "failed", "closed"},
        "pending": {"unknown", "captured", "failed", "closed"},
        "unknown": {"pending", "captured", "failed", "closed"},
        "failed": {"captured"},
        "closed": {"captured"},
    },
)

LIVE = ("created", "pending", "unknown")


class PaymentAttempt(SQLModel, table=True):
    __tablename__ = "payment_attempt"
    __table_args__ = (
        one_of("status", AttemptStatus),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        Index("ix_payment_attempt_order", "order_id"),
        Index("ix_payment_attempt_day", "provider", "captured_at"),
        Index(
            "uq_payment_attempt_capture", "order_id", unique=True,
            sqlite_where=text("status = 'captured' AND duplicate_of IS NULL"),
            postgresql_where=text("status = 'captured' AND duplicate_of IS NULL"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # 128-bit, unguessable
    order_id: int = Field(foreign_key="orders.id")
    provider: str
    method: str
    status: str = AttemptStatus.CREATED
    amount_fen: int = fen()
    currency: str = "CNY"
    gateway_ref: str = ""
    created_at: datetime
    captured_at: datetime | None = None
    next_query_at: datetime | None = None
    queries: int = 0
    duplicate_of: int | None = Field(default=None, foreign_key="payment_attempt.id")  # a second capture: refunded by itself


class RefundStatus(StrEnum):
    QUEUED = "queued"
    UNKNOWN = "unknown"
    DONE = "done"
    FAILED = "failed"


REFUND = Moves(
    "refund",
    {
        "queued": {"unknown", "done", "failed"},
        "unknown": {"done", "failed", "queued"},
        "failed": {"queued", "done"},  # asked again, or paid by hand
        "done": {"failed"},  # the gateway took it and could not deliver it
    },
)


class Refund(SQLModel, table=True):
    __table_args__ = (
        one_of("status", RefundStatus),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        UniqueConstraint("tenant_id", "key"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # the number the gateway is asked with, again and again the same
    key: str
    order_id: int = Field(foreign_key="orders.id", index=True)
    attempt_id: int = Field(foreign_key="payment_attempt.id")
    amount_fen: int = fen()
    reason: str
    status: str = RefundStatus.QUEUED
    asked_by: str = ""
    created_at: datetime
    done_at: datetime | None = None
    failures: int = 0  # how often the gateway said that it failed
    by_hand: str = ""  # how a person paid it past the gateway; empty: the gateway does


BEARERS = ("grower", "master", "transport", "platform")


class RefundLine(SQLModel, table=True):
    """What a refund gives back of one order line: of its goods first, of its freight last; `coupon_fen` is what a coupon had given
    for these goods, and its county has back.

    A double or a late payment goes back without lines: nothing of that money was shared. `bearer` makes good what the grower, the
    station and transport would lose by it; empty: each bears their own part.
    """

    __tablename__ = "refund_line"
    __table_args__ = (
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        *(at_least(c) for c in ("quantity", "coupon_fen")),
        one_of("bearer", ("", *BEARERS)),
        UniqueConstraint("refund_id", "line_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `RL…`, the cause of what it changes of incomes
    refund_id: int = Field(foreign_key="refund.id", index=True)
    line_id: int = Field(foreign_key="order_line.id", index=True)
    amount_fen: int = fen()
    coupon_fen: int = fen(default=0)
    quantity: int = 0  # units it is for; 0: money alone
    bearer: str = ""


class RefundShare(SQLModel, table=True):
    """How a refund changes one frozen share of a line: `amount_fen` is its part pro rata, `borne_fen` what its party bears."""

    __tablename__ = "refund_share"
    __table_args__ = (
        *(at_least(c) for c in ("amount_fen", "borne_fen")),
        CheckConstraint("amount_fen + borne_fen > 0", name="not_empty"),
        UniqueConstraint("refund_line_id", "share_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    refund_line_id: int = Field(foreign_key="refund_line.id", index=True)
    share_id: int = Field(foreign_key="line_share.id", index=True)
    amount_fen: int = fen()
    borne_fen: int = fen()


class SandboxCharge(SQLModel, table=True):
    """The sandbox gateway's own book: what a visitor of its cashier chose. Our rows learn of it by notice or by asking."""

    __tablename__ = "sandbox_charge"
    __table_args__ = (one_of("outcome", ("paid", "failed", "closed")), CheckConstraint("amount_fen > 0", name="amount_positive"))

    payment: str = Field(primary_key=True)
    tenant_id: int
    outcome: str
    amount_fen: int = fen()
    at: datetime


class SandboxRefund(SQLModel, table=True):
    """Refunds in the sandbox gateway's book; the same number asked again is the same refund."""

    __tablename__ = "sandbox_refund"
    __table_args__ = (CheckConstraint("amount_fen > 0", name="amount_positive"),)

    code: str = Field(primary_key=True)
    tenant_id: int
    payment: str = Field(foreign_key="sandbox_charge.payment", index=True)
    amount_fen: int = fen()
    at: datetime
