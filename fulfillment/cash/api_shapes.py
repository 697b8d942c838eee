"""What station cash looks like outside."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, MomentText, Next, told

from .models import Purpose


class CashTakingShape(TypedDict):
    """Cash that was taken over the counter."""

    code: Annotated[str, told("For `POST …/cash/{taking}/undoing`.")]
    purpose: Annotated[str, told("Whose it is: service is the master's income, send transport's, collected the county's.", values=Purpose)]
    what: Annotated[str, told("In the words of whoever took it.")]
    amount_fen: Fen
    date: Day
    taken_at: MomentText
    undone_at: Annotated[MomentText | None, told("When it was taken back; null while it stands.")]


class CashCloseShape(TypedDict):
    """A day's count beside what the books say."""

    code: str
    date: Day
    expected_fen: Annotated[int, told("What the books say the station holds, in fen.")]
    counted_fen: Annotated[int, told("What was counted, in fen.")]
    reason: Annotated[str, told("Why they differ; empty when they do not.")]


class CashPaidInShape(TypedDict):
    """Cash that finance took over from a station."""

    code: str
    amount_fen: Fen
    reference: Annotated[str, told("The receipt's number.")]
    received_at: MomentText


class StationCash(TypedDict):
    """What a station holds of the county's, its last closes and payments, and a page of what it took, newest first."""

    station: Annotated[str, told("The station's code.")]
    held_fen: Annotated[int, told("What its master owes now, in fen.")]
    closes: list[CashCloseShape]
    paid_in: list[CashPaidInShape]
    items: list[CashTakingShape]
    next: Next


class StationTill(TypedDict):
    """A station that holds cash or ever did."""

    station: Annotated[str, told("The station's code.")]
    name: str
    held_fen: Fen
    last_close: Annotated[Day | None, told("The last day it was counted; null when never.")]


class CountyCash(TypedDict):
    """All stations with cash, who holds most first."""

    items: list[StationTill]
    held_fen: Annotated[int, told("All of it, in fen.")]
