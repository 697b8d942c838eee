"""What a firm's month comes to as it stands, and what blocks its close. Nothing is written here; `closing` freezes what this says."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, case, literal_column, or_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from fulfillment.contracts.queries import Month, read_month
from fulfillment.network.models import Vehicle
from fulfillment.timetable.models import Departure
from supply.counties.profile_kinds import Basis

from .freight import freight_of
from .matching import Contract, Contracts, contracts_of
from .models import CarriedLeg, LineKind, PartnerLine, PartnerMonth
from .reckoning import Due, Group, Terms, reckon


class Unpriced(NamedTuple):
    """What was carried and no contract pays: by which line, how many parcels, and the first day."""

    line: str
    words: str
    pieces: int
    since: date


class DraftLine(NamedTuple):
    """One amount. `due` is what the contract's legs of that month come to; a correction is what that differs from what was closed."""

    kind: LineKind
    of_month: date
    contract: str
    words: str
    terms: Terms
    due: Due
    fen: int
    before_fen: int | None = None


class Draft(NamedTuple):
    firm: str
    month: Month
    lines: Sequence[DraftLine]
    unpriced: Sequence[Unpriced]

    @property
    def total_fen(self) -> int:
        return sum(line.fen for line in self.lines)


def draft(session: Session, tenant_id: int, firm: str, month: Month, contracts: Contracts | None = None, *, frozen: bool = False) -> Draft:
    """A month that is not closed yet, with corrections of those that are; `frozen` reckons what the close has frozen alone."""
    contracts = contracts or contracts_of(session, tenant_id, [firm])
    reopened = changed_months(session, tenant_id, firm, frozen_by=month if frozen else None)
    groups = groups_of(session, tenant_id, [firm], [month, *reopened], frozen=frozen)
    lines, unpriced = month_lines(session, tenant_id, firm, month, contracts, groups)
    for each in reopened:
        corrected, more = _corrections(session, tenant_id, firm, each, contracts, groups)
        lines, unpriced = [*lines, *corrected], [*unpriced, *more]
    return Draft(firm, month, lines, unpriced)


def month_lines(
    session: Session, tenant_id: int, firm: str, month: Month, contracts: Contracts, groups: Iterable[Group]
) -> tuple[list[DraftLine], list[Unpriced]]:  # fmt: skip
    """The lines of one firm's month by these groups: every contract that is in force or has legs."""
    legs, unpriced = _by_contract(session, tenant_id, contracts, [g for g in groups if g.firm == firm and _in(g.day, month)])
    lines: list[DraftLine] = []
    for contract in contracts.every:
        if contract.code in legs or (contract.firm == firm and contract in contracts.in_force(firm, month.first, month.after)):
            lines += _lines_of(contract, month, legs.get(contract.code, []))
    return lines, unpriced


def _lines_of(contract: Contract, month: Month, groups: Sequence[Group]) -> list[DraftLine]:
    terms = contract.terms_in(month.first)
    due = reckon(terms, groups)
    amounts = ((LineKind.CARRIAGE, due.fen), (LineKind.MINIMUM, due.added_fen), (LineKind.CAP, due.cut_fen))
    return [
        DraftLine(kind, month.first, contract.code, contract.words, terms, due, fen, contract.before_fen)
        for kind, fen in amounts
        if fen or (kind == LineKind.CARRIAGE and groups)
    ]


def _by_contract(
    session: Session, tenant_id: int, contracts: Contracts, groups: Iterable[Group]
) -> tuple[dict[str, list[Group]], list[Unpriced]]:  # fmt: skip
    legs: dict[str, list[Group]] = defaultdict(list)
    missing: dict[str, list[Group]] = defaultdict(list)
    for group in groups:
        contract = contracts.named(group.contract) if group.contract else contracts.of(group)
        if contract is None:
            missing[group.line].append(group)
        else:
            legs[contract.code].append(group)
    for code, own in legs.items():
        shared = contracts.named(code)
        if shared and shared.terms.basis == Basis.FREIGHT_SHARE and any(not g.contract for g in own):
            legs[code] = _with_freight(session, tenant_id, own)
    return legs, unpriced_of(contracts, missing)


