"""Claims 售后: what a buyer says is wrong with one line, what the county's rule gives for it, and who decided what."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field, SQLModel

from core import i18n
from core.status import Moves
from core.tables import at_least, fen, json_column, one_of
from shop.payments.models import BEARERS


class Reason(StrEnum):
    """What is wrong: damaged or spoiled in part, units missing or wrong, or nothing arrived."""

    DAMAGED = "damaged"
    SPOILED = "spoiled"
    MISSING = "missing"
    WRONG = "wrong"
    NOT_ARRIVED = "not_arrived"


REASONS = i18n.marked(
    {
        Reason.SPOILED: "坏了、烂了、死了", Reason.DAMAGED: "压坏了、碰破了", Reason.MISSING: "少了", Reason.WRONG: "发错了",
        Reason.NOT_ARRIVED: "没有收到",
    }
)  # fmt: skip


class ClaimStatus(StrEnum):
    OPEN = "open"
    SECOND = "second"  # approved by one person, above the limit: a second one decides
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


CLAIM = Moves(
    "claim", {"open": {"second", "approved", "refused", "withdrawn"}, "second": {"approved", "refused", "withdrawn"}}
)  # fmt: skip
LIVE = (ClaimStatus.OPEN, ClaimStatus.SECOND)


class Claim(SQLModel, table=True):
    __table_args__ = (
        one_of("reason", Reason),
        one_of("status", ClaimStatus),
        one_of("bearer", BEARERS),
        *(at_least(c) for c in ("quantity", "damaged_pct", "award_fen", "amount_fen")),
        CheckConstraint("damaged_pct <= 100", name="part_of_the_whole"),
        Index("ix_claim_desk", "tenant_id", "status", "id"),
        Index(
            "uq_claim_live", "line_id", unique=True,
            sqlite_where=text("status IN ('open', 'second')"), postgresql_where=text("status IN ('open', 'second')"),
        ),
    )  # fmt: skip

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `CL…`
    order_id: int = Field(foreign_key="orders.id", index=True)
    line_id: int = Field(foreign_key="order_line.id", index=True)
    reason: str
    quantity: int = 0  # units it is about; 0: said as a part of the whole
    damaged_pct: int = 0
    words: str = ""
    rule: dict[str, Any] = json_column(default_factory=dict)  # the category's rule as it was when the claim was opened
    status: str = ClaimStatus.OPEN
    bearer: str
    award_fen: int = fen()  # what the rule gives
    amount_fen: int = fen(default=0)  # what was decided; 0 until then, and when it was refused
    note: str = ""  # why it was decided so, for the buyer to read
    opened_by: str
    vouched_by: str = ""  # a colleague who opened it for a buyer on the phone, and stands for what the buyer says
    opened_at: datetime
    closes_at: datetime | None = None  # the end of the window it was opened in; None: nothing arrived
    decided_by: str = ""  # a user's key, or `rule`
    decided_at: datetime | None = None
    second_by: str = ""
    second_at: datetime | None = None
    refund_id: int | None = Field(default=None, foreign_key="refund.id", unique=True)


class ClaimPhoto(SQLModel, table=True):
    """A picture drawn anew; it belongs to the order whose buyer sent it, then to the claim that shows it."""

    __tablename__ = "claim_photo"

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str = Field(unique=True)  # `PH…`
    order_id: int = Field(foreign_key="orders.id", index=True)
    claim_id: int | None = Field(default=None, foreign_key="claim.id", index=True)
    file_id: int = Field(foreign_key="stored_file.id")
    sent_at: datetime
