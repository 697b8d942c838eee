"""What the claims' calls answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, MomentText, Next, told
from shop.payments.models import BEARERS, RefundStatus

from .models import ClaimStatus, Reason


class PhotoKept(TypedDict):
    """A picture drawn anew: without its place, its camera or anything else it carried."""

    photo: Annotated[str, told("Its code, for `POST /orders/{number}/claims`.")]
    address: Annotated[str, told("The path it is shown at, to whoever may see the order or the claim.")]


class ClaimRefund(TypedDict):
    """The money that a claim gives back."""

    code: str
    status: Annotated[str, told("How it stands.", values=RefundStatus)]
    amount_fen: Fen


class ClaimItem(TypedDict):
    """A claim, for its buyer."""

    id: str
    order: Annotated[str, told("The order's number.")]
    line: Annotated[str, told("The order line's code.")]
    name: Annotated[str, told("What was bought.")]
    reason: Annotated[str, told("What is wrong.", values=Reason)]
    qty: Annotated[int, told("Whole units it is about; 0: said as a part of the goods.")]
    damaged_pct: Annotated[int, told("Per cent of the goods; 0: said in units.")]
    words: str
    photos: Annotated[list[str], told("Paths of its photos.")]
    status: Annotated[str, told("How it stands: `second` waits for a second person.", values=ClaimStatus)]
    award_fen: Annotated[Fen, told("What the rule gives, in fen.")]
    amount_fen: Annotated[Fen, told("What was decided, in fen; 0 until then.")]
    note: Annotated[str, told("Why it was decided so.")]
    opened_at: MomentText
    decided_at: MomentText | None
    refund: Annotated[ClaimRefund | None, told("null until it is approved.")]


class ClaimList(TypedDict):
    """Claims, and where the next page begins."""

    items: list[ClaimItem]
    next: Next


class ClaimMove(TypedDict):
    """One step of a claim's trail."""

    at: MomentText
    to: Annotated[str, told("The state it came to.", values=ClaimStatus)]
    by: Annotated[str, told("A colleague's key, `rule`, or the buyer's.")]
    note: str


class ClaimDetail(ClaimItem):
    """A claim, for the office."""

    bearer: Annotated[str, told("Who bears it.", values=BEARERS)]
    station: Annotated[str, told("The code of the station that sent it.")]
    steps: list[ClaimMove]


class ClaimDeskList(TypedDict):
    """Claims for the office, and where the next page begins."""

    items: list[ClaimDetail]
    next: Next
