"""What contracted zones and their pieces look like outside."""

from datetime import date
from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, MomentText, told


class ContractNodeShape(TypedDict):
    """A village or station of a zone."""

    code: Annotated[str, told("The node's code.")]
    name: str
    township: Annotated[str, told("Where it lies; empty where none is said.")]


class ContractZoneMonth(TypedDict):
    """A zone, the firm it belongs to, and what was counted for it in the month."""

    code: Annotated[str, told("The zone's code.")]
    name: str
    operator: Annotated[str, told("The firm that serves it.")]
    starts_on: Annotated[date | None, told("The first day it is in force; null: since ever.")]
    ends_on: Annotated[date | None, told("The last day; null: for good.")]
    per_piece_fen: Fen
    nodes: Annotated[list[ContractNodeShape], told("Villages and stations of the zone.")]
    pieces_out: Annotated[int, told("Parcels handed over by the zone's node that packed them.")]
    pieces_in: Annotated[int, told("Parcels handed to the zone's node their receivers come to.")]
    fee_fen: Annotated[int, told("Fen for these pieces, each at the fee of the day it was counted.")]


class FirmTotal(TypedDict):
    """One firm's zones of the month together."""

    operator: Annotated[str, told("The firm.")]
    pieces_out: int
    pieces_in: int
    fee_fen: Fen


class ContractMonth(TypedDict):
    """The zones of a month, and what each firm's come to."""

    month: Annotated[str, told("As `2026-05`.")]
    items: list[ContractZoneMonth]
    firms: list[FirmTotal]


class CountedPiece(TypedDict):
    """One parcel counted for a zone, once."""

    parcel: Annotated[str, told("The parcel's code, for `GET /track/{code}`.")]
    direction: Annotated[str, told("Whether it left the zone or came to it.", values=("out", "in"))]
    node: Annotated[str, told("The node it was handed over at.")]
    day: Annotated[date, told("The business day of the hand-over.")]
    handed_at: MomentText
    fee_fen: Fen


class CountedPieces(TypedDict):
    """A page of a zone's pieces, last counted first."""

    items: list[CountedPiece]
    next: Annotated[str | None, told("The cursor of the following page; null on the last.")]
