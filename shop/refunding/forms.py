"""What staff type to give money back, checked: one of the choices, whole units or yuan, plain words."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from core import i18n
from core.errors import Refused
from core.money import parse_yuan
from core.text import Told
from shop.claims.forms import Code, Key, Typed, plain, whole
from shop.payments.models import BEARERS

from .service import Wanted

_ = i18n.gettext
Bearer = Literal["", "grower", "master", "transport", "platform"]


class RefundForm(BaseModel):
    """A refund as a browser sends it: first looked at, then, with `sure`, done. `left_fen` is what the page showed as left."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    sure: Key = ""
    line: Typed = ""
    left_fen: Typed = ""
    what: Typed = ""
    quantity: Typed = ""
    amount: Typed = ""
    bearer: Typed = ""
    reason: Typed = ""

    def wanted(self) -> Wanted:
        """Raises Refused."""
        if self.what not in ("all", "units", "money"):
            raise Refused(_("选一选退多少"), field="what")
        if self.bearer not in ("", *BEARERS):
            raise Refused(_("选一选谁承担"), field="bearer")
        reason = plain(self.reason, "reason")
        left = int(self.left_fen) if self.left_fen.isascii() and self.left_fen.isdecimal() and len(self.left_fen) < 12 else -1
        quantity = whole(self.quantity, 9_999, "quantity", _("写几件")) if self.what == "units" else 0
        return Wanted(self.line, left, reason, quantity, self._money() if self.what == "money" else None, self.bearer)

    def _money(self) -> int:
        try:
            return parse_yuan(self.amount)
        except Refused as wrong:
            raise Refused(wrong.detail, field="amount") from wrong


class DecisionForm(BaseModel):
    """The second person's answer."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    decision: Typed = ""
    note: Typed = ""

    def approves(self) -> bool:
        """Raises Refused."""
        if self.decision not in ("approve", "refuse"):
            raise Refused(_("选同意还是不同意"), field="decision")
        return self.decision == "approve"


class NewRefund(BaseModel):
    """What to give back of one line: `amount_fen`, else `quantity` units, else all that is left of it."""

    model_config = {"extra": "forbid", "strict": True}
    line: Annotated[Code, Field(description="The order line's code.")]
    left_fen: Annotated[int, Field(ge=0, le=10**9, description="What is left of the line as you saw it; refused when it is another now.")]
    reason: Annotated[Told, Field(min_length=1, max_length=200, description="Read by the buyer.")]
    quantity: Annotated[int, Field(ge=0, le=9_999, description="Whole units it is for; 0: money alone.")] = 0
    amount_fen: Annotated[int | None, Field(ge=1, le=10**9, description="In fen; null: what the units cost, or all.")] = None
    bearer: Annotated[Bearer, Field(description="Who bears it; empty: each their own part.")] = ""

    def wanted(self) -> Wanted:
        return Wanted(self.line, self.left_fen, self.reason, self.quantity, self.amount_fen, self.bearer)


class NewRefundDecision(BaseModel):
    """The second person's answer; a no needs a note."""

    model_config = {"extra": "forbid", "strict": True}
    decision: Literal["approve", "refuse"]
    note: Annotated[Told, Field(max_length=200, description="Why not.")] = ""
