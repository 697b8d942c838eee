"""What can happen to a settlement run: frozen, approved by a second person, given to the bank, or voided before that.

Each step is one transaction and a compare-and-set, so it can be asked for again at any time: what was done is not done twice.
What follows, statement by statement, is in `paying`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import insert, update
from sqlmodel import Session, col, select

from core import audit, clock, i18n, pii
from core.codes import new_code
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.failpoints import failpoint
from core.status import began, move
from core.tenant import Tenant
from fulfillment.income.models import IncomeEntry, IncomeState
from supply.counties.models import County

from . import entries
from .drafting import Draft, Row, cash_held, draft, payable, rules_of
from .models import (
    RUN,
    STATEMENT,
    DisputeStatus,
    IncomeDispute,
    Payee,
    RunStatus,
    SettlementRun,
    Statement,
    StatementLine,
    StatementStatus,
)
from .words import names_of

_ = i18n.gettext
A_BATCH = 500


class RunUnknown(NotFound):
    """No such settlement run here."""

    code = "run_unknown"


class NothingToSettle(Conflict):
    """Nobody has anything to be paid up to that day."""

    code = "nothing_to_settle"


class SamePerson(Forbidden):
    """Whoever froze a run cannot approve it."""

    code = "same_person"


class SharesOpen(Conflict):
    """The payment provider has not answered for all that it shares out of this run."""

    code = "shares_open"


class AlreadyShared(Conflict):
    """The payment provider has given parties some of it."""

    code = "already_shared"


def freeze(session: Session, county: County, until: date, *, by: str) -> SettlementRun:
    """One statement for everybody who is paid up to `until`, its rows bound to it. Raises Refused, NothingToSettle.

    The county's row is locked, so two runs never share a party's rows; the rows are, so that nothing is taken back meanwhile.
    """
    if until > clock.today():
        raise Refused(_("结到哪一天：不能晚于今天"), field="until")
    session.exec(select(Tenant.id).where(Tenant.id == county.id).with_for_update(key_share=True)).one()
    rows = [Row(*found) for found in session.execute(payable(county.id, until).with_for_update(of=IncomeEntry))]
    drafts = draft(rows, cash_held(session, county.id), rules_of(county))
    paid = [each for each in drafts if not each.carried]
    if not paid:
        raise NothingToSettle(_("到 {day} 为止没有可以放款的收入").format(day=i18n.day(until)))
    names = names_of(session, [(each.kind, each.code) for each in drafts])
    run = SettlementRun(
        tenant_id=county.id, code=new_code("SR"), until=until, payout_fen=sum(each.payout_fen for each in paid), frozen_by=by,
        frozen_at=clock.now(),
        carried=[
            {"party": each.code, "kind": each.kind, "name": names[each.kind, each.code], "amount_fen": each.amount_fen,
             "rows": len(each.rows), "why": each.carried} for each in drafts if each.carried
        ],
    )  # fmt: skip
    session.add(run)
    session.flush()
    began(session, RUN, RunStatus.FROZEN, tenant_id=county.id, subject=run.code, by=by)
    payees = _payees(session, county.id)
    for each in paid:
        _state(session, run, each, name=names[each.kind, each.code], payee=payees.get((each.kind, each.code)), by=by)
    failpoint("settlement.frozen")
    audit.record(
        session, "settlement.freeze", tenant_id=county.id, actor=f"user:{by}", subject=run.code, until=until.isoformat(),
        payout_fen=run.payout_fen, statements=len(paid),
    )  # fmt: skip
    return run


def _payees(session: Session, tenant_id: int) -> dict[tuple[str, str], Payee]:
    """Those that count today."""
    counting = (Payee.tenant_id == tenant_id, Payee.valid_from <= clock.now(), col(Payee.stopped_at).is_(None))
    rows = session.exec(select(Payee).where(*counting).order_by(col(Payee.id)))  # the last of a party holds
    return {(payee.party_kind, payee.party_code): payee for payee in rows}


def _state(session: Session, run: SettlementRun, given: Draft, *, name: str, payee: Payee | None, by: str) -> None:
    """A party's statement, its lines, its rows bound to it and its cash netted."""
    days = [row.day for row in given.rows]
    statement = Statement(
        tenant_id=run.tenant_id, code=new_code("ST"), run_id=run.id or 0, party_kind=given.kind, party_code=given.code, name=name,
        amount_fen=given.amount_fen, netted_fen=given.netted_fen, payout_fen=given.payout_fen, rows=len(given.rows), first=min(days),
        last=max(days),
    )  # fmt: skip
    if payee is not None and given.payout_fen:
        account = pii.unseal(payee.account_sealed, f"payee.account:{payee.party_kind}:{payee.party_code}")
        statement.way, statement.holder, statement.bank, statement.account_tail = payee.way, payee.holder, payee.bank, payee.account_tail
        statement.account_sealed = pii.seal(account, f"statement.account:{statement.code}")
    session.add(statement)
    session.flush()
    began(session, STATEMENT, StatementStatus.FROZEN, tenant_id=run.tenant_id, subject=statement.code, by=by)
    lines = [
        {"tenant_id": run.tenant_id, "statement_id": statement.id, "income_id": row.id, "amount_fen": row.amount_fen, "stands": True}
        for row in given.rows
    ]
    session.execute(insert(StatementLine.__table__), lines)  # type: ignore[attr-defined]
    _bind(session, [row.id for row in given.rows], statement.id)
    failpoint("settlement.stated")
    if statement.netted_fen:
        entries.net(session, statement)


