"""A co-op's statement split among its members: what each lot sold for, by grams and grade, to the fen.

Every row of the statement is split by itself, by largest remainder over the lots that were packed for its order line: a lot counts its
grams in the parcels times its grade's weight. A refund's row is split as the row it reduces. What lay pooled, and rows of no lot, are the
co-op's own part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy.orm import aliased
from sqlmodel import Session, case, col, func, select

from core.money import split
from fulfillment.consignments.models import LotBinding
from fulfillment.income.models import IncomeEntry
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.growers.models import CoopMember, Grower, GrowerKind
from supply.lots.models import Lot

from .models import Statement, StatementLine

EVEN = 100  # what a grade counts where the county says nothing of it


class Packed(NamedTuple):
    """Units of a lot that one order line got: whose it was (None: pooled), its grade and their grams."""

    member_id: int | None
    grade: str
    grams: int


class Part(NamedTuple):
    """What one member gets of a statement; without a number it is what the co-op holds in common."""

    number: str
    name: str
    grams: Mapping[str, int]  # by grade
    amount_fen: int

    @property
    def all_grams(self) -> int:
        return sum(self.grams.values())


def is_coop(session: Session, statement: Statement) -> bool:
    kind = select(Grower.kind).where(Grower.tenant_id == statement.tenant_id, Grower.code == statement.party_code)
    return statement.party_kind == "grower" and session.exec(kind).first() == GrowerKind.COOP


def parts_of(session: Session, statement: Statement) -> list[Part]:
    """Members by number, the common part last; the amounts add up to the statement's. Three queries."""
    rules = policy_of(session.get_one(County, statement.tenant_id)).grades or ()
    weights = {rule.grade: rule.weight for rule in rules}
    packed = _packed(session, statement)
    fen: dict[int | None, int] = defaultdict(int)
    grams: dict[int | None, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    counted: set[str] = set()
    for line, amount in _rows(session, statement):
        lots = packed.get(line, [])
        for each, part in zip(lots, shared(amount, lots, weights), strict=True):
            fen[each.member_id] += part
            if line not in counted:
                grams[each.member_id][each.grade] += each.grams
        if not lots:
            fen[None] += amount
        counted.add(line)
    members = session.exec(select(CoopMember).where(col(CoopMember.id).in_([m for m in fen if m])).order_by(col(CoopMember.number)))
    own = [Part(m.number, m.name, dict(grams[m.id]), fen[m.id]) for m in members]
    return own + ([Part("", "", dict(grams[None]), fen[None])] if None in fen else [])


def shared(amount: int, lots: Sequence[Packed], weights: Mapping[str, int]) -> list[int]:
    """Fen of each lot; they add up to `amount`. Lots that weigh nothing count alike."""
    if not lots:
        return []
    by = [each.grams * weights.get(each.grade, EVEN) for each in lots]
    return split(amount, by if any(by) else [1] * len(lots))


def _rows(session: Session, statement: Statement) -> Iterable[tuple[str, int]]:
    """The statement's rows as (order line, fen); the line is empty where there is none."""
    reduced = aliased(IncomeEntry)
    line = case((IncomeEntry.cause_kind == "order_line", col(IncomeEntry.cause_code)), else_=func.coalesce(col(reduced.cause_code), ""))
    return session.exec(
        select(line, StatementLine.amount_fen)
        .select_from(StatementLine)
        .join(IncomeEntry, col(IncomeEntry.id) == col(StatementLine.income_id))
        .outerjoin(reduced, col(reduced.id) == col(IncomeEntry.reverses_id))
        .where(StatementLine.statement_id == statement.id)
        .order_by(col(IncomeEntry.id))
    ).all()


def _packed(session: Session, statement: Statement) -> dict[str, list[Packed]]:
    """The lots of each order line of the statement, its rows' and its refunds'."""
    reduced = aliased(IncomeEntry)
    lines = (
        select(func.coalesce(col(reduced.cause_code), col(IncomeEntry.cause_code)))
        .select_from(StatementLine)
        .join(IncomeEntry, col(IncomeEntry.id) == col(StatementLine.income_id))
        .outerjoin(reduced, col(reduced.id) == col(IncomeEntry.reverses_id))
        .where(StatementLine.statement_id == statement.id)
    )
    rows = session.exec(
        select(  # type: ignore[call-overload]
            LotBinding.line_code, Lot.member_id, Lot.grade, func.sum(col(LotBinding.quantity)), Lot.grams, Lot.received
        )
        .join(Lot, col(Lot.id) == col(LotBinding.lot_id))
        .where(LotBinding.tenant_id == statement.tenant_id, col(LotBinding.line_code).in_(lines))
        .group_by(col(LotBinding.line_code), col(Lot.id), col(Lot.member_id), col(Lot.grade), col(Lot.grams), col(Lot.received))
        .order_by(col(LotBinding.line_code), col(Lot.id))
    )
    found: dict[str, list[Packed]] = defaultdict(list)
    for line, member, grade, units, grams, received in rows:
        found[line].append(Packed(member, grade, int(units) * grams // max(1, received)))
    return found
