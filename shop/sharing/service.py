"""What can happen to a run's shares: settled once after its approval, asked for by workers, answered, or ended by finance.

`share_out` writes what is to be asked before anybody is asked. `sharing_left` of the run counts the requests that nobody answered yet: the
run's row is locked first wherever it changes, so that an export, a void and an answer follow one another.
"""

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict
from core.failpoints import failpoint
from core.outbox import Outbox, emit, emit_all
from core.status import began, move
from core.tenant import Tenant
from fulfillment.settlement.drafting import rules_of
from fulfillment.settlement.models import RunStatus, SettlementRun, Statement
from shop.payments.alipay_sharing import MOST_RECEIVERS
from shop.payments.provider import ProviderUnknown
from shop.payments.providers import provider_named
from supply.counties.models import County

from . import entries, gathering
from .models import OPEN, SHARE, SharePart, ShareRequest, ShareStatus
from .planning import plan

_ = i18n.gettext
TOPIC = "share.ask"
LATE = i18n.marked("过了可以分账的日子")
ENDED = i18n.marked("财务改为转账")
UNKNOWN_THERE = i18n.marked("支付宝账号和姓名对不上")
NOBODY = i18n.marked("收款人的支付宝账号和姓名都对不上")


class CannotShare(Conflict):
    """The county does not share out, the provider is not set up, or the run is not approved or has left for the bank."""

    code = "cannot_share"


def share_out(session: Session, county: County, run: SettlementRun, *, by: str) -> int:
    """Settle what of an approved run its provider gives out of which payment, once; how many requests wait for an answer.

    Asked for again, only what no worker tries any more is tried anew. Raises CannotShare.
    """
    session.refresh(run, with_for_update=True)
    if run.shared_at is None:
        _need_ready(county, run)
        settle_shares(session, county, run, by=by)
    else:
        _try_anew(session, run)
    return run.sharing_left


def _need_ready(county: County, run: SettlementRun) -> None:
    if not rules_of(county).share_out:
        raise CannotShare(_("本县没有开通从买家付款里分账"))
    if run.status == RunStatus.FROZEN:
        raise CannotShare(_("先由另一位财务复核，再分账"))
    if run.status != RunStatus.APPROVED:
        raise CannotShare(_("付款文件已经取走或这次结算已作废，不能再分账"))
    try:
        provider_named(gathering.PROVIDER)
    except ProviderUnknown as unknown:
        raise CannotShare(_("这里还没有接上支付宝，不能分账")) from unknown


def settle_shares(session: Session, county: County, run: SettlementRun, *, by: str) -> None:
    """The requests with their parts. The county's row is locked, so that two runs never plan on the same payment at once."""
    session.exec(select(Tenant.id).where(Tenant.id == county.id).with_for_update(key_share=True)).one()
    rules, now = rules_of(county), clock.now()
    payees = gathering.payees(session, run)
    payments = {p.id: p for p in gathering.payments(session, {id_ for payee in payees for id_ in payee.earned}, rules)}
    codes = []
    for payment_id, parts in plan(payees, payments.values(), today=clock.today(), most=MOST_RECEIVERS):
        request = ShareRequest(
            tenant_id=run.tenant_id, code=new_code("FQ"), run_id=run.id or 0, attempt_id=payment_id, limit_bp=rules.limit_bp,
            amount_fen=sum(part.amount_fen for part in parts), limit_fen=payments[payment_id].limit_fen,
            share_by=payments[payment_id].share_by, planned_at=now,
        )  # fmt: skip
        session.add(request)
        session.flush()
        began(session, SHARE, ShareStatus.PLANNED, tenant_id=run.tenant_id, subject=request.code, by=by)
        session.add_all(
            SharePart(
                tenant_id=run.tenant_id, code=new_code("FZ"), request_id=request.id or 0, statement_id=part.statement,
                amount_fen=part.amount_fen,
            )
            for part in parts
        )  # fmt: skip
        codes.append(request.code)
    run.shared_at, run.sharing_left = now, len(codes)
    session.add(run)
    session.flush()
    failpoint("share.settled")
    if codes:
        emit_all(session, TOPIC, {code: {"request": code} for code in codes}, tenant_id=run.tenant_id)
    audit.record(session, "settlement.share", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code, requests=len(codes))


def _try_anew(session: Session, run: SettlementRun) -> None:
    """Requests whose worker gave up are asked for once more, under the numbers they have."""
    waiting = select(ShareRequest).where(ShareRequest.run_id == run.id, col(ShareRequest.status).in_(OPEN))
    for request in session.exec(waiting.order_by(col(ShareRequest.id))).all():
        key = _key(request)
        lives = select(Outbox.id).where(
            Outbox.tenant_id == run.tenant_id, Outbox.topic == TOPIC, Outbox.key == key, col(Outbox.dead_at).is_(None),
            col(Outbox.done_at).is_(None),
        )  # fmt: skip
        if session.exec(lives).first() is None:
            request.rounds += 1
            session.add(request)
            emit(session, TOPIC, tenant_id=run.tenant_id, key=_key(request), payload={"request": request.code})


