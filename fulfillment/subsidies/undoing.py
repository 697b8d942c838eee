"""An award whose cause was taken back is taken back as well, with a journal of its own: the order was given back, or the
document withdrawn.

Income that nobody has paid yet is reversed; what is frozen in a statement or paid becomes a debit on the next one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from core.batches import batches
from core.money import format_fen
from core.status import move
from fulfillment.income.models import INCOME, IncomeEntry, IncomeState, Source
from fulfillment.income.service import Earned, record, reverse_for

from . import money
from .models import AWARD, AwardState, SubsidyAward, SubsidyEvidence, SubsidyFund, SubsidyVersion
from .rules import rule_of
from .sales import sales


class Standing(NamedTuple):
    """An award that was not taken back, as far as its cause goes."""

    code: str
    cause_kind: str
    cause_code: str
    facts: Mapping[str, Any]


def fallen_of(session: Session, fund_id: int, tenant_id: int, month: date) -> list[str]:
    """Codes of a month's awards whose causes no longer stand, the oldest first."""
    standing = session.execute(
        sql_select(col(SubsidyAward.code), col(SubsidyAward.cause_kind), col(SubsidyAward.cause_code), col(SubsidyAward.facts))
        .where(col(SubsidyAward.fund_id) == fund_id, col(SubsidyAward.month) == month, col(SubsidyAward.state) != AwardState.REVERSED)
        .order_by(col(SubsidyAward.id))
    )
    awards = [Standing(*row) for row in standing]
    gone = _fallen(session, tenant_id, awards)
    return [award.code for award in awards if award.cause_code in gone]


def undo_named(session: Session, fund: SubsidyFund, codes: Sequence[str], *, by: str) -> int:
    """Undo those of these awards that stand; how many. The fund's row is locked."""
    found = session.exec(
        select(SubsidyAward)
        .where(col(SubsidyAward.code).in_(codes), SubsidyAward.state != AwardState.REVERSED)
        .order_by(col(SubsidyAward.id))
        .execution_options(populate_existing=True)
    ).all()
    for award in found:
        undo(session, fund, award, by=by)
    return len(found)


def _fallen(session: Session, tenant_id: int, standing: Iterable[Standing]) -> set[str]:
    """Codes of the causes among these that were taken back."""
    by_kind: dict[str, list[Standing]] = {}
    for award in standing:
        by_kind.setdefault(award.cause_kind, []).append(award)
    found: set[str] = set()
    if parcels := by_kind.get("parcel"):
        orders = {str(award.facts["order"]) for award in parcels if "order" in award.facts}
        back = sales().given_back(session, tenant_id, orders) if orders else set()
        found |= {award.cause_code for award in parcels if award.facts.get("order") in back}
    if lines := by_kind.get("order_line"):
        given = sales().back_of(session, tenant_id, [award.cause_code for award in lines])
        found |= {award.cause_code for award in lines if given.get(award.cause_code, 0) > int(award.facts["back_fen"])}
    proofs = [str(award.facts["evidence"]) for awards in by_kind.values() for award in awards if "evidence" in award.facts]
    gone: set[str] = set()
    for some in batches(proofs):
        withdrawn = (col(SubsidyEvidence.code).in_(some), col(SubsidyEvidence.withdrawn_at).is_not(None))
        gone |= set(session.exec(select(SubsidyEvidence.code).where(*withdrawn)))
    if gone:
        found |= {award.cause_code for awards in by_kind.values() for award in awards if award.facts.get("evidence") in gone}
    return found


def undo(session: Session, fund: SubsidyFund, award: SubsidyAward, *, by: str) -> None:
    """One award, once: its fen are free for others, its beneficiary's income is taken back."""
    was = move(
        session, SubsidyAward, award.id or 0, "state", AWARD, (AwardState.AWARDED, AwardState.WAITING), AwardState.REVERSED,
        tenant_id=award.tenant_id, subject=award.code, by=by, values={"reversed_at": clock.now(), "waits_for": ""},
    )  # fmt: skip
    if was == AwardState.WAITING:
        return
    rule = rule_of(session.get_one(SubsidyVersion, award.version_id))
    money.give_back(session, award, is_capped=rule.cap_fen is not None)
    journal = money.take_back(session, fund, award)
    if award.party_kind == "platform" or reverse_for(session, [award.code], tenant_id=award.tenant_id, by=by, note="subsidy_back"):
        return
    _owe(session, award, journal.id)


def _owe(session: Session, award: SubsidyAward, journal_id: int | None) -> None:
    """A debit on the next statement, payable at once lest more be paid out meanwhile than the account holds."""
    earned = select(IncomeEntry).where(IncomeEntry.tenant_id == award.tenant_id, IncomeEntry.key == f"{award.code}:subsidy")
    row = session.exec(earned).one()
    back = Earned(
        key=f"{award.code}:back", party_kind=award.party_kind, party_code=award.party_code, source=Source.ADJUSTMENT,
        amount_fen=-award.amount_fen, cause_kind="subsidy", cause_code=award.code,
        words=money.BACK.format(fee=format_fen(award.amount_fen), what=award.words), facts={"name": row.facts.get("name", "")},
        rule_version=row.rule_version, reverses_id=row.id,
    )  # fmt: skip
    record(session, [back], tenant_id=award.tenant_id, journal_id=journal_id, payable_at=clock.now())
    made = select(IncomeEntry).where(IncomeEntry.tenant_id == award.tenant_id, IncomeEntry.key == back.key)
    debit = session.exec(made).one()
    move(
        session, IncomeEntry, debit.id or 0, "state", INCOME, IncomeState.PENDING, IncomeState.PAYABLE, tenant_id=award.tenant_id,
        subject=debit.code,
    )  # fmt: skip
