"""Disputes at a card gateway 拒付: a cardholder asks their bank for the money back, and the gateway holds it until the bank has decided."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, Session, SQLModel, col, select

from core.status import Moves
from core.tables import at_least, fen, one_of


class DisputeStatus(StrEnum):
    OPENED = "opened"  # evidence is waited for
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"


DISPUTE = Moves("payment_dispute", {"opened": {"under_review", "won", "lost"}, "under_review": {"opened", "won", "lost"}})
LIVE = (DisputeStatus.OPENED, DisputeStatus.UNDER_REVIEW)


class PaymentDispute(SQLModel, table=True):
    __tablename__ = "payment_dispute"
    __table_args__ = (
        one_of("status", DisputeStatus),
        CheckConstraint("amount_fen > 0", name="amount_positive"),
        *(at_least(c) for c in ("held_fen", "loss_fen")),
        Index("ix_payment_dispute_desk", "tenant_id", "status", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `PD…`
    gateway_ref: str = Field(unique=True)  # the gateway's own name for it
    attempt_id: int = Field(foreign_key="payment_attempt.id", index=True)
    order_id: int = Field(foreign_key="orders.id", index=True)
    amount_fen: int = fen()
    held_fen: int = fen(default=0)  # taken out of our balance; 0 while the bank only inquires
    loss_fen: int = fen(default=0)  # lost beyond what was left of the order: the platform's
    reason: str
    status: str = DisputeStatus.OPENED
    evidence_by: datetime | None = None
    opened_at: datetime
    closed_at: datetime | None = None
    refund_id: int | None = Field(default=None, foreign_key="refund.id", unique=True)  # what a lost one gave back of the order


def is_disputed(session: Session, order_id: int) -> bool:
    """Whether a bank is looking at the order's payment now."""
    return (
        session.exec(select(PaymentDispute.id).where(PaymentDispute.order_id == order_id, col(PaymentDispute.status).in_(LIVE))).first()
        is not None
    )
