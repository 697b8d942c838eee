"""What the ledger of a period looks like outside."""

from typing import Annotated

from typing_extensions import TypedDict

from core.ledger.models import Side
from core.web.shapes import Day, Fen, Moment, Next, told


class AccountTotal(TypedDict):
    """One account's period in one currency; fen, debit positive."""

    account: Annotated[str, told("What it is and whose, as in `station:nh-gejia`.")]
    side: Annotated[str, told("Which side makes it grow.", values=Side)]
    currency: Annotated[str, told("ISO 4217.")]
    opening_fen: Annotated[int, told("What stood before the first day.")]
    debit_fen: Fen
    credit_fen: Fen
    closing_fen: Annotated[int, told("What stands after the last day: opening + debit − credit.")]


class TrialBalance(TypedDict):
    """Every account moved up to the last day. Openings and closings come to 0, debits and credits are the same sum."""

    first: Annotated[Day, told("The first business day.")]
    last: Annotated[Day, told("The last business day.")]
    items: list[AccountTotal]


class LedgerLine(TypedDict):
    """One line of an entry."""

    account: Annotated[str, told("As in the trial balance.")]
    amount_fen: Annotated[int, told("In fen, debit positive.")]


class LedgerEntry(TypedDict):
    """One balanced entry. It is never changed; a correction is another entry that names it."""

    key: Annotated[str, told("What happened, once.")]
    kind: Annotated[str, told("What kind of entry: capture, share, refund …")]
    currency: Annotated[str, told("ISO 4217.")]
    cause_kind: Annotated[str, told("What it is an entry of: order, parcel, statement, bill …")]
    cause: Annotated[str, told("The cause's code.")]
    business_date: Day
    posted_at: Moment
    reverses: Annotated[str | None, told("The key of the entry it takes back.")]
    lines: list[LedgerLine]


class LedgerEntries(TypedDict):
    """A page of entries in the order they were made."""

    items: list[LedgerEntry]
    next: Next