def unpriced_of(contracts: Contracts, missing: Mapping[str, Sequence[Group]]) -> list[Unpriced]:
    """By line, the longest unpriced first."""
    found = [
        Unpriced(line, contracts.called.get(line, line), sum(g.pieces for g in own), min(g.day for g in own))
        for line, own in missing.items()
    ]
    return sorted(found, key=lambda each: (each.since, each.line))


def _with_freight(session: Session, tenant_id: int, groups: Sequence[Group]) -> list[Group]:
    """Open legs know no freight yet: it is asked for all of them at once and stands on the first."""
    open_groups = [g for g in groups if not g.contract]
    rows = session.execute(
        sql_select(*_STRETCH, col(CarriedLeg.parcel_code)).where(
            col(CarriedLeg.tenant_id) == tenant_id, col(CarriedLeg.month_id).is_(None), col(CarriedLeg.firm) == groups[0].firm,
            col(CarriedLeg.day) >= min(g.day for g in open_groups), col(CarriedLeg.day) <= max(g.day for g in open_groups),
        )
    )  # fmt: skip
    parcels: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for *stretch, parcel in rows:
        parcels[tuple(stretch)].append(parcel)
    paid = freight_of(session, tenant_id, {p for g in open_groups for p in parcels[stretch_of(g)]})
    return [g if g.contract else g._replace(freight_fen=sum(paid.get(p, 0) for p in parcels[stretch_of(g)])) for g in groups]


def _corrections(
    session: Session, tenant_id: int, firm: str, month: Month, contracts: Contracts, groups: Iterable[Group]
) -> tuple[list[DraftLine], list[Unpriced]]:  # fmt: skip
    """What a closed month should have come to less what it came to, contract by contract."""
    lines, unpriced = month_lines(session, tenant_id, firm, month, contracts, groups)
    rows = session.execute(
        sql_select(col(PartnerLine.contract), func.min(col(PartnerLine.words)), func.sum(col(PartnerLine.fen)))
        .join(PartnerMonth, col(PartnerMonth.id) == col(PartnerLine.month_id))
        .where(col(PartnerMonth.tenant_id) == tenant_id, col(PartnerMonth.firm) == firm, col(PartnerLine.of_month) == month.first)
        .group_by(col(PartnerLine.contract))
    )
    closed = {code: int(fen) for code, _words, fen in rows}
    found = []
    for contract in contracts.every:
        own = [line for line in lines if line.contract == contract.code]
        differs = sum(line.fen for line in own) - closed.get(contract.code, 0)
        if differs:
            terms = contract.terms_in(month.first)
            due = own[0].due if own else reckon(terms, [])
            found.append(DraftLine(LineKind.CORRECTION, month.first, contract.code, contract.words, terms, due, differs))
    return found, unpriced


def closed_month(session: Session, tenant_id: int, firm: str, month: Month) -> PartnerMonth | None:
    return session.exec(
        select(PartnerMonth).where(PartnerMonth.tenant_id == tenant_id, PartnerMonth.firm == firm, PartnerMonth.month == month.first)
    ).first()


def changed_months(session: Session, tenant_id: int, firm: str, *, frozen_by: Month | None = None) -> list[Month]:
    """Closed months of a firm of which custody says something else since; while a month is being closed, those it has put right."""
    leg, own = CarriedLeg, (col(CarriedLeg.tenant_id) == tenant_id, col(CarriedLeg.firm) == firm)
    closed = set(session.exec(select(col(PartnerMonth.month)).where(PartnerMonth.tenant_id == tenant_id, PartnerMonth.firm == firm)))
    if frozen_by is None:
        differs = or_(col(leg.month_id).is_(None), and_(col(leg.withdrawn), col(leg.back_month_id).is_(None)))
    else:
        this = select(PartnerMonth.id).where(
            PartnerMonth.tenant_id == tenant_id, PartnerMonth.firm == firm, PartnerMonth.month == frozen_by.first
        )
        differs = or_(col(leg.month_id).in_(this), col(leg.back_month_id).in_(this))
        closed -= {frozen_by.first}
    days = session.execute(sql_select(col(leg.day)).where(*own, differs).distinct()).scalars()
    return [read_month(f"{first:%Y-%m}") for first in sorted({day.replace(day=1) for day in days} & closed)]


