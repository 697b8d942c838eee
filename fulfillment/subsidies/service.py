"""What people do to subsidies: a version is drafted by one and approved by another, a document is entered by one and confirmed by another,
and the funder's payments are booked.

An approved version is never edited: another one begins on a later month's first day, and nothing that was awarded changes by it.
"""

from datetime import date
from typing import Any

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.pii import mask_numbers
from core.status import began, move
from supply.counties.profile_subsidies import SubsidyRule, faults_of

from . import money
from .awarding import award_month
from .models import (
    VERSION,
    Origin,
    SubsidyAward,
    SubsidyEvidence,
    SubsidyFund,
    SubsidyPayment,
    SubsidyVersion,
    VersionState,
)  # fmt: skip
from .rules import as_row, rule_of

_ = i18n.gettext
MOST_FEN = 10_000_000_000  # a hundred million yuan in one document or payment: more is a slip of the finger


class SubsidyUnknown(NotFound):
    """No such programme, version or document here."""

    code = "subsidy_unknown"


class SecondPersonNeeded(Forbidden):
    """Who drafted or entered it may not approve or confirm it."""

    code = "second_person_needed"


class BudgetSpent(Conflict):
    """Awards or payments stand that the new budget has no room for."""

    code = "budget_spent"


class Known(Conflict):
    """The same document or payment was entered before."""

    code = "entered_before"


def fund_named(session: Session, code: str, *, tenant_id: int) -> SubsidyFund:
    """Raises SubsidyUnknown."""
    found = session.exec(select(SubsidyFund).where(SubsidyFund.tenant_id == tenant_id, SubsidyFund.code == code)).first()
    if found is None:
        raise SubsidyUnknown(_("没有这项补贴"))
    return found


def version_named(session: Session, code: str, *, tenant_id: int) -> SubsidyVersion:
    """Raises SubsidyUnknown."""
    found = session.exec(select(SubsidyVersion).where(SubsidyVersion.tenant_id == tenant_id, SubsidyVersion.code == code)).first()
    if found is None:
        raise SubsidyUnknown(_("没有这一版规则"))
    return found


def evidence_named(session: Session, code: str, *, tenant_id: int) -> SubsidyEvidence:
    """Raises SubsidyUnknown."""
    found = session.exec(select(SubsidyEvidence).where(SubsidyEvidence.tenant_id == tenant_id, SubsidyEvidence.code == code)).first()
    if found is None:
        raise SubsidyUnknown(_("没有这张单据"))
    return found


def programme_of(session: Session, row: SubsidyVersion | SubsidyEvidence) -> str:
    """The code of the programme that a version or a document belongs to."""
    return session.get_one(SubsidyFund, row.fund_id).code