def _key(request: ShareRequest) -> str:
    return request.code + (f":{request.rounds}" if request.rounds else "")


def end(session: Session, run: SettlementRun, *, by: str) -> int:
    """What was never asked is transferred; how many requests that ends. What was asked for waits for its answer."""
    session.refresh(run, with_for_update=True)
    never = select(ShareRequest).where(ShareRequest.run_id == run.id, ShareRequest.status == ShareStatus.PLANNED)
    ended = session.exec(never.order_by(col(ShareRequest.id)).with_for_update().execution_options(populate_existing=True)).all()
    for request in ended:
        _refuse(session, run, request, ENDED, by=by)
    failpoint("share.ended")
    if ended:
        audit.record(session, "settlement.share_end", tenant_id=run.tenant_id, actor=f"user:{by}", subject=run.code, requests=len(ended))
    return len(ended)


def mark_asked(session: Session, code: str) -> int:
    """Before the provider is asked: for which time, 0 where nobody wants an answer any more. From then on its parts never change."""
    _run, request = locked(session, code)
    if request.status not in OPEN:
        return 0
    if request.status == ShareStatus.PLANNED:
        _move(session, request, ShareStatus.ASKED, tries=request.tries + 1)
    else:
        request.tries += 1
        session.add(request)
    session.flush()
    return request.tries


def mark_unasked(session: Session, code: str) -> None:
    """The provider did not look at the only try there was: our keys or rights are wrong."""
    _run, request = locked(session, code)
    if request.status == ShareStatus.ASKED and request.tries == 1:
        _move(session, request, ShareStatus.PLANNED, tries=0)


def leave_out(session: Session, part_code: str, why: str) -> None:
    """A party that the provider does not know by this account and name is paid by transfer; the others' parts stand."""
    part = session.exec(select(SharePart).where(SharePart.code == part_code)).one()
    request = session.exec(
        select(ShareRequest).where(ShareRequest.id == part.request_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    session.refresh(part)
    if request.status == ShareStatus.PLANNED and not part.left_out:
        part.left_out = why
        request.amount_fen -= part.amount_fen
        session.add_all((part, request))
        session.flush()


def keep_shared(session: Session, code: str, gateway_ref: str) -> None:
    """The provider gave the parts: statements, ledger and run say so together, once."""
    run, request = locked(session, code)
    if request.status != ShareStatus.ASKED:
        return
    _move(session, request, ShareStatus.SHARED, answered_at=clock.now(), gateway_ref=gateway_ref[:100])
    failpoint("share.moved")
    for part in parts_of(session, request):
        statement = session.get_one(Statement, part.statement_id, with_for_update=True, populate_existing=True)
        statement.shared_fen += part.amount_fen
        session.add(statement)
        session.flush()
        entries.royalty(session, part, statement)
    failpoint("share.posted")
    _answered(session, run)


def keep_refused(session: Session, code: str, why: str) -> None:
    """The provider will not, or it is too late: all parts are transferred."""
    run, request = locked(session, code)
    if request.status in OPEN:
        _refuse(session, run, request, why)


def parts_of(session: Session, request: ShareRequest) -> list[SharePart]:
    """Those that stand."""
    asked = select(SharePart).where(SharePart.request_id == request.id, SharePart.left_out == "")
    return list(session.exec(asked.order_by(col(SharePart.statement_id))))


def locked(session: Session, code: str) -> tuple[SettlementRun, ShareRequest]:
    """The run's row first: two answers of one run never wait for each other in a circle."""
    request = session.exec(select(ShareRequest).where(ShareRequest.code == code)).one()
    run = session.get_one(SettlementRun, request.run_id, with_for_update=True, populate_existing=True)
    session.refresh(request)
    return run, request


def _refuse(session: Session, run: SettlementRun, request: ShareRequest, why: str, *, by: str = "") -> None:
    _move(session, request, ShareStatus.REFUSED, by=by, answered_at=clock.now(), reason=why)
    _answered(session, run)


def _answered(session: Session, run: SettlementRun) -> None:
    run.sharing_left -= 1
    session.add(run)
    session.flush()


def _move(session: Session, request: ShareRequest, target: str, *, by: str = "", **values: object) -> None:
    move(
        session, ShareRequest, request.id or 0, "status", SHARE, request.status, target, tenant_id=request.tenant_id, subject=request.code,
        by=by, values=values,
    )  # fmt: skip
