"""What firms' months look like outside."""

from datetime import date
from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, Grams, MomentText, Next, told
from supply.counties.profile_kinds import Basis

from .models import LegKind, LineKind

MonthText = Annotated[str, told("As `2026-05`.")]
Status = Annotated[
    str,
    told(
        "`running` until the month is over, `blocked` while something has no price, `ready` to be closed, `closed` for good.",
        values=("running", "blocked", "ready", "closed"),
    ),
]


class UnpricedCarriage(TypedDict):
    """What was carried that no contract pays: the month is not closed until one does."""

    line: Annotated[str, told("The line's code.")]
    name: str
    pieces: int
    since: Annotated[date, told("The first day.")]


class PartnerAmount(TypedDict):
    """One amount of a month."""

    kind: Annotated[str, told("Carriage, what lifts it to the minimum, what cuts it to the cap, or a correction.", values=LineKind)]
    month: Annotated[str, told("The month it was carried in.")]
    contract: Annotated[str, told("The contract's or zone's code.")]
    covers: Annotated[str, told("What the contract pays for.")]
    basis: Annotated[str, told("What is counted.", values=Basis)]
    price: Annotated[int, told("Fen a unit; basis points of a share.")]
    tiers: Annotated[list[list[int]], told("From which unit of the month on which price: `[[1001, 65]]`.")]
    quantity: Annotated[int, told("Units of the basis; of a share the fen it is a share of.")]
    pieces: int
    amount_fen: Fen
    words: Annotated[str, told("The amount as a sentence.")]


class PieceCost(TypedDict):
    """What a piece costs under a contract."""

    covers: str
    pieces: int
    amount_fen: Fen
    piece_fen: Annotated[int, told("Fen a piece, minimum and cap included.")]
    before_fen: Annotated[int | None, told("What a piece cost before it was carried jointly; null where the county does not say.")]


class PartnerMonthShape(TypedDict):
    """A firm's month in one line."""

    firm: str
    month: MonthText
    status: Status
    pieces: Annotated[int, told("Parcels, each once.")]
    total_fen: Fen


class PartnerMonthDetail(PartnerMonthShape):
    """A firm's month with what it is made of."""

    code: Annotated[str | None, told("Of the closed month; null before.")]
    closed_at: MomentText | None
    lines: list[PartnerAmount]
    unpriced: list[UnpricedCarriage]
    costs: list[PieceCost]


class PartnerMonths(TypedDict):
    """All firms' month, and what a piece costs."""

    month: MonthText
    items: list[PartnerMonthShape]
    total_fen: Fen
    pieces: Annotated[int, told("Parcels, each once, whoever carried them.")]
    piece_fen: Annotated[int | None, told("Fen paid to firms for each of them; null where there are none.")]
    before_fen: Annotated[int | None, told("What a piece cost before, over the contracts that say it; null where none does.")]
    now_fen: Annotated[int | None, told("What a piece costs now under those same contracts.")]


class LegShape(TypedDict):
    """One parcel that a run, door round, node or zone had."""

    parcel: Annotated[str, told("The parcel's code, for `GET /track/{code}`.")]
    kind: Annotated[str, told("On a run, to the doors, at a node, or of a contracted zone.", values=LegKind)]
    line: Annotated[str, told("The line's code; empty of what is no line's.")]
    place: Annotated[str, told("The departure, round, node or zone.")]
    from_node: Annotated[str, told("Where it was taken; empty where no scan says it.")]
    to_node: Annotated[str, told("Where it was given; empty where no scan says it.")]
    day: date
    handed_at: MomentText
    grams: Grams
    box: Annotated[str, told("The turnover box it lay in; empty: none.")]
    contract: Annotated[str, told("What it was paid by; empty before the month is closed.")]


class LegList(TypedDict):
    """A page of a month's legs, the last written first."""

    items: list[LegShape]
    next: Next


class AgreedContract(TypedDict):
    """A contract with a firm; what it covers is the one of line, stretch, node, node and kind, or kind that is not empty."""

    code: str
    line: str
    from_node: str
    to_node: str
    node: str
    kind: str
    basis: Annotated[str, told("What is counted.", values=Basis)]
    price: Annotated[int, told("Fen a unit; basis points of a share.")]
    tiers: Annotated[list[list[int]], told("From which unit of the month on which price: `[[1001, 65]]`.")]
    minimum_fen: Annotated[int | None, told("The least of a whole month.")]
    cap_fen: Annotated[int | None, told("The most of a whole month.")]
    starts: Annotated[date, told("The first day.")]
    ends: Annotated[date | None, told("The last day; null: for good.")]
    before_fen: Annotated[int | None, told("What a piece cost before it was carried jointly; null where nobody says it.")]


class AgreedContracts(TypedDict):
    """A firm's contracts."""

    items: list[AgreedContract]
