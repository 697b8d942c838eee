"""What a bill and our own rows say differently.

Our captures and refunds of a day are looked for on every bill of their gateway: it may count one to the day before ours, and where a
clock is a little ahead to the day after. So the last ten minutes of our day are looked for together with the next day, when both bills
have been read.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlmodel import Session, col, exists, select

from core import clock
from shop.payments.models import AttemptStatus, PaymentAttempt, Refund, RefundStatus
from shop.sharing.models import ShareRequest, ShareStatus

from .models import Differs, GatewayBill, GatewayBillLine, GatewayPayout

NEAR_MIDNIGHT = timedelta(minutes=10)


class Difference(NamedTuple):
    """`about` is what moved: payment, refund, royalty, payout, other."""

    kind: str
    about: str
    number: str
    ours_fen: int
    theirs_fen: int

    @property
    def key(self) -> tuple[str, str, str]:
        return self.kind, self.about, self.number


def differences(session: Session, bill: GatewayBill) -> list[Difference]:
    """As both stand now. Seven queries."""
    return [
        *_payments(session, bill),
        *_refunds(session, bill),
        *_royalties(session, bill),
        *_others(session, bill),
        *_unlisted(session, bill),
    ]


def span(day: date) -> tuple[datetime, datetime]:
    """The instants whose captures, refunds and shares of ours are looked for with a day's bill."""
    return clock.midnight(day) - NEAR_MIDNIGHT, clock.midnight(day + timedelta(days=1)) - NEAR_MIDNIGHT


def holds_unlisted(session: Session, provider: str, day: date) -> bool:
    """Whether we hold a capture of the day that no bill lists: then an empty bill is one that is not written yet."""
    first, after = span(day)
    held = (
        select(PaymentAttempt.id)
        .where(PaymentAttempt.provider == provider, PaymentAttempt.status == AttemptStatus.CAPTURED)
        .where(col(PaymentAttempt.captured_at) >= first, col(PaymentAttempt.captured_at) < after)
        .where(~_listed(provider, "payment", col(PaymentAttempt.code)))
    )
    return session.exec(select(exists(held))).one()


def _payments(session: Session, bill: GatewayBill) -> Iterator[Difference]:
    own = (col(PaymentAttempt.code) == col(GatewayBillLine.number)) & (col(PaymentAttempt.provider) == bill.provider)
    rows = session.exec(
        select(GatewayBillLine.number, GatewayBillLine.amount_fen, PaymentAttempt.amount_fen, PaymentAttempt.status)
        .join(PaymentAttempt, own, isouter=True)
        .where(GatewayBillLine.bill_id == bill.id, GatewayBillLine.kind == "payment")
    )
    yield from _held("payment", rows, AttemptStatus.CAPTURED)


def _refunds(session: Session, bill: GatewayBill) -> Iterator[Difference]:
    rows = session.exec(
        select(GatewayBillLine.number, GatewayBillLine.amount_fen, Refund.amount_fen, Refund.status)
        .join(Refund, col(Refund.code) == col(GatewayBillLine.number), isouter=True)
        .where(GatewayBillLine.bill_id == bill.id, GatewayBillLine.kind == "refund")
    )
    yield from _held("refund", rows, RefundStatus.DONE)


def _royalties(session: Session, bill: GatewayBill) -> Iterator[Difference]:
    rows = session.exec(
        select(GatewayBillLine.number, GatewayBillLine.amount_fen, ShareRequest.amount_fen, ShareRequest.status)
        .join(ShareRequest, col(ShareRequest.code) == col(GatewayBillLine.number), isouter=True)
        .where(GatewayBillLine.bill_id == bill.id, GatewayBillLine.kind == "royalty")
    )
    yield from _held("royalty", rows, ShareStatus.SHARED)


def _held(about: str, rows: Iterable[Any], there: str) -> Iterator[Difference]:
    for number, theirs, ours, status in rows:
        if status is None:
            yield Difference(Differs.UNKNOWN, about, number, 0, theirs)
        elif ours != theirs:
            yield Difference(Differs.AMOUNT, about, number, ours, theirs)
        elif status != there:
            yield Difference(Differs.MISSING_HERE, about, number, 0, theirs)


def _others(session: Session, bill: GatewayBill) -> Iterator[Difference]:
    booked = (col(GatewayPayout.line_id) == col(GatewayBillLine.id)) & col(GatewayPayout.undone_at).is_(None)
    rows = session.exec(
        select(GatewayBillLine.kind, GatewayBillLine.number, GatewayBillLine.amount_fen)
        .join(GatewayPayout, booked, isouter=True)
        .where(
            GatewayBillLine.bill_id == bill.id, col(GatewayBillLine.kind).in_(("payout", "other")), col(GatewayPayout.id).is_(None),
            GatewayBillLine.amount_fen != 0,
        )
    )  # fmt: skip
    for kind, number, theirs in rows:
        yield Difference(Differs.PAYOUT if kind == "payout" else Differs.OTHER, kind, number, 0, theirs)


def _unlisted(session: Session, bill: GatewayBill) -> Iterator[Difference]:
    first, after = span(bill.day)
    of_it = (PaymentAttempt.tenant_id == bill.tenant_id, PaymentAttempt.provider == bill.provider)
    captured = session.exec(
        select(PaymentAttempt.code, PaymentAttempt.amount_fen)
        .where(*of_it, PaymentAttempt.status == AttemptStatus.CAPTURED)
        .where(col(PaymentAttempt.captured_at) >= first, col(PaymentAttempt.captured_at) < after)
        .where(~_listed(bill.provider, "payment", col(PaymentAttempt.code)))
    )
    for number, ours in captured:
        yield Difference(Differs.MISSING_THERE, "payment", number, ours, 0)
    given = session.exec(
        select(Refund.code, Refund.amount_fen)
        .join(PaymentAttempt, col(PaymentAttempt.id) == col(Refund.attempt_id))
        .where(*of_it, Refund.status == RefundStatus.DONE)
        .where(col(Refund.done_at) >= first, col(Refund.done_at) < after)
        .where(~_listed(bill.provider, "refund", col(Refund.code)))
    )
    for number, ours in given:
        yield Difference(Differs.MISSING_THERE, "refund", number, ours, 0)
    shared = session.exec(
        select(ShareRequest.code, ShareRequest.amount_fen)
        .join(PaymentAttempt, col(PaymentAttempt.id) == col(ShareRequest.attempt_id))
        .where(*of_it, ShareRequest.status == ShareStatus.SHARED)
        .where(col(ShareRequest.answered_at) >= first, col(ShareRequest.answered_at) < after)
        .where(~_listed(bill.provider, "royalty", col(ShareRequest.code)))
    )
    for number, ours in shared:
        yield Difference(Differs.MISSING_THERE, "royalty", number, ours, 0)


def _listed(provider: str, kind: str, code: Any) -> Any:
    """On any bill of the gateway."""
    own = (GatewayBillLine.provider == provider, GatewayBillLine.kind == kind, col(GatewayBillLine.number) == code)
    return exists(select(GatewayBillLine.id).where(*own))
