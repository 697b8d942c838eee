"""Shares 分账: what of a settlement run the payment provider gives parties straight out of buyers' payments.

A request gives parts of one captured payment to at most five parties, all or none. It is settled and kept before the provider is asked, and
its code is the number it is asked under, for ever: whatever breaks off, asked again it is the same act.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.status import Moves
from core.tables import at_least, fen, one_of


class ShareStatus(StrEnum):
    PLANNED = "planned"  # the provider has never been asked, or said that it did not even look
    ASKED = "asked"  # it may have been done: only the provider knows
    SHARED = "shared"
    REFUSED = "refused"  # its parties are paid by transfer


SHARE = Moves("share", {"planned": {"asked", "refused"}, "asked": {"planned", "shared", "refused"}})
OPEN = (ShareStatus.PLANNED, ShareStatus.ASKED)


class ShareRequest(SQLModel, table=True):
    """`limit_fen` is the most that the payment could give in all when this was settled, `share_by` the last day on which it may."""

    __tablename__ = "share_request"
    __table_args__ = (
        one_of("status", ShareStatus),
        CheckConstraint("amount_fen <= limit_fen", name="within_limit"),
        *(at_least(c) for c in ("amount_fen", "tries", "rounds")),
        Index("ix_share_request_attempt", "attempt_id"),
        Index("ix_share_request_run", "run_id", "status"),
    )

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `FQ…`
    run_id: int = Field(foreign_key="settlement_run.id")
    attempt_id: int = Field(foreign_key="payment_attempt.id")
    status: str = ShareStatus.PLANNED
    amount_fen: int = fen()  # of the parts that stand
    limit_bp: int
    limit_fen: int = fen()
    share_by: date
    planned_at: datetime
    tries: int = 0  # how often the provider was asked
    rounds: int = 0  # how often people had it asked anew after all tries failed
    answered_at: datetime | None = None
    gateway_ref: str = ""
    reason: str = ""  # why it was refused


class SharePart(SQLModel, table=True):
    """One party's part; `left_out` says why it was not asked for: the provider does not know the party's account by that name."""

    __tablename__ = "share_part"
    __table_args__ = (at_least("amount_fen", 1), UniqueConstraint("request_id", "statement_id"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `FZ…`
    request_id: int = Field(foreign_key="share_request.id")
    statement_id: int = Field(foreign_key="statement.id", index=True)
    amount_fen: int = fen()
    left_out: str = ""
