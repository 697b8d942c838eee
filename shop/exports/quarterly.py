"""What operators and workers of the platform earned in a quarter, by month, as the 2025 rules on tax information of internet platforms ask.

Growers and stations are operators (goods and services), livestream sellers are workers. Amounts are in fen and count on the business day
of their row. `gross` is what was earned before anything was taken off: for a grower what their goods were sold for, with the parts of
the platform, the station and the seller in it. `returned` went back to buyers. `fees` are those parts, less what of them went back.
`net` = gross − returned − fees is what the party's own rows come to, which is what the settlements pay. No identity numbers: the county
holds none; whoever files the report joins them by the party's code.
"""

from collections import defaultdict
from typing import Any, NamedTuple

from sqlalchemy import select as rows_of
from sqlalchemy.orm import aliased
from sqlmodel import Session, case, col, func

from fulfillment.income.models import IncomeEntry, IncomeState, Source
from fulfillment.settlement.words import PARTIES, names_of

from .periods import Quarter

OPERATOR, WORKER = "operator", "worker"
KINDS = {"grower": OPERATOR, "station": OPERATOR, "seller": WORKER}
KEEPERS = ("platform", "station", "seller")  # who earns by a grower's sale


class Sums(NamedTuple):
    gross_fen: int = 0
    returned_fen: int = 0
    fees_fen: int = 0
    rows: int = 0

    @property
    def net_fen(self) -> int:
        return self.gross_fen - self.returned_fen - self.fees_fen

    def plus(self, other: "Sums") -> "Sums":
        return Sums(*(a + b for a, b in zip(self, other, strict=True)))


class Report(NamedTuple):
    """One party's quarter; `months` are its first, second and third."""

    kind: str  # operator or worker
    party_kind: str
    party_code: str
    name: str
    months: tuple[Sums, Sums, Sums]

    @property
    def total(self) -> Sums:
        a, b, c = self.months
        return a.plus(b).plus(c)


def report(session: Session, quarter: Quarter, *, tenant_id: int) -> list[Report]:
    """Everybody who earned or gave back in the quarter, by kind and code. At most five queries."""
    found: dict[tuple[str, str], dict[int, Sums]] = defaultdict(dict)
    for kind, code, month, sums in _own(session, quarter, tenant_id):
        found[kind, code][month] = found[kind, code].get(month, Sums()).plus(sums)
    for code, month, sums in _kept_of_growers(session, quarter, tenant_id):
        found["grower", code][month] = found["grower", code].get(month, Sums()).plus(sums)
    names = names_of(session, list(found))
    return [
        Report(KINDS[kind], kind, code, names[kind, code], (by.get(1, Sums()), by.get(2, Sums()), by.get(3, Sums())))
        for (kind, code), by in sorted(found.items(), key=lambda each: (PARTIES.index(each[0][0]), each[0][1]))
    ]


def _own(session: Session, quarter: Quarter, tenant_id: int) -> list[tuple[str, str, int, Sums]]:
    fen, month = col(IncomeEntry.amount_fen), _month(quarter, col(IncomeEntry.business_date))
    came, went = _sides(IncomeEntry)
    rows = session.execute(
        rows_of(col(IncomeEntry.party_kind), col(IncomeEntry.party_code), month, came, went, func.count())
        .where(col(IncomeEntry.tenant_id) == tenant_id, col(IncomeEntry.party_kind).in_(PARTIES), fen != 0)
        .where(col(IncomeEntry.business_date) >= quarter.span.first, col(IncomeEntry.business_date) <= quarter.span.last)
        .group_by(col(IncomeEntry.party_kind), col(IncomeEntry.party_code), month)
    )
    return [(kind, code, int(n), Sums(int(a), int(b), 0, int(many))) for kind, code, n, a, b, many in rows]


def _kept_of_growers(session: Session, quarter: Quarter, tenant_id: int) -> list[tuple[str, int, Sums]]:
    """What others earned by the growers' lines, in gross and returned alike, and as fees."""
    kept, first, grower = aliased(IncomeEntry), aliased(IncomeEntry), aliased(IncomeEntry)
    line = func.coalesce(col(first.cause_code), col(kept.cause_code))
    month = _month(quarter, col(kept.business_date))
    came, went = _sides(kept)
    of_sales = (col(kept.source) == Source.SALE) | ((col(kept.source) == Source.ADJUSTMENT) & (col(first.source) == Source.SALE))
    own = (col(grower.tenant_id) == col(kept.tenant_id)) & (col(grower.cause_code) == line)
    rows = session.execute(
        rows_of(col(grower.party_code), month, came, went)
        .select_from(kept)
        .join(first, col(first.id) == col(kept.reverses_id), isouter=True)
        .join(grower, own & (col(grower.party_kind) == "grower") & (col(grower.source) == Source.SALE))
        .where(col(kept.tenant_id) == tenant_id, col(kept.party_kind).in_(KEEPERS), of_sales)
        .where(col(kept.business_date) >= quarter.span.first, col(kept.business_date) <= quarter.span.last)
        .group_by(col(grower.party_code), month)
    )
    return [(code, int(n), Sums(int(a), int(b), int(a) - int(b), 0)) for code, n, a, b in rows]


def _month(quarter: Quarter, day: Any) -> Any:
    _first, second, third, _after = quarter.starts
    return case((day < second, 1), (day < third, 2), else_=3)


def _sides(table: Any) -> tuple[Any, Any]:
    """What came in, and what of it or of earlier rows went back: rows taken back whole count on both sides."""
    fen = col(table.amount_fen)
    back = case((col(table.state) == IncomeState.REVERSED, func.abs(fen)), (fen < 0, -fen), else_=0)
    return func.sum(case((fen > 0, fen), (col(table.state) == IncomeState.REVERSED, -fen), else_=0)), func.sum(back)
