"""A firm's month as people and programs read it, closed or as it stands, and what a parcel's carriage costs now and cost before."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from fulfillment.contracts.queries import Month

from .drafting import Draft, DraftLine, Unpriced, changed_firms, draft, groups_of, month_lines
from .matching import Contracts, contracts_of
from .models import LineKind, PartnerLine, PartnerMonth
from .queries import closed_in, firms, pieces_by_firm, pieces_of_month
from .reckoning import Terms, steps_of
from .words import how_words, line_words, note_words


class Amount(NamedTuple):
    """One line of a month."""

    kind: str
    of_month: date
    contract: str
    what: str
    terms: Terms
    quantity: int
    pieces: int
    fen: int

    @property
    def note(self) -> str:
        """How it comes to be, in Chinese."""
        how = how_words(self.terms, self.quantity, steps_of(self.terms, self.quantity))
        return note_words(self.kind, f"{self.of_month:%Y-%m}", self.terms, how)

    @property
    def words(self) -> str:
        return line_words(f"{self.of_month:%Y-%m}", self.what, self.note)


class Cost(NamedTuple):
    """What pieces cost under a contract: all of it shared among them, rounded half up; `before_fen` None where nobody says it."""

    what: str
    pieces: int
    fen: int
    before_fen: int | None

    @property
    def piece_fen(self) -> int:
        return (2 * self.fen + self.pieces) // (2 * self.pieces)


class FirmMonth(NamedTuple):
    """`pieces` are its parcels of the month, each once."""

    firm: str
    month: Month
    closed: PartnerMonth | None
    amounts: Sequence[Amount]
    unpriced: Sequence[Unpriced]
    pieces: int
    costs: Sequence[Cost]

    @property
    def total_fen(self) -> int:
        return sum(amount.fen for amount in self.amounts)

    @property
    def is_over(self) -> bool:
        return self.month.after <= clock.today()

    @property
    def status(self) -> str:
        """closed | blocked (something has no price) | ready | running (the month is not over)."""
        if self.closed:
            return "closed"
        return "blocked" if self.unpriced else "ready" if self.is_over else "running"


class CountyMonth(NamedTuple):
    """All firms' month. `before_fen` and `now_fen` are a piece's, over the contracts that say what it cost before; None where none does."""

    month: Month
    firms: Sequence[FirmMonth]
    pieces: int

    @property
    def total_fen(self) -> int:
        return sum(each.total_fen for each in self.firms)

    @property
    def piece_fen(self) -> int | None:
        return Cost("", self.pieces, self.total_fen, None).piece_fen if self.pieces else None

    @property
    def stated(self) -> list[Cost]:
        return [cost for each in self.firms for cost in each.costs if cost.before_fen is not None]

    @property
    def before_fen(self) -> int | None:
        return self._mean(sum((cost.before_fen or 0) * cost.pieces for cost in self.stated))

    @property
    def now_fen(self) -> int | None:
        return self._mean(sum(cost.fen for cost in self.stated))

    def _mean(self, fen: int) -> int | None:
        pieces = sum(cost.pieces for cost in self.stated)
        return Cost("", pieces, fen, None).piece_fen if pieces else None


def firm_month(session: Session, tenant_id: int, firm: str, month: Month) -> FirmMonth:
    contracts = contracts_of(session, tenant_id, [firm])
    closed = closed_in(session, tenant_id, month, [firm]).get(firm)
    if closed is not None:
        return _closed(closed, month, _lines(session, [closed])[closed.id or 0], contracts)
    return _open(draft(session, tenant_id, firm, month, contracts), pieces_of_month(session, tenant_id, [firm], month))


def county_month(session: Session, tenant_id: int, month: Month, own: Collection[str] | None = None) -> CountyMonth:
    """Every firm that has something in the month, of `own` alone if given; as many queries however many firms."""
    named = [firm for firm in firms(session, tenant_id) if own is None or firm in own]
    contracts, groups = contracts_of(session, tenant_id, named), groups_of(session, tenant_id, named, [month])
    closed = closed_in(session, tenant_id, month, named)
    lines, changed = _lines(session, closed.values()), changed_firms(session, tenant_id)
    pieces = pieces_by_firm(session, tenant_id, month)
    found = []
    for firm in named:
        if row := closed.get(firm):
            found.append(_closed(row, month, lines[row.id or 0], contracts))
        elif firm in changed:
            found.append(firm_month(session, tenant_id, firm, month))
        else:
            amounts, unpriced = month_lines(session, tenant_id, firm, month, contracts, groups)
            found.append(_open(Draft(firm, month, amounts, unpriced), pieces.get(firm, 0)))
    carried = pieces_of_month(session, tenant_id, named, month)
    return CountyMonth(month, [each for each in found if each.closed or each.amounts or each.unpriced], carried)


def _lines(session: Session, closed: Collection[PartnerMonth]) -> dict[int, list[PartnerLine]]:
    found: dict[int, list[PartnerLine]] = defaultdict(list)
    ids = [row.id for row in closed]
    for line in session.exec(select(PartnerLine).where(col(PartnerLine.month_id).in_(ids)).order_by(col(PartnerLine.position))):
        found[line.month_id].append(line)
    return found


def _closed(row: PartnerMonth, month: Month, lines: Sequence[PartnerLine], contracts: Contracts) -> FirmMonth:
    amounts = [
        Amount(line.kind, line.of_month, line.contract, line.words, Terms.of_json(line.terms), line.quantity, line.pieces, line.fen)
        for line in lines
    ]
    before = {each.code: each.before_fen for each in contracts.every}
    return FirmMonth(row.firm, month, row, amounts, [], row.pieces, _costs(amounts, before))


def _open(drafted: Draft, pieces: int) -> FirmMonth:
    amounts = [_amount(line) for line in drafted.lines]
    before = {line.contract: line.before_fen for line in drafted.lines if line.kind != LineKind.CORRECTION}
    return FirmMonth(drafted.firm, drafted.month, None, amounts, drafted.unpriced, pieces, _costs(amounts, before))


def _amount(line: DraftLine) -> Amount:
    return Amount(line.kind.value, line.of_month, line.contract, line.words, line.terms, line.due.quantity, line.due.pieces, line.fen)


def _costs(amounts: Sequence[Amount], before: dict[str, int | None]) -> list[Cost]:
    """By contract, of what was carried in the month itself."""
    own: dict[str, list[Amount]] = defaultdict(list)
    for amount in amounts:
        if amount.kind != LineKind.CORRECTION:
            own[amount.contract].append(amount)
    return [
        Cost(lines[0].what, lines[0].pieces, sum(line.fen for line in lines), before.get(code))
        for code, lines in own.items()
        if lines[0].pieces
    ]
