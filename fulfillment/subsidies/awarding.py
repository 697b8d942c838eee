"""Awards: what stands of a month is awarded once, however often and by how many it is asked; what the budget has no room for waits.

A programme's run locks its budget first, so two runs of it follow each other. A run does at most so many causes, in the order of their
days; it is asked again until there is nothing left to do.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from core import clock, codes
from core.status import move, tell, told
from fulfillment.income.models import Source
from fulfillment.income.service import Earned, record

from . import grants, money, online, pieces, stations, vehicles  # noqa: F401 - each registers how its causes are found
from .amounts import amount_of
from .due import FINDERS, Asked, Due, known_causes
from .models import AWARD, AwardState, SubsidyAward, SubsidyFund, SubsidyVersion
from .rules import WAITS_FOR_THE_END, cap_period, rule_of, turned, version_for
from .undoing import undo_what_fell
from .words import sentence

AT_ONCE = 200  # causes in one transaction: others write in between


def award_month(session: Session, fund_id: int, month: date, *, by: str = "", limit: int = AT_ONCE) -> int:
    """Award what one programme owes for one month, `month` its first day; returns how many rows were made, awarded or undone."""
    fund = session.exec(
        select(SubsidyFund).where(SubsidyFund.id == fund_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    changed = undo_what_fell(session, fund, month, by=by, limit=limit)
    session.refresh(fund)
    version = version_for(session, fund_id, month)
    if version is None:
        return changed
    rule = rule_of(version)
    changed += _again(session, fund, by=by, limit=limit)
    session.refresh(fund)
    is_over = turned(month, 1) <= clock.today()
    if rule.basis in WAITS_FOR_THE_END and not is_over:
        return changed
    asked = Asked(fund.tenant_id, fund_id, rule, month)
    known = known_causes(session, asked)
    found = sorted(FINDERS[rule.basis](session, asked), key=lambda due: (due.day, due.cause_code, due.period))
    fresh = [due for due in found if due.key not in known and amount_of(rule, due.facts)][:limit]
    made = [_row(asked, version, due) for due in fresh]
    session.add_all(made)
    session.flush()
    if made:
        tell(session, [told(AWARD, AwardState.WAITING, tenant_id=fund.tenant_id, subject=row.code, by=by) for row in made])
    for row in made:
        _settle(session, fund, version, row, by=by)
    session.flush()
    session.refresh(fund)
    return changed + len(made)


def _row(asked: Asked, version: SubsidyVersion, due: Due) -> SubsidyAward:
    rule = asked.rule
    amount = amount_of(rule, due.facts)
    return SubsidyAward(
        tenant_id=asked.tenant_id, code=codes.new_code("SA"), fund_id=asked.fund_id, version_id=version.id or 0, state=AwardState.WAITING,
        cause_kind=due.cause_kind, cause_code=due.cause_code, period=due.period, month=asked.month,
        cap_period=cap_period(rule, asked.month), party_kind=due.party_kind, party_code=due.party_code, amount_fen=amount,
        words=sentence(rule, due, amount), facts=dict(due.facts), waits_for="budget", made_at=clock.now(),
    )  # fmt: skip


def _again(session: Session, fund: SubsidyFund, *, by: str, limit: int) -> int:
    """What waited for room, the oldest first."""
    waiting = session.exec(
        select(SubsidyAward)
        .where(
            SubsidyAward.fund_id == fund.id, SubsidyAward.state == AwardState.WAITING,
            SubsidyAward.amount_fen <= fund.budget_fen - fund.taken_fen,
        )
        .order_by(col(SubsidyAward.waits_for), col(SubsidyAward.id))
        .limit(limit)
    ).all()  # fmt: skip
    return sum(_settle(session, fund, session.get_one(SubsidyVersion, row.version_id), row, by=by) for row in waiting)


def _settle(session: Session, fund: SubsidyFund, version: SubsidyVersion, row: SubsidyAward, *, by: str) -> bool:
    """Award a waiting row if there is room for it."""
    if lacks := money.take(session, rule_of(version), row):
        row.waits_for = lacks
        session.add(row)
        return False
    now = clock.now()
    move(
        session, SubsidyAward, row.id or 0, "state", AWARD, AwardState.WAITING, AwardState.AWARDED, tenant_id=row.tenant_id,
        subject=row.code, by=by, values={"waits_for": "", "awarded_at": now},
    )  # fmt: skip
    journal = money.pay(session, fund, row)
    if row.party_kind != "platform":
        record(session, [_earned(version, row)], tenant_id=row.tenant_id, journal_id=journal.id, payable_at=now)
    return True


def _earned(version: SubsidyVersion, row: SubsidyAward) -> Earned:
    return Earned(
        key=f"{row.code}:subsidy", party_kind=row.party_kind, party_code=row.party_code, source=Source.SUBSIDY, amount_fen=row.amount_fen,
        cause_kind="subsidy", cause_code=row.code, words=row.words, facts={"name": rule_of(version).name},
        rule_version=str(version.version),
    )  # fmt: skip


def funds_of(session: Session, tenant_id: int) -> Sequence[int]:
    """The county's programmes, by their rows' ids."""
    return [
        each or 0 for each in session.exec(select(SubsidyFund.id).where(SubsidyFund.tenant_id == tenant_id).order_by(col(SubsidyFund.id)))
    ]
