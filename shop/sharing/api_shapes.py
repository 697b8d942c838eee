"""Shares of a settlement run as JSON."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, Next, told

from .models import ShareStatus


class GivenShare(TypedDict):
    """One party's part of one payment."""

    code: str
    request: Annotated[str, told("The number Alipay is asked under; several parts of one payment may have the same.")]
    statement: Annotated[str, told("For `GET /statements/{code}`.")]
    order: Annotated[str, told("The order whose payment gives it.")]
    amount_fen: Fen
    status: Annotated[str, told("How it stands; a refused one is transferred.", values=ShareStatus)]
    reason: Annotated[str, told("Why it was refused; empty otherwise.")]


class RunShares(TypedDict):
    """What of a run its parties are given straight out of buyers' payments."""

    run: Annotated[str, told("For `GET /settlements/{code}`.")]
    begun: Annotated[bool, told("Whether it was settled what is shared out.")]
    open: Annotated[int, told("Payments that Alipay has not answered for: meanwhile the run is neither exported nor voided.")]
    shared_fen: Annotated[int, told("What was given, in fen.")]
    refused_fen: Annotated[int, told("What is transferred instead, in fen.")]
    items: list[GivenShare]
    next: Next


class RoyaltyList(TypedDict):
    """Who was given what; account numbers stand in it in full."""

    name: str
    csv: Annotated[str, told("The file's text.")]
