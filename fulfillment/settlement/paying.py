"""A run's statements are paid and reconciled one by one, each in one transaction of its own: a run that was interrupted is done again.

The statement's guarded move is the lock: of many at once one pays, the others find it paid.
"""

from sqlalchemy import update
from sqlmodel import Session, col, exists, select

from core import audit, clock, i18n
from core.errors import Conflict, NotFound
from core.failpoints import failpoint
from core.status import StatusMoved, move, tell, told
from fulfillment.income.models import INCOME, IncomeEntry, IncomeState, Source
from fulfillment.income.service import Earned, record

from . import entries
from .models import RUN, STATEMENT, RunStatus, SettlementRun, Statement, StatementStatus
from .slips import tell_grower

_ = i18n.gettext
SENT_BACK = i18n.kept("银行退回了结算单 {code} 的付款，重新放款")


class StatementUnknown(NotFound):
    """No such statement, or it is not the caller's to see."""

    code = "statement_unknown"


class NotExported(Conflict):
    """Nothing of a run is paid before it was approved and given to the bank."""

    code = "not_exported"


def statement_named(session: Session, code: str, *, tenant_id: int) -> Statement:
    """Raises StatementUnknown."""
    found = session.exec(select(Statement).where(Statement.tenant_id == tenant_id, Statement.code == code)).first()
    if found is None:
        raise StatementUnknown(_("没有这张结算单"))
    return found


def mark_paid(session: Session, statement: Statement, *, by: str, reference: str = "") -> bool:
    """The money of one statement has left; whether it was this call that said so. Raises NotExported, StatusMoved on a void one."""
    run = session.get_one(SettlementRun, statement.run_id)
    if run.status in (RunStatus.FROZEN, RunStatus.APPROVED):
        raise NotExported(_("先由另一位财务复核，导出付款文件，再记已付"))
    try:
        move(
            session, Statement, statement.id or 0, "status", STATEMENT, StatementStatus.FROZEN, StatementStatus.PAID,
            tenant_id=statement.tenant_id, subject=statement.code, by=by,
            values={"paid_by": by, "paid_at": clock.now(), "reference": reference},
        )  # fmt: skip
    except StatusMoved:
        session.refresh(statement)
        if statement.status == StatementStatus.VOID:
            raise
        return False
    paid = session.execute(
        update(IncomeEntry)
        .where(col(IncomeEntry.statement_id) == statement.id, col(IncomeEntry.state) == IncomeState.PAYABLE)
        .values(state=IncomeState.PAID)
        .returning(col(IncomeEntry.code))
        .execution_options(synchronize_session=False)
    ).scalars().all()  # fmt: skip
    if len(paid) != statement.rows:
        raise Conflict(_("结算单 {code} 里的收入对不上，先查清楚").format(code=statement.code))
    failpoint("settlement.rows_paid")
    told_of = [told(INCOME, "paid", tenant_id=statement.tenant_id, subject=c, source="payable", by=by, note=statement.code) for c in paid]
    tell(session, told_of)
    entries.pay(session, statement)
    failpoint("settlement.posted")
    audit.record(
        session, "settlement.pay", tenant_id=statement.tenant_id, actor=f"user:{by}", subject=statement.code,
        payout_fen=statement.payout_fen,
    )  # fmt: skip
    tell_grower(session, statement)
    _end_run(session, run, (RunStatus.EXPORTED,), RunStatus.PAID, left=(StatementStatus.FROZEN,), by=by)
    if statement.shared_fen and not statement.transfer_fen:  # the payment provider has confirmed all of it, no bank will
        reconcile(session, statement, by=by)
    return True


def reconcile(session: Session, statement: Statement, *, by: str, reference: str = "") -> bool:
    """The bank's own statement shows the payment; whether it was this call that said so. Raises StatusMoved where nothing was paid."""
    return _settled(session, statement, StatementStatus.RECONCILED, by=by, reference=reference)


def send_back(session: Session, statement: Statement, *, by: str, reference: str = "") -> bool:
    """The bank could not pay it out: what was transferred is owed again at once, as a row of its own for the next run.

    Raises Conflict, StatusMoved.
    """
    if not statement.transfer_fen:
        raise Conflict(_("这张结算单没有付出去的钱，不会被退回"))
    return _settled(session, statement, StatementStatus.RETURNED, by=by, reference=reference)


def _settled(session: Session, statement: Statement, target: StatementStatus, *, by: str, reference: str) -> bool:
    if statement.status == target:
        return False
    try:
        move(
            session, Statement, statement.id or 0, "status", STATEMENT, StatementStatus.PAID, target, tenant_id=statement.tenant_id,
            subject=statement.code, by=by, values={"reference": reference or statement.reference},
        )  # fmt: skip
    except StatusMoved:
        session.refresh(statement)
        if statement.status != target:
            raise
        return False
    if target == StatementStatus.RETURNED:
        _owe_again(session, statement)
    elif statement.transfer_fen:
        entries.settle_at_bank(session, statement)
    failpoint("settlement.reconciled")
    audit.record(
        session, f"settlement.{target}", tenant_id=statement.tenant_id, actor=f"user:{by}", subject=statement.code, reference=reference
    )
    run = session.get_one(SettlementRun, statement.run_id)
    left = (StatementStatus.FROZEN, StatementStatus.PAID)
    _end_run(session, run, (RunStatus.PAID,), RunStatus.RECONCILED, left=left, by=by)
    return True


def _owe_again(session: Session, statement: Statement) -> None:
    journal = entries.give_back(session, statement)
    again = Earned(
        key=f"{statement.code}:returned", party_kind=statement.party_kind, party_code=statement.party_code, source=Source.ADJUSTMENT,
        amount_fen=statement.transfer_fen, cause_kind="statement", cause_code=statement.code, words=SENT_BACK.format(code=statement.code),
    )  # fmt: skip
    record(session, [again], tenant_id=statement.tenant_id, journal_id=journal, payable_at=clock.now())


def _end_run(
    session: Session, run: SettlementRun, source: tuple[str, ...], target: str, *, left: tuple[str, ...], by: str
) -> None:  # fmt: skip
    """The run moves on with its last statement. Two last ones at once: the run's row is locked, so the later sees the earlier."""
    session.exec(select(SettlementRun.id).where(SettlementRun.id == run.id).with_for_update()).one()
    waiting = select(Statement.id).where(Statement.run_id == run.id, col(Statement.status).in_(left))
    if session.exec(select(exists(waiting))).one():
        return
    session.refresh(run)
    if run.status in source:
        move(session, SettlementRun, run.id or 0, "status", RUN, run.status, target, tenant_id=run.tenant_id, subject=run.code, by=by)
