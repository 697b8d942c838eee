"""What a run's shares are planned from: its Alipay statements, what each earned by which order, and what the orders' payments may give.

What a station earned by packing, a village service or a subsidy belongs to no buyer's payment and is transferred.
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from sqlalchemy import Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.income.models import IncomeEntry
from fulfillment.settlement.files import account_of
from fulfillment.settlement.models import SettlementRun, Statement, StatementLine, Way
from shop.orders.models import OrderLine
from shop.payments.models import AttemptStatus, PaymentAttempt, Refund, RefundLine, RefundStatus
from supply.counties.profile_rules import SettlementRules

from .models import SharePart, ShareRequest, ShareStatus
from .planning import Payee, Payment

PROVIDER = "alipay"


def payees(session: Session, run: SettlementRun) -> list[Payee]:
    """Three queries. Earned less what was borne of refunds, by the order's captured payment."""
    statements = session.exec(
        select(Statement)
        .where(Statement.run_id == run.id, Statement.way == Way.ALIPAY, Statement.payout_fen > Statement.shared_fen)
        .order_by(col(Statement.id))
    ).all()
    earned: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for asked in (_sold(run), _given_back(run)):
        for statement_id, payment_id, fen in session.execute(asked):
            earned[statement_id][payment_id] += int(fen)
    return [Payee(s.id or 0, account_of(s), s.transfer_fen, earned.get(s.id or 0, {})) for s in statements]


def _sold(run: SettlementRun) -> Select[*tuple[Any, ...]]:
    return _by_payment(run, "order_line").join(OrderLine, col(OrderLine.code) == col(IncomeEntry.cause_code)).join(*_PAID)


def _given_back(run: SettlementRun) -> Select[*tuple[Any, ...]]:
    return (
        _by_payment(run, "refund")
        .join(RefundLine, col(RefundLine.code) == col(IncomeEntry.cause_code))
        .join(OrderLine, col(OrderLine.id) == col(RefundLine.line_id))
        .join(*_PAID)
    )


_PAID = (
    PaymentAttempt,
    (col(PaymentAttempt.order_id) == col(OrderLine.order_id))
    & (col(PaymentAttempt.status) == AttemptStatus.CAPTURED)
    & col(PaymentAttempt.duplicate_of).is_(None)
    & (col(PaymentAttempt.provider) == PROVIDER)
    & (col(PaymentAttempt.gateway_ref) != ""),
)


def _by_payment(run: SettlementRun, cause: str) -> Select[*tuple[Any, ...]]:
    """Fen by statement and payment, of rows with this kind of cause; the way to the payment is still to be joined."""
    return (
        sql_select(col(StatementLine.statement_id), col(PaymentAttempt.id), func.sum(col(StatementLine.amount_fen)))
        .select_from(StatementLine)
        .join(Statement, (col(Statement.id) == col(StatementLine.statement_id)) & (col(Statement.way) == Way.ALIPAY))
        .join(IncomeEntry, (col(IncomeEntry.id) == col(StatementLine.income_id)) & (col(IncomeEntry.cause_kind) == cause))
        .where(col(Statement.run_id) == run.id, col(IncomeEntry.tenant_id) == run.tenant_id)
        .group_by(col(StatementLine.statement_id), col(PaymentAttempt.id))
    )


def payments(session: Session, ids: set[int], rules: SettlementRules) -> list[Payment]:
    """What captured payments may give by the county's rules, refunds asked for taken off, and what they gave. Three queries a batch."""
    found, days = [], timedelta(days=rules.share_days or 0)
    for start in range(0, len(ids), A_BATCH):
        batch = sorted(ids)[start : start + A_BATCH]
        refunded = _sums(session, _refunds(batch))
        given = _sums(session, _given(batch))
        for attempt in session.exec(select(PaymentAttempt).where(col(PaymentAttempt.id).in_(batch))):
            kept = attempt.amount_fen - refunded.get(attempt.id or 0, 0)
            share_by = clock.business_date(attempt.captured_at or attempt.created_at) + days
            found.append(Payment(attempt.id or 0, kept * rules.limit_bp // 10_000, given.get(attempt.id or 0, 0), share_by))
    return found


A_BATCH = 500


def _refunds(batch: list[int]) -> Any:
    return (
        select(Refund.attempt_id, func.sum(col(Refund.amount_fen)))
        .where(col(Refund.attempt_id).in_(batch), Refund.status != RefundStatus.FAILED)
        .group_by(col(Refund.attempt_id))
    )


def _given(batch: list[int]) -> Any:
    """Also what is settled and not answered."""
    return (
        select(ShareRequest.attempt_id, func.sum(col(SharePart.amount_fen)))
        .join(SharePart, (col(SharePart.request_id) == col(ShareRequest.id)) & (col(SharePart.left_out) == ""))
        .where(col(ShareRequest.attempt_id).in_(batch), ShareRequest.status != ShareStatus.REFUSED)
        .group_by(col(ShareRequest.attempt_id))
    )


def _sums(session: Session, asked: Any) -> dict[int, int]:
    return {attempt_id: int(fen) for attempt_id, fen in session.exec(asked)}
