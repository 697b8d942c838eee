"""What the income calls answer. Sums equal the ledger."""

from typing import Annotated, Any

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, MomentText, Next, told
from fulfillment.income.models import IncomeState, Source

IncomeSource = Annotated[str, told("What it was earned with.", values=Source)]
State = Annotated[str, told("pending until the claim window ends, then payable, paid; reversed rows count nowhere.", values=IncomeState)]


class IncomeSum(TypedDict):
    """All rows of one source in one state."""

    source: IncomeSource
    state: State
    amount_fen: Fen
    entries: int


class IncomePeriod(TypedDict):
    """What was earned in a day, month or year; reversed rows are left out."""

    start: Annotated[Day, told("Its first day.")]
    amount_fen: Fen
    entries: int


class IncomeRow(TypedDict):
    """One thing that was earned."""

    id: Annotated[str, told("The row's code, for `GET /income/{entry}`.")]
    source: IncomeSource
    state: State
    amount_fen: Fen
    words: Annotated[str, told("How it was computed, frozen when it was earned.")]
    cause_kind: Annotated[str, told("order_line, parcel, service, rule or refund.")]
    cause_code: str
    date: Annotated[Day, told("The business day it counts to.")]
    payable_at: Annotated[MomentText | None, told("When the claim window ends; null until it is delivered.")]


StationIncome = TypedDict(
    "StationIncome",
    {
        "station": Annotated[str, told("The station's code.")],
        "from": Day,
        "to": Day,
        "group": Annotated[str, told("What a period is.", values=("day", "month", "year"))],
        "sums": list[IncomeSum],
        "periods": list[IncomePeriod],
        "total_fen": Annotated[Fen, told("Everything earned in these days but what was reversed, in fen.")],
        "items": list[IncomeRow],
        "next": Next,
    },
)
StationIncome.__doc__ = "A station's income from `from` to `to` inclusive: sums over all of it, and a page of its rows, newest first."


class IncomeFact(TypedDict):
    """A fact of a cause, in the page's language."""

    name: str
    value: str


class IncomeCause(TypedDict):
    """What caused it, in words. A buyer is a city, never a name."""

    title: str
    facts: list[IncomeFact]


class IncomeDetail(IncomeRow):
    """One row opened to its cause."""

    facts: Annotated[dict[str, Any], told("The figures it was computed from, by name; they differ by source.")]
    rule_version: Annotated[str, told("The version of the share rule it follows.")]
    cause: Annotated[IncomeCause | None, told("null where nothing more is known of it.")]