def draft(session: Session, rule: SubsidyRule, from_on: date, *, tenant_id: int, by: str) -> SubsidyVersion:
    """The first version of a programme, or a later one. Raises Refused, Conflict."""
    if faults := faults_of(rule):
        raise Refused(_("这条规则算不出来，看看每一项"), field=next(iter(faults)))
    fund = session.exec(
        select(SubsidyFund).where(SubsidyFund.tenant_id == tenant_id, SubsidyFund.code == rule.code).with_for_update()
    ).first()
    if fund is None:
        fund = SubsidyFund(tenant_id=tenant_id, code=rule.code)
        try:
            with session.begin_nested():
                session.add(fund)
                session.flush()
        except IntegrityError as rival:
            raise Conflict(_("已经有一版在等第二个人批")) from rival
    earlier = session.exec(select(SubsidyVersion).where(SubsidyVersion.fund_id == fund.id).order_by(col(SubsidyVersion.version))).all()
    _check_begin(rule, from_on, [each for each in earlier if each.state == VersionState.IN_FORCE])
    if any(each.state == VersionState.DRAFT for each in earlier):
        raise Conflict(_("已经有一版在等第二个人批"))
    made = SubsidyVersion(
        tenant_id=tenant_id, code=new_code("SV"), fund_id=fund.id or 0, version=len(earlier) + 1, from_on=from_on, rule=as_row(rule),
        state=VersionState.DRAFT, origin=Origin.DESK, drafted_by=by, drafted_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    began(session, VERSION, VersionState.DRAFT, tenant_id=tenant_id, subject=made.code, by=by)
    _audit(session, "subsidy.drafted", tenant_id, by, f"{rule.code}/{made.version}", budget_fen=rule.budget_fen)
    return made


def _check_begin(rule: SubsidyRule, from_on: date, standing: list[SubsidyVersion]) -> None:
    """A later version begins a month after the one before, in the same term's years, and pays the same kind of thing. Raises Refused."""
    if not rule.starts <= from_on <= rule.ends:
        raise Refused(_("从哪天起要在补贴的起止日子里"), field="from_on")
    if not standing:
        return
    last = rule_of(standing[-1])
    if from_on.day != 1 or from_on <= standing[-1].from_on:
        raise Refused(_("新的一版从上一版之后的某个月 1 号起"), field="from_on")
    if (rule.starts, rule.basis, rule.beneficiary) != (last.starts, last.basis, last.beneficiary):
        raise Refused(_("开始的日子、按什么算、补给谁不能改；要改就另立一项"), field="basis")


def decide(session: Session, version: SubsidyVersion, *, by: str, approve: bool) -> None:
    """A second person approves a draft, or says no. Raises SecondPersonNeeded, BudgetSpent, StatusMoved."""
    if by == version.drafted_by and approve:
        raise SecondPersonNeeded(_("自己起草的要另一个人来批"))
    target = VersionState.IN_FORCE if approve else VersionState.REFUSED
    move(
        session, SubsidyVersion, version.id or 0, "state", VERSION, VersionState.DRAFT, target, tenant_id=version.tenant_id,
        subject=version.code, by=by, values={"decided_by": by, "decided_at": clock.now()},
    )  # fmt: skip
    rule = rule_of(version)
    if approve:
        room = (col(SubsidyFund.taken_fen) <= rule.budget_fen, col(SubsidyFund.paid_fen) <= rule.budget_fen)
        set_to = update(SubsidyFund).where(col(SubsidyFund.id) == version.fund_id, *room).values(budget_fen=rule.budget_fen)
        if not session.execute(set_to.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
            raise BudgetSpent(_("已经补出去或收到的比新的预算多"))
        session.expire_all()
    act = "subsidy.approved" if approve else "subsidy.refused"
    _audit(session, act, version.tenant_id, by, f"{rule.code}/{version.version}", budget_fen=rule.budget_fen)


def enter_evidence(
    session: Session, fund: SubsidyFund, *, party_kind: str, party_code: str, document: str, what: str, on_date: date, amount_fen: int,
    grade: str, period: str, by: str,
) -> SubsidyEvidence:  # fmt: skip
    """A document, which counts once somebody else confirmed it. Raises Refused, Known."""
    if not document.strip():
        raise Refused(_("写下单据的编号，或放在哪里"), field="document")
    if not 0 <= amount_fen <= MOST_FEN:
        raise Refused(_("金额太大了"), field="amount")
    proof = SubsidyEvidence(
        tenant_id=fund.tenant_id, code=new_code("SE"), fund_id=fund.id or 0, party_kind=party_kind, party_code=party_code,
        document=mask_numbers(document.strip()), what=mask_numbers(what.strip()), on_date=on_date, amount_fen=amount_fen,
        grade=grade.strip(), period=period, entered_by=by, entered_at=clock.now(),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(proof)
            session.flush()
    except IntegrityError as twice:
        raise Known(_("这张单据已经登记过")) from twice
    _audit(session, "subsidy.evidence", fund.tenant_id, by, proof.code, amount_fen=amount_fen)
    return proof


def confirm_evidence(session: Session, proof: SubsidyEvidence, *, by: str) -> None:
    """A second person saw the document; what it is a grant for is awarded at once. Again changes nothing. Raises SecondPersonNeeded."""
    if proof.confirmed_at is not None or proof.withdrawn_at is not None:
        return
    if by == proof.entered_by:
        raise SecondPersonNeeded(_("自己登记的要另一个人来核"))
    proof.confirmed_by, proof.confirmed_at = by, clock.now()
    session.add(proof)
    session.flush()
    _audit(session, "subsidy.confirmed", proof.tenant_id, by, proof.code, amount_fen=proof.amount_fen)
    award_month(session, proof.fund_id, proof.on_date.replace(day=1), by=by)


def withdraw_evidence(session: Session, proof: SubsidyEvidence, *, by: str) -> None:
    """A document that was wrong proves nothing: what was awarded by it is taken back. Again changes nothing."""
    if proof.withdrawn_at is not None:
        return
    proof.withdrawn_by, proof.withdrawn_at = by, clock.now()
    session.add(proof)
    session.flush()
    _audit(session, "subsidy.withdrawn", proof.tenant_id, by, proof.code, amount_fen=proof.amount_fen)
    touched = (SubsidyAward.fund_id == proof.fund_id, SubsidyAward.party_code == proof.party_code)
    months = select(col(SubsidyAward.month)).where(*touched).distinct()
    for month in session.exec(months).all():
        award_month(session, proof.fund_id, month, by=by)


def receive(session: Session, fund: SubsidyFund, amount_fen: int, *, reference: str, by: str) -> SubsidyPayment:
    """The funder paid the county. Raises Refused, Known, BudgetSpent."""
    if not reference.strip():
        raise Refused(_("写下银行回单号"), field="reference")
    if not 0 < amount_fen <= MOST_FEN:
        raise Refused(_("收了多少钱，写成 39.60 这样"), field="amount")
    payment = SubsidyPayment(
        tenant_id=fund.tenant_id, code=new_code("SI"), fund_id=fund.id or 0, amount_fen=amount_fen,
        reference=mask_numbers(reference.strip()), received_by=by, received_at=clock.now(),
    )  # fmt: skip
    room = col(SubsidyFund.paid_fen) + amount_fen <= col(SubsidyFund.budget_fen)
    paid = update(SubsidyFund).where(col(SubsidyFund.id) == fund.id, room).values(paid_fen=SubsidyFund.paid_fen + amount_fen)
    if not session.execute(paid.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        raise BudgetSpent(_("收到的会比预算多，看看金额"))
    try:
        with session.begin_nested():
            session.add(payment)
            session.flush()
    except IntegrityError as twice:
        raise Known(_("这张回单已经记过")) from twice
    session.refresh(fund)
    money.receive(session, fund, payment)
    _audit(session, "subsidy.received", fund.tenant_id, by, payment.code, amount_fen=amount_fen, reference=payment.reference)
    return payment


def waiting_of(session: Session, fund: SubsidyFund) -> int:
    """Fen of what there was no room for."""
    amount = select(func.coalesce(func.sum(col(SubsidyAward.amount_fen)), 0))
    return int(session.exec(amount.where(SubsidyAward.fund_id == fund.id, SubsidyAward.state == "waiting")).one())


def _audit(session: Session, act: str, tenant_id: int, by: str, subject: str, **facts: Any) -> None:
    audit.record(session, act, tenant_id=tenant_id, actor=f"user:{by}", subject=subject, **facts)
