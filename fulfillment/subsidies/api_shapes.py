"""What subsidies look like outside."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, MomentText, Next, told

from .models import AwardState, VersionState

Beneficiary = Annotated[str, told("Who is paid.", values=("station", "grower", "partner", "platform"))]
MonthText = Annotated[str, told("A month, as `2026-05`.")]


class SubsidyFact(TypedDict):
    """Something told by its name."""

    name: str
    value: str


class SubsidyProgramme(TypedDict):
    """A programme and its money."""

    code: Annotated[str, told("The programme's code, for its awards.")]
    name: str
    funder: Annotated[str, told("Who pays for it.")]
    basis: Annotated[str, told("What it pays for.", values=("piece", "vehicle_month", "vehicle_once", "station", "grant", "sale"))]
    beneficiary: Beneficiary
    starts_on: Day
    ends_on: Day
    version: Annotated[int, told("The version in force, or the draft where none is.")]
    version_state: Annotated[str, told("How that version stands.", values=VersionState)]
    amounts: Annotated[list[str], told("How much it pays, in words.")]
    conditions: Annotated[list[SubsidyFact], told("On which conditions, in words.")]
    budget_fen: Fen
    taken_fen: Annotated[int, told("What its awards have taken, in fen.")]
    left_fen: Annotated[int, told("What is left of the budget, in fen.")]
    waiting_fen: Annotated[int, told("Awards that there was no room for, in fen.")]
    paid_fen: Annotated[int, told("What the funder has paid, in fen.")]


class SubsidyProgrammes(TypedDict):
    """Every programme of the county."""

    items: list[SubsidyProgramme]


class SubsidyAwardShape(TypedDict):
    """What one cause brings its beneficiary."""

    code: Annotated[str, told("The award's code: the cause of a row of income.")]
    state: Annotated[str, told("How it stands; one that waits had no room in the budget or under the cap.", values=AwardState)]
    waits_for: Annotated[str, told("What a waiting one has no room in; empty otherwise.", values=("", "budget", "cap"))]
    cause_kind: Annotated[str, told("What it is for.", values=("parcel", "order_line", "vehicle", "station", "evidence"))]
    cause: Annotated[str, told("The code of the parcel, order line, vehicle, station or document.")]
    period: Annotated[str, told("The month or year it is for, the direction of a parcel; empty: once for good.")]
    month: MonthText
    beneficiary: Beneficiary
    party: Annotated[str, told("The station's, grower's or firm's code; empty for the platform.")]
    amount_fen: Fen
    words: Annotated[str, told("How it was reckoned, in Chinese.")]
    facts: Annotated[list[SubsidyFact], told("What it was reckoned from, in words.")]
    made_at: MomentText


class SubsidyAwards(TypedDict):
    """A page of a programme's awards, the last made first."""

    items: list[SubsidyAwardShape]
    next: Next


class SubsidyReportRow(TypedDict):
    """What one beneficiary was awarded for causes of one month."""

    programme: Annotated[str, told("The programme's code.")]
    beneficiary: Beneficiary
    party: Annotated[str, told("The station's, grower's or firm's code; empty for the platform.")]
    month: MonthText
    awards: Annotated[int, told("How many awards.")]
    amount_fen: Fen


class SubsidyDocument(TypedDict):
    """A confirmed document of the quarter."""

    code: Annotated[str, told("The document's code.")]
    programme: Annotated[str, told("The programme's code.")]
    document: Annotated[str, told("Its number, or where it is kept.")]
    on_date: Day
    amount_fen: Fen


class SubsidyReport(TypedDict):
    """A quarter's awards that stand, by programme, beneficiary and month."""

    quarter: Annotated[str, told("As `2026Q3`.")]
    amount_fen: Fen
    programmes: list[SubsidyProgramme]
    items: list[SubsidyReportRow]
    evidence: list[SubsidyDocument]
