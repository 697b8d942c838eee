"""What a refund by staff answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, told
from shop.claims.api_shapes import ClaimRefund

from .models import RequestStatus


class RefundAsked(TypedDict):
    """A refund by staff: given at once, or waiting for a second person."""

    id: str
    order: Annotated[str, told("The order's number.")]
    line: Annotated[str, told("The order line's code.")]
    qty: Annotated[int, told("Whole units it is for; 0: money alone.")]
    amount_fen: Fen
    left_fen: Annotated[Fen, told("What is left of the line now, in fen.")]
    bearer: Annotated[str, told("Who bears it; empty: each their own part.")]
    reason: str
    status: Annotated[str, told("How it stands: `waiting` for a second person.", values=RequestStatus)]
    refund: Annotated[ClaimRefund | None, told("The money; null until it is given.")]
    note: Annotated[str, told("Why it was refused.")]