def changed_firms(session: Session, tenant_id: int) -> set[str]:
    """Firms with a closed month of which custody says something else since; one query."""
    leg = CarriedLeg
    late = or_(col(leg.month_id).is_(None), and_(col(leg.withdrawn), col(leg.back_month_id).is_(None)))
    rows = session.execute(
        sql_select(col(leg.firm), col(leg.day), col(PartnerMonth.month))
        .join(PartnerMonth, (col(PartnerMonth.tenant_id) == tenant_id) & (col(PartnerMonth.firm) == col(leg.firm)))
        .where(col(leg.tenant_id) == tenant_id, late, col(leg.day) >= col(PartnerMonth.month))
        .distinct()
    )
    return {firm for firm, day, month in rows if day.replace(day=1) == month}


_STRETCH = (
    col(CarriedLeg.firm), col(CarriedLeg.kind), col(CarriedLeg.place), col(CarriedLeg.line), col(CarriedLeg.from_node),
    col(CarriedLeg.to_node), col(CarriedLeg.day),
)  # fmt: skip


def stretch_of(group: Group) -> tuple[object, ...]:
    """What the legs of a group have in common."""
    return group.firm, group.kind, group.place, group.line, group.from_node, group.to_node, group.day


def groups_of(
    session: Session, tenant_id: int, firms: Collection[str] | None, months: Sequence[Month], *, frozen: bool = False
) -> list[Group]:  # fmt: skip
    """Legs that stand, added up by run, stretch and day; one query. Without `firms` everybody's."""
    within = or_(*(and_(col(CarriedLeg.day) >= m.first, col(CarriedLeg.day) < m.after) for m in months))
    wanted: list[ColumnElement[bool]] = [col(CarriedLeg.tenant_id) == tenant_id, ~col(CarriedLeg.withdrawn), within]
    if firms is not None:
        wanted.append(col(CarriedLeg.firm).in_(firms))
    if frozen:
        wanted.append(col(CarriedLeg.month_id).is_not(None))
    return added_up(session, wanted)


def added_up(session: Session, wanted: Sequence[ColumnElement[bool]]) -> list[Group]:
    """The legs that `wanted` names as groups; a leg that is open takes the vehicle of its run as it is now."""
    leg = CarriedLeg
    in_box = case((col(leg.box) != "", col(leg.box)))
    loose = func.sum(case((col(leg.box) == "", col(leg.box_milli)), else_=0))
    vehicle = case((col(leg.month_id).is_not(None), col(leg.vehicle)), else_=func.coalesce(col(Vehicle.code), literal_column("''")))
    rows = session.execute(
        sql_select(
            *_STRETCH, col(leg.contract), vehicle, func.count(), func.sum((col(leg.grams) + 999) // 1000),
            func.count(in_box.distinct()), loose, func.sum(col(leg.freight_fen)),
        )
        .select_from(leg)
        .outerjoin(Departure, (col(leg.kind) == "ride") & (col(Departure.code) == col(leg.place)))
        .outerjoin(Vehicle, col(Vehicle.id) == col(Departure.vehicle_id))
        .where(*wanted)
        .group_by(*_STRETCH, col(leg.contract), vehicle)
        .order_by(col(leg.day), col(leg.place), col(leg.from_node), col(leg.to_node))
    )  # fmt: skip
    return [Group(*row[:9], *(int(n) for n in row[9:])) for row in rows]


def _in(day: date, month: Month) -> bool:
    return month.first <= day < month.after
