"""Bills are read when their days are over, oldest first, and what stands open is looked at again every hour."""

import logging
from collections import defaultdict
from datetime import date, timedelta

from sqlmodel import Session, col, or_, select

from core import clock, db
from core.errors import JishiError
from core.tasks import every
from shop.payments.models import PaymentAttempt
from shop.payments.provider import Provider
from shop.payments.providers import ready_providers

from .healing import heal
from .models import BillException, Differs, ExceptionStatus, GatewayBill
from .service import STANDING, look_again, note_trouble, read_day

log = logging.getLogger("jishi.reconciliation")
REACH = 31  # days back: gateways keep bills longer, but who has none for a month needs a person
AT_ONCE = 10  # days of one gateway in one round


@every(600, "bills.read")
def read_bills() -> None:
    """One gateway that does not answer keeps neither the others nor its other days waiting."""
    for provider in ready_providers():
        with db.reading() as session:
            days = due_days(session, provider)
        for day in days[:AT_ONCE]:
            try:
                read_day(provider.name, day)
            except JishiError as refused:
                log.warning("the bill of %s for %s cannot be read: %s", provider.name, day, refused.code)
                note_trouble(provider.name, day, refused.detail)


def due_days(session: Session, provider: Provider) -> list[date]:
    """Finished days since the gateway was first tried whose bill should be there and was not read, oldest first."""
    first = session.exec(
        select(PaymentAttempt.created_at).where(PaymentAttempt.provider == provider.name).order_by(col(PaymentAttempt.id)).limit(1)
    ).first()
    if first is None:
        return []
    last = clock.business_date(clock.now() - provider.bill_after) - timedelta(days=1)
    begin = max(clock.business_date(first), last - timedelta(days=REACH))
    waits = or_(col(GatewayBill.read_at).is_not(None), col(GatewayBill.next_try_at) > clock.now())
    done = set(session.exec(select(col(GatewayBill.day)).where(GatewayBill.provider == provider.name, GatewayBill.day >= begin, waits)))
    days = [begin + timedelta(days=n) for n in range((last - begin).days + 1)]
    return [day for day in days if day not in done]


@every(3600, "bills.again")
def look_at_open_ones() -> None:
    """What a bill listed and we did not hold is asked about again; then every bill with something open is judged anew."""
    with db.reading() as session:
        rows = session.exec(
            select(BillException, GatewayBill)
            .join(GatewayBill, col(GatewayBill.id) == col(BillException.bill_id))
            .where(col(BillException.status).in_(STANDING), GatewayBill.day >= clock.today() - timedelta(days=REACH))
        ).all()
    lost: dict[str, list[BillException]] = defaultdict(list)
    for row, bill in rows:
        if row.kind == Differs.MISSING_HERE and row.status == ExceptionStatus.OPEN:
            lost[bill.provider].append(row)
    for provider, missing in lost.items():
        payments = {row.number for row in missing if row.about == "payment"}
        heal(provider, payments, {row.number: row.theirs_fen for row in missing if row.about == "refund"})
    for bill_id in sorted({bill.id or 0 for _row, bill in rows}):
        db.run_write(lambda session, bill_id=bill_id: _judge_anew(session, bill_id))  # type: ignore[misc]


def _judge_anew(session: Session, bill_id: int) -> None:
    look_again(session, session.get_one(GatewayBill, bill_id, with_for_update=True))
