"""What a gateway says of a dispute, kept: opened it holds the money, won it gives it back, lost it is a refund the bank made.

While it lives no income of the order becomes payable and nothing else is given back of it. Lost, what is left of the order's lines is
given back with everybody bearing their own part – after payout that is a debit on the next statement – and what was disputed beyond
that is the platform's loss. The gateway's account holds at every step what the gateway does: `disputed` moves the held sum off it and
back before the refund takes it.
"""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.auth.models import Grant, User
from core.codes import new_code
from core.ledger.models import Journal
from core.ledger.service import reverse
from core.money import format_fen
from core.notify import tell
from core.pii import unseal
from core.status import began, move
from fulfillment.consignments.models import Consignment
from fulfillment.income.adjusting import hold
from shop.claims.service import lock
from shop.orders.earnings import begin_windows
from shop.orders.models import Order, OrderLine, OrderStatus
from shop.payments.accounts import Draft, post_drafts
from shop.payments.giving import Part, give_back, given_lines, left_of
from shop.payments.models import AttemptStatus, PaymentAttempt
from shop.payments.refunds import keep_refund
from shop.payments.start import PaymentUnknown

from .models import DISPUTE, LIVE, DisputeStatus, PaymentDispute

_ = i18n.gettext
WHY = i18n.marked("买家向银行申请拒付，银行判给了买家")
TOLD = i18n.marked("订单 {number} 的 {sum} 元被买家向银行拒付了，请在 {day} 前交证据。")


class DisputeTold(NamedTuple):
    """A dispute as its gateway shows it now; `holds`: the money is taken out of our balance."""

    ref: str
    payment_ref: str  # of the capture
    status: DisputeStatus
    amount_fen: int
    reason: str
    evidence_by: datetime | None
    holds: bool


def keep_dispute(session: Session, told: DisputeTold, *, by: str) -> str:
    """Bring our row to what the gateway says; the same again changes nothing. Raises PaymentUnknown when it is of no capture yet."""
    attempt = session.exec(
        select(PaymentAttempt).where(PaymentAttempt.gateway_ref == told.payment_ref, PaymentAttempt.status == AttemptStatus.CAPTURED)
    ).first()
    if attempt is None:
        raise PaymentUnknown(_("没有这笔付款"))
    order = lock(session, attempt.order_id)
    known = select(PaymentDispute).where(PaymentDispute.gateway_ref == told.ref).execution_options(populate_existing=True)
    dispute = session.exec(known).first()
    if dispute is None:
        dispute = _opened(session, attempt, order, told, by=by)
    if dispute.status not in LIVE:
        return "known"
    if told.holds and not dispute.held_fen:
        dispute.held_fen = told.amount_fen
        _post(session, dispute, order, "disputed", {_account(attempt): told.amount_fen, f"gateway:{attempt.provider}": -told.amount_fen})
    dispute.evidence_by = told.evidence_by
    session.add(dispute)
    session.flush()
    if told.status == dispute.status:
        return str(dispute.status)
    closed = {"closed_at": clock.now()} if told.status not in LIVE else {}
    move(
        session, PaymentDispute, dispute.id or 0, "status", DISPUTE, dispute.status, told.status, tenant_id=dispute.tenant_id,
        subject=dispute.code, by=by, values=closed,
    )  # fmt: skip
    _note(session, dispute, order, by=by)
    if told.status not in LIVE:
        _end(session, dispute, attempt, order, by=by)
    return str(told.status)


def _opened(session: Session, attempt: PaymentAttempt, order: Order, told: DisputeTold, *, by: str) -> PaymentDispute:
    dispute = PaymentDispute(
        tenant_id=attempt.tenant_id, code=new_code("PD"), gateway_ref=told.ref, attempt_id=attempt.id or 0, order_id=order.id or 0,
        amount_fen=told.amount_fen, reason=told.reason, evidence_by=told.evidence_by, opened_at=clock.now(),
    )  # fmt: skip
    session.add(dispute)
    session.flush()
    began(session, DISPUTE, DisputeStatus.OPENED, tenant_id=dispute.tenant_id, subject=dispute.code, by=by)
    _note(session, dispute, order, by=by)
    lines = _lines(session, order)
    hold(session, [*(line.code for line in lines), *given_lines(session, lines)], tenant_id=order.tenant_id)
    day = i18n.moment(told.evidence_by) if told.evidence_by else _("尽快")
    with i18n.speaking("zh"):
        words = _(TOLD).format(number=order.number, sum=format_fen(told.amount_fen), day=day)
    own = (Grant.tenant_id == order.tenant_id, Grant.role == "finance", col(Grant.revoked_at).is_(None))
    treasurers = select(User).join(Grant, col(Grant.user_id) == col(User.id)).where(*own)
    for user in session.exec(treasurers.distinct()):
        phone = unseal(user.phone_sealed, f"app_user.phone:{user.code}")
        tell(session, phone, words, tenant_id=order.tenant_id, key=f"dispute:{dispute.code}:{user.code}")
    return dispute


def _end(session: Session, dispute: PaymentDispute, attempt: PaymentAttempt, order: Order, *, by: str) -> None:
    """The held money comes back; lost, it goes to the buyer as a refund that the bank made already."""
    if dispute.held_fen:
        held = session.exec(
            select(Journal).where(Journal.tenant_id == dispute.tenant_id, Journal.key == f"disputed:{dispute.code}")
        ).one()  # fmt: skip
        reverse(session, held, key=f"undisputed:{dispute.code}")
    if dispute.status == DisputeStatus.LOST and dispute.held_fen:
        _lose(session, dispute, attempt, order, by=by)
    sent = session.exec(select(Consignment).where(Consignment.source_code == order.number, Consignment.tenant_id == order.tenant_id)).all()
    if sent:
        begin_windows(session, sent)


def _lose(session: Session, dispute: PaymentDispute, attempt: PaymentAttempt, order: Order, *, by: str) -> None:
    rest, parts = dispute.held_fen, []
    if order.paid_at is not None and order.status != OrderStatus.CANCELLED and attempt.duplicate_of is None:
        for line_id, left in left_of(session, _lines(session, order)).items():
            if fen := min(rest, left.fen):
                parts.append(Part(line_id, fen))
                rest -= fen
    if parts:
        refund = give_back(session, order, parts, key=f"dispute:{dispute.code}", reason=WHY, asked_by=by)
        dispute.refund_id = refund.id
        session.flush()
        keep_refund(session, refund.code, "done")
    dispute.loss_fen = rest
    session.add(dispute)
    session.flush()
    if rest:
        _post(session, dispute, order, "dispute_loss", {"platform": rest, f"gateway:{attempt.provider}": -rest})


def _post(session: Session, dispute: PaymentDispute, order: Order, kind: str, lines: dict[str, int]) -> None:
    draft = Draft(f"{kind}:{dispute.code}", kind, lines, order.number)
    post_drafts(session, [draft], tenant_id=dispute.tenant_id, currency=order.currency)


def _account(attempt: PaymentAttempt) -> str:
    return f"disputed:{attempt.provider}"


def _lines(session: Session, order: Order) -> list[OrderLine]:
    return list(session.exec(select(OrderLine).where(OrderLine.order_id == order.id).order_by(col(OrderLine.position))))


def _note(session: Session, dispute: PaymentDispute, order: Order, *, by: str) -> None:
    audit.record(
        session, f"payment_dispute.{dispute.status}", tenant_id=dispute.tenant_id, actor=by, subject=dispute.code, order=order.number,
        amount_fen=dispute.amount_fen,
    )  # fmt: skip
