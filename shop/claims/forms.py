"""What a buyer and the office type, checked: whole numbers in any digits of theirs, one of the choices, plain words."""

from typing import Annotated, Literal

from fastapi import UploadFile
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from core import i18n
from core.errors import Refused
from core.money import parse_yuan
from core.text import Told

from .deciding import Decision
from .models import Reason
from .photos import MOST
from .rules import Said

_ = i18n.gettext
Typed = Annotated[str, Field(max_length=2_000)]
Key = Annotated[str, Field(max_length=100)]
WORDS: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(max_length=200)])
Code = Annotated[str, Field(min_length=1, max_length=40)]


class ClaimForm(BaseModel):
    """A claim as a browser sends it, its photos with it."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    line: Typed = ""
    reason: Typed = ""
    quantity: Typed = ""
    damaged_pct: Typed = ""
    words: Typed = ""
    photos: list[UploadFile | str] = []  # a browser sends an empty text where nothing was chosen

    def said(self) -> Said:
        """Raises Refused."""
        if self.reason not in set(Reason):
            raise Refused(_("选一选哪里不对"), field="reason")
        reason = Reason(self.reason)
        if reason == Reason.NOT_ARRIVED:
            return Said(reason)
        if reason in (Reason.MISSING, Reason.WRONG):
            return Said(reason, quantity=whole(self.quantity, 9_999, "quantity", _("写几件")))
        return Said(reason, damaged_pct=whole(self.damaged_pct, 100, "damaged_pct", _("选一选坏了多少")))

    def pictures(self) -> list[bytes]:
        """The bytes of the photos that were chosen. Raises Refused."""
        from core.pictures import LARGEST

        chosen = [each for each in self.photos if not isinstance(each, str) and (each.filename or each.size)]
        if len(chosen) > MOST:
            raise Refused(_("照片太多了，一次最多 {n} 张").format(n=MOST), field="photos")
        return [each.file.read(LARGEST + 1) for each in chosen]


class DecisionForm(BaseModel):
    """The office's decision; the amount in yuan."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    decision: Typed = ""
    amount: Typed = ""
    bearer: Typed = ""
    note: Typed = ""

    def decided(self) -> Decision:
        """Raises Refused."""
        if self.decision not in ("approve", "refuse"):
            raise Refused(_("选同意还是不同意"), field="decision")
        amount = parse_yuan(self.amount) if self.decision == "approve" and self.amount.strip() else None
        bearer = self.bearer if self.bearer in ("grower", "master", "transport", "platform") else None
        return Decision(self.decision == "approve", amount, bearer, plain(self.note, "note"))


class NewClaim(BaseModel):
    """A claim for one line: `quantity` of whole units (missing, wrong) or `damaged_pct` of the goods (damaged, spoiled)."""

    model_config = {"extra": "forbid", "strict": True}
    line: Annotated[Code, Field(description="The order line's code.")]
    reason: Annotated[Reason, Field(strict=False, description="What is wrong.")]
    quantity: Annotated[int, Field(ge=0, le=9_999, description="Whole units it is about; 0: said by `damaged_pct`.")] = 0
    damaged_pct: Annotated[int, Field(ge=0, le=100, description="Per cent of the goods; 0: said by `quantity`.")] = 0
    words: Annotated[Told, Field(max_length=200, description="Read by the office.")] = ""
    photos: Annotated[list[Code], Field(max_length=MOST, description="Codes of `POST /orders/{number}/photos`.")] = []

    def said(self) -> Said:
        if self.reason == Reason.NOT_ARRIVED:
            return Said(self.reason)
        return Said(self.reason, self.quantity, 0 if self.quantity else self.damaged_pct)


class NewDecision(BaseModel):
    """A decision: what is left out is as the rule says; one that differs needs a note, and so does a refusal."""

    model_config = {"extra": "forbid", "strict": True}
    decision: Literal["approve", "refuse"]
    amount_fen: Annotated[int | None, Field(ge=1, le=10**9, description="Of the line, in fen.")] = None
    bearer: Annotated[Literal["grower", "master", "transport", "platform"] | None, Field(description="Who bears it.")] = None
    note: Annotated[Told, Field(max_length=200, description="Read by the buyer.")] = ""


def plain(text: str, field: str) -> str:
    """Words of a form, cleaned. Raises Refused."""
    try:
        return WORDS.validate_python(text)
    except ValidationError as wrong:
        raise Refused(_("写简短些，200 字以内，只写文字"), field=field) from wrong


def whole(text: str, most: int, field: str, words: str) -> int:
    typed = text.strip()
    if not (typed.isdecimal() and len(typed) <= 4 and 1 <= int(typed) <= most):
        raise Refused(words, field=field)
    return int(typed)
