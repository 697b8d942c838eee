"""Shares as finance and the parties read them: a run's parts one by one, each with its order, and what they come to by how they stand."""

from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock
from core.paging import make_cursor, read_cursor
from fulfillment.settlement.drafting import rules_of
from fulfillment.settlement.models import SettlementRun, Statement
from shop.orders.models import Order
from shop.payments.alipay_sharing import MOST_RECEIVERS
from shop.payments.models import PaymentAttempt
from supply.counties.models import County

from . import gathering
from .models import SharePart, ShareRequest, ShareStatus
from .planning import plan


class Shown(NamedTuple):
    """One part with the statement that it pays and the order out of whose payment it comes."""

    part: SharePart
    request: ShareRequest
    statement: Statement
    order: str
    trade: str

    @property
    def status(self) -> str:
        return ShareStatus.REFUSED if self.part.left_out else self.request.status

    @property
    def reason(self) -> str:
        return self.part.left_out or self.request.reason


class Sums(NamedTuple):
    """Fen of a run's parts; `unasked` counts the payments that nobody was asked about yet."""

    shared_fen: int = 0
    open_fen: int = 0
    refused_fen: int = 0
    unasked: int = 0


def parts(session: Session, run: SettlementRun, *, cursor: str | None = None, limit: int = 100) -> tuple[list[Shown], str | None]:
    """As they were settled; one query."""
    query = (
        select(SharePart, ShareRequest, Statement, Order.number, PaymentAttempt.gateway_ref)  # type: ignore[call-overload]
        .join(ShareRequest, col(ShareRequest.id) == col(SharePart.request_id))
        .join(Statement, col(Statement.id) == col(SharePart.statement_id))
        .join(PaymentAttempt, col(PaymentAttempt.id) == col(ShareRequest.attempt_id))
        .join(Order, col(Order.id) == col(PaymentAttempt.order_id))
        .where(ShareRequest.run_id == run.id)
    )
    if after := read_cursor(cursor, int):
        query = query.where(col(SharePart.id) > after[0])
    rows = [Shown(*row) for row in session.exec(query.order_by(col(SharePart.id)).limit(limit + 1))]
    return rows[:limit], make_cursor(rows[limit - 1].part.id) if len(rows) > limit else None


def sums(session: Session, run: SettlementRun) -> Sums:
    """One query."""
    rows = session.exec(
        select(
            ShareRequest.status, SharePart.left_out, func.sum(col(SharePart.amount_fen)), func.count(func.distinct(col(ShareRequest.id)))
        )
        .join(SharePart, col(SharePart.request_id) == col(ShareRequest.id))
        .where(ShareRequest.run_id == run.id)
        .group_by(col(ShareRequest.status), col(SharePart.left_out))
    )
    shared = waits = refused = unasked = 0
    for status, left_out, fen, n in rows:
        if left_out or status == ShareStatus.REFUSED:
            refused += int(fen)
        elif status == ShareStatus.SHARED:
            shared += int(fen)
        else:
            waits += int(fen)
            unasked += int(n) if status == ShareStatus.PLANNED else 0
    return Sums(shared, waits, refused, unasked)


def could(session: Session, county: County, run: SettlementRun) -> tuple[int, int]:
    """What would be shared out of a run if it were settled now: fen, and to how many parties. Nothing is written."""
    payees = gathering.payees(session, run)
    payments = gathering.payments(session, {id_ for payee in payees for id_ in payee.earned}, rules_of(county))
    given = [part for _id, own in plan(payees, payments, today=clock.today(), most=MOST_RECEIVERS) for part in own]
    return sum(part.amount_fen for part in given), len({part.statement for part in given})
