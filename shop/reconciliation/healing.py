"""What a bill lists and we do not hold is made good down the roads that exist: the payment's gateway is asked, the refund is kept as done.

A bill is a hint and not a verdict about payments: what moves an order is the gateway's own answer. A refund was asked for by us under its
number, so that the bill lists it is the answer its call never got.
"""

import logging
from collections.abc import Collection

from sqlmodel import Session, col, select

from core import db
from core.errors import JishiError
from core.status import move
from shop.payments.asking import ask
from shop.payments.models import REFUND, AttemptStatus, PaymentAttempt, Refund, RefundStatus
from shop.payments.refunds import keep_refund

log = logging.getLogger("jishi.reconciliation")
MANY = 500  # numbers of one question to the database


def heal(provider: str, payments: Collection[str], refunds: dict[str, int]) -> None:
    """`payments`: attempts' codes; `refunds`: fen by code. Each in transactions of its own; one that cannot be does not keep the others."""
    for code in _silent(provider, sorted(payments)):
        try:
            ask(code)
        except JishiError as refused:
            log.error("a payment on the bill cannot be asked about: %s", refused.code)
    for code in _owed(provider, refunds):
        try:
            db.run_write(lambda session, code=code: _keep(session, code))  # type: ignore[misc]
        except JishiError as refused:
            log.error("a refund on the bill cannot be kept: %s", refused.code)


def _silent(provider: str, codes: list[str]) -> list[str]:
    found: list[str] = []
    with db.reading() as session:
        for start in range(0, len(codes), MANY):
            asked = select(PaymentAttempt.code).where(
                col(PaymentAttempt.code).in_(codes[start : start + MANY]), PaymentAttempt.provider == provider,
                PaymentAttempt.status != AttemptStatus.CAPTURED,
            )  # fmt: skip
            found += session.exec(asked)
    return found


def _owed(provider: str, refunds: dict[str, int]) -> list[str]:
    codes, found = sorted(refunds), []
    with db.reading() as session:
        for start in range(0, len(codes), MANY):
            rows = session.exec(
                select(Refund.code, Refund.amount_fen)
                .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
                .where(
                    col(Refund.code).in_(codes[start : start + MANY]),
                    PaymentAttempt.provider == provider,
                    Refund.status != RefundStatus.DONE,
                )
            )
            found += [code for code, fen in rows if refunds[code] == fen]
    return found


def _keep(session: Session, code: str) -> None:
    refund = session.exec(select(Refund).where(Refund.code == code).with_for_update()).one()
    if refund.status == RefundStatus.FAILED:  # the gateway gave it after all
        move(
            session, Refund, refund.id or 0, "status", REFUND, RefundStatus.FAILED, RefundStatus.QUEUED, tenant_id=refund.tenant_id,
            subject=code, by="bill",
        )  # fmt: skip
    keep_refund(session, code, RefundStatus.DONE)
