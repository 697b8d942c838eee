"""Bills as finance reads them: days and gateways with what each moved and what is open, one day in full, what went to the bank."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select as rows_of
from sqlmodel import Session, case, col, func, select

from core import i18n
from core.errors import NotFound, Refused
from core.ledger.models import Account, Balance
from core.paging import make_cursor, read_cursor
from shop.payments.models import AttemptStatus, PaymentAttempt, Refund, RefundStatus
from shop.sharing.models import ShareRequest, ShareStatus

from .models import BillException, Differs, GatewayBill, GatewayBillLine, GatewayPayout
from .service import STANDING

_ = i18n.gettext


class BillUnknown(NotFound):
    """No such bill in this county."""

    code = "bill_unknown"


class Moved(NamedTuple):
    """Fen of a day, by kind; `fee_fen` is what the gateway kept, `royalty_fen` what it gave others out of payments."""

    payment_fen: int = 0
    refund_fen: int = 0
    fee_fen: int = 0
    payout_fen: int = 0
    lines: int = 0
    royalty_fen: int = 0

    @property
    def net_fen(self) -> int:
        return self.payment_fen - self.refund_fen - self.royalty_fen


class Day(NamedTuple):
    """`open` are the exceptions nobody has closed, `difference_fen` what they come to: theirs less ours."""

    bill: GatewayBill
    moved: Moved
    open: int
    difference_fen: int

    @property
    def standing(self) -> str:
        if self.bill.read_at is None:
            return "awaited"
        return "differs" if self.open else "matched"


def days(session: Session, *, tenant_id: int, cursor: str | None = None, limit: int = 31) -> tuple[list[Day], str | None]:
    """Newest first. Three queries."""
    query = select(GatewayBill).where(GatewayBill.tenant_id == tenant_id)
    if after := read_cursor(cursor, str, int):
        day = _day(after[0])
        query = query.where((col(GatewayBill.day) < day) | ((col(GatewayBill.day) == day) & (col(GatewayBill.id) < after[1])))
    rows = session.exec(query.order_by(col(GatewayBill.day).desc(), col(GatewayBill.id).desc()).limit(limit + 1)).all()
    shown = rows[:limit]
    following = make_cursor(shown[-1].day.isoformat(), shown[-1].id) if len(rows) > limit else None
    return told(session, shown), following


def told(session: Session, bills: Sequence[GatewayBill]) -> list[Day]:
    """Bills with their sums. Two queries."""
    ids = [bill.id or 0 for bill in bills]
    kind, fen = col(GatewayBillLine.kind), col(GatewayBillLine.amount_fen)
    parts = [func.sum(case((kind == name, fen), else_=0)) for name in ("payment", "refund", "payout", "royalty")]
    sums = session.execute(
        rows_of(col(GatewayBillLine.bill_id), *parts, func.sum(col(GatewayBillLine.fee_fen)), func.count())
        .where(col(GatewayBillLine.bill_id).in_(ids))
        .group_by(col(GatewayBillLine.bill_id))
    )
    moved = {row[0]: Moved(int(row[1]), int(row[2]), int(row[5]), int(row[3]), int(row[6]), int(row[4])) for row in sums}
    apart = _sign(BillException) * (col(BillException.theirs_fen) - col(BillException.ours_fen))
    standing = session.exec(
        select(BillException.bill_id, func.count(), func.sum(apart))
        .where(col(BillException.bill_id).in_(ids), col(BillException.status).in_(STANDING))
        .group_by(col(BillException.bill_id))
    )
    open_ones = {bill_id: (int(n), int(fen)) for bill_id, n, fen in standing}
    return [Day(bill, moved.get(bill.id or 0, Moved()), *open_ones.get(bill.id or 0, (0, 0))) for bill in bills]


def _sign(table: type[BillException]) -> Any:
    """A refund, a share or a payout too much is money less."""
    return case((col(table.about).in_(("refund", "royalty", "payout")), -1), else_=1)


def bill_named(session: Session, code: str, *, tenant_id: int) -> GatewayBill:
    """Raises BillUnknown."""
    found = session.exec(select(GatewayBill).where(GatewayBill.tenant_id == tenant_id, GatewayBill.code == code)).first()
    if found is None:
        raise BillUnknown(_("没有这份账单"))
    return found


def ours(session: Session, bill: GatewayBill) -> Moved:
    """What we hold of what the bill lists, and of what it should list. Four queries."""
    paid = session.exec(
        select(func.coalesce(func.sum(col(PaymentAttempt.amount_fen)), 0), func.count())
        .join(GatewayBillLine, (col(GatewayBillLine.number) == col(PaymentAttempt.code)) & (col(GatewayBillLine.kind) == "payment"))
        .where(GatewayBillLine.bill_id == bill.id, PaymentAttempt.status == AttemptStatus.CAPTURED)
    ).one()
    given = session.exec(
        select(func.coalesce(func.sum(col(Refund.amount_fen)), 0), func.count())
        .join(GatewayBillLine, (col(GatewayBillLine.number) == col(Refund.code)) & (col(GatewayBillLine.kind) == "refund"))
        .where(GatewayBillLine.bill_id == bill.id, Refund.status == RefundStatus.DONE)
    ).one()
    shared = session.exec(
        select(func.coalesce(func.sum(col(ShareRequest.amount_fen)), 0), func.count())
        .join(GatewayBillLine, (col(GatewayBillLine.number) == col(ShareRequest.code)) & (col(GatewayBillLine.kind) == "royalty"))
        .where(GatewayBillLine.bill_id == bill.id, ShareRequest.status == ShareStatus.SHARED)
    ).one()
    missing = session.exec(
        select(BillException.about, func.sum(col(BillException.ours_fen)), func.count())
        .where(BillException.bill_id == bill.id, BillException.kind == Differs.MISSING_THERE, BillException.status != "healed")
        .group_by(col(BillException.about))
    )
    more = {about: (int(fen), int(n)) for about, fen, n in missing}
    payment, refund, royalty = (more.get(about, (0, 0)) for about in ("payment", "refund", "royalty"))
    lines = int(paid[1]) + int(given[1]) + int(shared[1]) + payment[1] + refund[1] + royalty[1]
    return Moved(int(paid[0]) + payment[0], int(given[0]) + refund[0], lines=lines, royalty_fen=int(shared[0]) + royalty[0])


def exceptions(session: Session, bill: GatewayBill) -> Sequence[BillException]:
    """Those that wait first."""
    order = case((col(BillException.status) == "open", 0), (col(BillException.status) == "explained", 1), else_=2)
    return session.exec(select(BillException).where(BillException.bill_id == bill.id).order_by(order, col(BillException.id))).all()


def lines(session: Session, bill: GatewayBill, *, cursor: str | None = None, limit: int = 50) -> tuple[list[GatewayBillLine], str | None]:
    query = select(GatewayBillLine).where(GatewayBillLine.bill_id == bill.id)
    if after := read_cursor(cursor, int):
        query = query.where(col(GatewayBillLine.id) > after[0])
    rows = session.exec(query.order_by(col(GatewayBillLine.id)).limit(limit + 1)).all()
    return list(rows[:limit]), make_cursor(rows[limit - 1].id) if len(rows) > limit else None


class Lying(NamedTuple):
    """What lies at a gateway by our books."""

    provider: str
    amount_fen: int


def lying(session: Session, *, tenant_id: int) -> list[Lying]:
    """Of every gateway that money came through. One query."""
    rows = session.exec(
        select(Account.code, func.coalesce(col(Balance.amount_fen), 0))
        .join(Balance, col(Balance.account_id) == col(Account.id), isouter=True)
        .where(Account.tenant_id == tenant_id, col(Account.code).startswith("gateway:"))
        .order_by(col(Account.code))
    )
    return [Lying(code.partition(":")[2], int(fen)) for code, fen in rows]


def payouts(session: Session, *, tenant_id: int, limit: int = 12) -> Sequence[GatewayPayout]:
    """The last ones."""
    asked = select(GatewayPayout).where(GatewayPayout.tenant_id == tenant_id)
    return session.exec(asked.order_by(col(GatewayPayout.paid_on).desc(), col(GatewayPayout.id).desc()).limit(limit)).all()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise Refused("翻页标记不对，请从第一页重新看", field="cursor") from wrong
