"""Money back: a refund is a row before the gateway is asked, always under the same number.

One that failed waits for finance, who asks the gateway again or pays it by hand; nothing is tried again by itself.
"""

from typing import Any

from sqlmodel import Session, col, select, update

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.failpoints import failpoint
from core.ledger.models import Journal
from core.ledger.service import reverse
from core.outbox import emit
from core.status import began, move
from shop.orders.models import PAYMENT, Order, PaymentStatus

from . import accounts
from .models import REFUND, PaymentAttempt, Refund, RefundStatus

_ = i18n.gettext


class RefundUnknown(NotFound):
    """No such refund in the caller's county."""

    code = "refund_unknown"


class NotFailed(Conflict):
    """It did not fail, or somebody dealt with it."""

    code = "refund_not_failed"


def queue_refund(session: Session, attempt: PaymentAttempt, amount_fen: int, *, key: str, reason: str, asked_by: str = "") -> Refund:
    """Ask for money back from one captured attempt; the same key again is the same refund."""
    known = session.exec(select(Refund).where(Refund.tenant_id == attempt.tenant_id, Refund.key == key)).first()
    if known is not None:
        return known
    refund = Refund(
        tenant_id=attempt.tenant_id, code=new_code("RF"), key=key, order_id=attempt.order_id, attempt_id=attempt.id or 0,
        amount_fen=amount_fen, reason=reason, asked_by=asked_by, created_at=clock.now(),
    )  # fmt: skip
    session.add(refund)
    session.flush()
    began(session, REFUND, RefundStatus.QUEUED, tenant_id=refund.tenant_id, subject=refund.code, by=asked_by)
    emit(session, "payment.refund", tenant_id=refund.tenant_id, key=refund.code, payload={"refund_code": refund.code})
    return refund


def keep_refund(session: Session, code: str, answer: str) -> None:
    """Keep what the gateway said of a refund: `done` moves the money in the ledger and the order, once.

    `unknown` and `failed` stay on the row; unknown is asked again under the same number. One that was done and could not be delivered
    is `failed` again: its money is back at the gateway and waits for finance.
    """
    refund, order = _locked(session, code)
    if refund.status == answer or (refund.status == RefundStatus.DONE and (answer != RefundStatus.FAILED or refund.by_hand)):
        return
    if refund.status == RefundStatus.FAILED and answer != RefundStatus.DONE:
        return
    was = refund.status
    _move(session, refund, answer)
    failpoint("refund.moved")
    if answer == RefundStatus.DONE:
        _give(session, refund, order)
    elif was == RefundStatus.DONE:
        _come_back(session, refund, order)


def ask_again(session: Session, code: str, *, tenant_id: int, by: str) -> Refund:
    """Ask the gateway once more for a refund that failed. Raises RefundUnknown, NotFailed."""
    refund, _order = _failed(session, code, tenant_id)
    move(
        session, Refund, refund.id or 0, "status", REFUND, RefundStatus.FAILED, RefundStatus.QUEUED, tenant_id=tenant_id, subject=code,
        by=by,
    )  # fmt: skip
    emit(session, "payment.refund", tenant_id=tenant_id, key=f"{code}:{refund.failures}", payload={"refund_code": code})
    audit.record(session, "refund.again", tenant_id=tenant_id, actor=by, subject=code, amount_fen=refund.amount_fen)
    return refund


def paid_by_hand(session: Session, code: str, how: str, *, tenant_id: int, by: str) -> Refund:
    """A person paid the buyer past the gateway, out of the bank; `how` says by what. Raises RefundUnknown, NotFailed, Refused."""
    refund, order = _failed(session, code, tenant_id)
    if not how:
        raise Refused(_("写明怎么付的，比如银行流水号"), field="how")
    refund.by_hand = how
    session.add(refund)
    session.flush()
    _move(session, refund, RefundStatus.DONE, by=by, note=how)
    _give(session, refund, order)
    audit.record(session, "refund.by_hand", tenant_id=tenant_id, actor=by, subject=code, reason=how, amount_fen=refund.amount_fen)
    return refund


def _failed(session: Session, code: str, tenant_id: int) -> tuple[Refund, Order]:
    if session.exec(select(Refund.id).where(Refund.code == code, Refund.tenant_id == tenant_id)).first() is None:
        raise RefundUnknown(_("没有这笔退款"))
    refund, order = _locked(session, code)
    if refund.status != RefundStatus.FAILED:
        raise NotFailed(_("这笔退款没有失败，或者已经处理过了"))
    return refund, order


def _locked(session: Session, code: str) -> tuple[Refund, Order]:
    """The refund with its order, whose row is locked."""
    refund = session.exec(select(Refund).where(Refund.code == code)).one()
    order = session.exec(
        select(Order).where(Order.id == refund.order_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    ).one()  # fmt: skip
    session.refresh(refund)
    return refund, order


def _move(session: Session, refund: Refund, target: str, *, by: str = "", note: str = "") -> None:
    values: dict[str, Any] = {"done_at": clock.now() if target == RefundStatus.DONE else None}
    if target == RefundStatus.FAILED:
        values["failures"] = refund.failures + 1
    move(
        session, Refund, refund.id or 0, "status", REFUND, refund.status, target, tenant_id=refund.tenant_id, subject=refund.code, by=by,
        note=note, values=values,
    )  # fmt: skip


def _give(session: Session, refund: Refund, order: Order) -> None:
    attempt = session.get_one(PaymentAttempt, refund.attempt_id)
    draft = accounts.refund(refund, attempt, order.number)
    accounts.post_drafts(session, [draft], tenant_id=refund.tenant_id, currency=attempt.currency)
    failpoint("refund.posted")
    _count(session, refund, order, refund.amount_fen)


def _come_back(session: Session, refund: Refund, order: Order) -> None:
    """The money is ours to give again: its entry is reversed. Failures were counted already, the entry was made before."""
    given = session.exec(
        select(Journal)
        .where(Journal.tenant_id == refund.tenant_id, Journal.kind == "refund", col(Journal.key).startswith(f"refund:{refund.code}"))
        .order_by(col(Journal.id).desc())
    ).first()
    assert given is not None
    reverse(session, given, key=f"un{given.key}")
    _count(session, refund, order, -refund.amount_fen)


def _count(session: Session, refund: Refund, order: Order, fen: int) -> None:
    """The order's refunded sum, and its payment status by what is left with us."""
    net = order.captured_fen - order.refunded_fen - fen
    given = {"refunded_fen": Order.refunded_fen + fen}
    session.exec(update(Order).where(col(Order.id) == order.id).values(given).execution_options(synchronize_session=False))
    if (target := _payment_after(order, net)) is not None:
        move(
            session, Order, order.id or 0, "payment_status", PAYMENT, order.payment_status, target,
            tenant_id=order.tenant_id, subject=order.number, note=refund.code,
        )  # fmt: skip


def _payment_after(order: Order, net_fen: int) -> str | None:
    """The payment status when `net_fen` is left with us; None when it stays (a duplicate went back)."""
    target = PaymentStatus.REFUNDED if net_fen == 0 else PaymentStatus.PART_REFUNDED if net_fen < order.total_fen else PaymentStatus.PAID
    if target != PaymentStatus.REFUNDED and order.paid_at is None:
        target = PaymentStatus.EXPIRED
    return target if PAYMENT.allows(order.payment_status, target) and order.payment_status != target else None
