"""What settlements, statements and disputes look like outside."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, MomentText, Next, told

from .models import DisputeStatus, RunStatus, StatementStatus, Way

PartyKind = Annotated[str, told("Who is paid.", values=("station", "grower", "seller", "partner"))]


class PartyDraft(TypedDict):
    """What one party would get, or why it gets nothing this time."""

    party_kind: PartyKind
    party: Annotated[str, told("The station's, grower's or seller's code, or the firm.")]
    rows: Annotated[int, told("Rows of income.")]
    amount_fen: Fen
    netted_fen: Annotated[int, told("Cash of the station that its master keeps of it, in fen.")]
    payout_fen: Fen
    carried: Annotated[str, told("Why it waits for the next run; empty when it is paid.")]
    share_until: Annotated[Day | None, told("The last day on which its oldest row may be shared out; null where the county has no limit.")]


class SettlementPreview(TypedDict):
    """What a run would freeze now. Nothing is written."""

    until: Day
    items: list[PartyDraft]
    payout_fen: Annotated[int, told("All that would be paid, in fen.")]


class Settlement(TypedDict):
    """One run."""

    code: Annotated[str, told("For `GET /settlements/{code}`.")]
    until: Annotated[Day, told("The last business day whose rows it settles.")]
    status: Annotated[str, told("How far it is.", values=RunStatus)]
    payout_fen: Fen
    frozen_at: MomentText
    approved_at: Annotated[MomentText | None, told("When a second person approved it; null before.")]


class Settlements(TypedDict):
    """A page of runs, the last first."""

    items: list[Settlement]
    next: Next


class StatementShape(TypedDict):
    """One party's statement of a run."""

    code: Annotated[str, told("For `GET /statements/{code}`.")]
    party_kind: PartyKind
    party: Annotated[str, told("The station's, grower's or seller's code, or the firm.")]
    name: str
    status: Annotated[str, told("How it stands.", values=StatementStatus)]
    rows: Annotated[int, told("Rows of income.")]
    first: Annotated[Day, told("The first business day of its rows.")]
    last: Annotated[Day, told("The last one.")]
    amount_fen: Annotated[int, told("What the rows add up to, in fen.")]
    netted_fen: Annotated[int, told("Station cash that its master keeps of it, in fen.")]
    payout_fen: Annotated[int, told("What is paid, in fen.")]
    shared_fen: Annotated[int, told("Of that: what the payment provider gave out of buyers' payments; the rest is transferred.")]
    way: Annotated[str, told("How it is paid.", values=Way)]


class SettlementDetail(Settlement):
    """A run with its statements."""

    statements: list[StatementShape]


class WaySum(TypedDict):
    """What of a run goes one way."""

    way: Annotated[str, told("How it is paid.", values=Way)]
    statements: int
    payout_fen: Fen


class WaySums(TypedDict):
    """What of a run goes which way."""

    items: list[WaySum]


class PaymentFile(TypedDict):
    """What the bank or Alipay is given; account numbers stand in it in full."""

    name: str
    way: Annotated[str, told("How it is paid.", values=Way)]
    csv: Annotated[str, told("The file's text.")]


class BankListAnswer(TypedDict):
    """A bank's list against a run: statement codes by what their lines mean."""

    confirmed: list[str]
    sent_back: Annotated[list[str], told("The bank could not pay them: owed again.")]
    wrong_amount: Annotated[list[str], told("Another amount than ours; nothing changed.")]
    foreign: Annotated[list[str], told("No statements of this run.")]
    missing: Annotated[list[str], told("Paid, and in no line.")]


class StatementRow(TypedDict):
    """One row of income in a statement."""

    id: Annotated[str, told("For `GET /income/{entry}`.")]
    date: Day
    source: Annotated[str, told("What it was earned with.")]
    amount_fen: Fen
    words: Annotated[str, told("How it was computed.")]


class StatementDetail(StatementShape):
    """A statement with a page of its rows, the oldest first."""

    items: list[StatementRow]
    next: Next


class StatementList(TypedDict):
    """A page of one's own statements, the last first."""

    items: list[StatementShape]
    next: Next


class Dispute(TypedDict):
    """What a party says of a row, and what finance answered."""

    code: str
    income: Annotated[str, told("The row it is about.")]
    status: Annotated[str, told("Whether it was answered, and how.", values=DisputeStatus)]
    reason: str
    answer: Annotated[str, told("Empty until it is answered.")]
    granted_fen: Annotated[int, told("What finance pays on top, in fen; below zero it takes off.")]


class Disputes(TypedDict):
    """A page of disputes, who waits longest first."""

    items: list[Dispute]
    next: Next