def _bind(session: Session, ids: list[int], statement_id: int | None) -> None:
    """Rows into their statement. Raises Conflict, and nothing of the run happens, when one is not free any more."""
    for start in range(0, len(ids), A_BATCH):
        batch = ids[start : start + A_BATCH]
        free = (
            col(IncomeEntry.id).in_(batch), col(IncomeEntry.state) == IncomeState.PAYABLE, col(IncomeEntry.statement_id).is_(None),
            col(IncomeEntry.disputed_at).is_(None),
        )  # fmt: skip
        bound = update(IncomeEntry).where(*free).values(statement_id=statement_id).execution_options(synchronize_session=False)
        if session.execute(bound).rowcount != len(batch):  # type: ignore[attr-defined]
            raise Conflict(_("刚才有收入变了，请重新预览"))


def run_named(session: Session, code: str, *, tenant_id: int) -> SettlementRun:
    """Raises RunUnknown."""
    run = session.exec(select(SettlementRun).where(SettlementRun.tenant_id == tenant_id, SettlementRun.code == code)).first()
    if run is None:
        raise RunUnknown(_("没有这次结算"))
    return run


def statements_of(session: Session, run: SettlementRun) -> list[Statement]:
    return list(session.exec(select(Statement).where(Statement.run_id == run.id).order_by(col(Statement.id))))


def approve(session: Session, run: SettlementRun, *, by: str) -> None:
    """By another than who froze it; approving again changes nothing. Raises SamePerson, StatusMoved."""
    if run.status == RunStatus.APPROVED and run.approved_by == by:
        return
    if run.frozen_by == by:
        raise SamePerson(_("要由另一位财务复核，开单的人自己不能复核"))
    _move(session, run, RunStatus.FROZEN, RunStatus.APPROVED, by=by, approved_by=by, approved_at=clock.now())
    audit.record(session, "settlement.approve", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code, payout_fen=run.payout_fen)


def give_to_bank(session: Session, run: SettlementRun, *, by: str) -> None:
    """From here on it is not voided: somebody holds the file. Again after that changes nothing but the audit.

    Raises SharesOpen, StatusMoved.
    """
    session.refresh(run, with_for_update=True)
    _need_answered(run)
    if run.status in (RunStatus.FROZEN, RunStatus.APPROVED):
        _move(session, run, RunStatus.APPROVED, RunStatus.EXPORTED, by=by, exported_at=clock.now())
    elif run.status == RunStatus.VOID:
        _move(session, run, RunStatus.APPROVED, RunStatus.EXPORTED, by=by)
    audit.record(session, "settlement.export", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code)


def _need_answered(run: SettlementRun) -> None:
    """Raises SharesOpen."""
    if run.sharing_left:
        raise SharesOpen(_("还有 {n} 笔分账支付宝没有答复，等一等").format(n=run.sharing_left))


def void(session: Session, run: SettlementRun, *, by: str, reason: str) -> None:
    """Give every row back to the next run, before the bank has the file and while nothing was shared out of it.

    Raises Refused, SharesOpen, AlreadyShared, StatusMoved.
    """
    if not reason.strip():
        raise Refused(_("写明为什么作废"), field="reason")
    session.refresh(run, with_for_update=True)
    _need_answered(run)
    if any(statement.shared_fen for statement in statements_of(session, run)):
        raise AlreadyShared(_("已经从买家付款里分了一部分出去，不能作废"))
    _move(session, run, (RunStatus.FROZEN, RunStatus.APPROVED), RunStatus.VOID, by=by, note=reason)
    for statement in statements_of(session, run):
        move(
            session, Statement, statement.id or 0, "status", STATEMENT, StatementStatus.FROZEN, StatementStatus.VOID,
            tenant_id=run.tenant_id, subject=statement.code, by=by,
        )  # fmt: skip
        if statement.netted_fen:
            entries.take_back_netting(session, statement)
    ids = select(Statement.id).where(Statement.run_id == run.id)
    free = {"synchronize_session": False}
    session.execute(update(IncomeEntry).where(col(IncomeEntry.statement_id).in_(ids)).values(statement_id=None).execution_options(**free))
    failpoint("settlement.voided")
    _hold_disputed(session, run)
    lines = update(StatementLine).where(col(StatementLine.statement_id).in_(ids)).values(stands=False)
    session.execute(lines.execution_options(**free))
    audit.record(session, "settlement.void", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code, reason=reason)


def _hold_disputed(session: Session, run: SettlementRun) -> None:
    """What was disputed while it was frozen waits for finance's answer like any other row."""
    asked = (
        select(IncomeDispute.income_id)
        .join(StatementLine, col(StatementLine.income_id) == col(IncomeDispute.income_id))
        .join(Statement, col(Statement.id) == col(StatementLine.statement_id))
        .where(Statement.run_id == run.id, IncomeDispute.status == DisputeStatus.OPEN)
    )
    held = update(IncomeEntry).where(col(IncomeEntry.id).in_(asked)).values(disputed_at=clock.now())
    session.execute(held.execution_options(synchronize_session=False))


def _move(
    session: Session, run: SettlementRun, source: str | tuple[str, ...], target: str, *, by: str, note: str = "", **values: Any
) -> None:  # fmt: skip
    given: Mapping[str, Any] = values
    move(
        session, SettlementRun, run.id or 0, "status", RUN, source, target, tenant_id=run.tenant_id, subject=run.code, by=by, note=note,
        values=given,
    )  # fmt: skip
