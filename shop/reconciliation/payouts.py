"""Money from a gateway to the county's bank: booked from the bill that says so, or by finance with the bank's own reference.

What was typed wrongly is taken back by a new entry; nothing is changed.
"""

from datetime import date

from sqlmodel import Session, col, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import NotFound, Refused
from core.ledger.models import Account, Balance
from core.money import format_fen
from core.pii import mask_numbers

from . import entries
from .models import GatewayBill, GatewayBillLine, GatewayPayout

_ = i18n.gettext
BY_BILL = "bill"


class PayoutUnknown(NotFound):
    """No such payout in this county."""

    code = "payout_unknown"


def book_line(session: Session, bill: GatewayBill) -> None:
    """Every payout on the bill that was not booked before; its fee is among the bill's."""
    lines = session.exec(
        select(GatewayBillLine)
        .join(GatewayPayout, col(GatewayPayout.line_id) == col(GatewayBillLine.id), isouter=True)
        .where(
            GatewayBillLine.bill_id == bill.id, GatewayBillLine.kind == "payout", GatewayBillLine.amount_fen > 0,
            col(GatewayPayout.id).is_(None),
        )
        .order_by(col(GatewayBillLine.id))
    ).all()  # fmt: skip
    for line in lines:
        payout = GatewayPayout(
            tenant_id=bill.tenant_id, code=new_code("GP"), provider=bill.provider, amount_fen=line.amount_fen, reference=line.number,
            paid_on=bill.day, line_id=line.id, booked_by=BY_BILL, booked_at=clock.now(),
        )  # fmt: skip
        _book(session, payout)


def book(
    session: Session, *, tenant_id: int, provider: str, amount_fen: int, fee_fen: int, reference: str, paid_on: date, by: str
) -> GatewayPayout:  # fmt: skip
    """As finance reads it off the bank's account. Raises Refused: no more than lies at the gateway, not of tomorrow, with a reference."""
    words = mask_numbers(reference.strip())
    if not words:
        raise Refused(_("写上银行回单号，日后查得到"), field="reference")
    if paid_on > clock.today():
        raise Refused(_("还没到这一天"), field="paid_on")
    held = held_at(session, provider, tenant_id=tenant_id)
    if amount_fen <= 0 or amount_fen + fee_fen > held:
        raise Refused(_("支付通道里现在有 {sum} 元，到账不会比这多").format(sum=format_fen(held)), field="amount")
    payout = GatewayPayout(
        tenant_id=tenant_id, code=new_code("GP"), provider=provider, amount_fen=amount_fen, fee_fen=fee_fen, reference=words,
        paid_on=paid_on, booked_by=by, booked_at=clock.now(),
    )  # fmt: skip
    _book(session, payout)
    audit.record(
        session, "reconciliation.payout", tenant_id=tenant_id, actor=f"user:{by}", subject=payout.code, amount_fen=amount_fen,
        fee_fen=fee_fen, reference=words,
    )  # fmt: skip
    return payout


def _book(session: Session, payout: GatewayPayout) -> None:
    session.add(payout)
    session.flush()
    entries.pay_out(session, payout)


def undo(session: Session, code: str, *, tenant_id: int, by: str, reason: str) -> GatewayPayout:
    """It was typed wrongly: the entry is reversed; again changes nothing. Raises PayoutUnknown, Refused."""
    payout = session.exec(
        select(GatewayPayout).where(GatewayPayout.tenant_id == tenant_id, GatewayPayout.code == code).with_for_update()
    ).first()
    if payout is None:
        raise PayoutUnknown(_("没有这笔到账"))
    if payout.undone_at is not None:
        return payout
    if payout.line_id is not None:
        raise Refused(_("这一笔是账单上写明的，不能撤"))
    if not reason.strip():
        raise Refused(_("写一句为什么"), field="reason")
    payout.undone_at, payout.undone_by = clock.now(), by
    session.add(payout)
    session.flush()
    entries.take_back(session, payout)
    audit.record(session, "reconciliation.payout_undone", tenant_id=tenant_id, actor=f"user:{by}", subject=code, reason=reason.strip())
    return payout


def held_at(session: Session, provider: str, *, tenant_id: int) -> int:
    """What lies at a gateway by our books, in fen; locked until commit."""
    found = session.exec(
        select(Balance.amount_fen)
        .join(Account, col(Account.id) == col(Balance.account_id))
        .where(Account.tenant_id == tenant_id, Account.code == entries.gateway(provider), Balance.currency == "CNY")
        .with_for_update(of=Balance)
    ).first()
    return int(found or 0)
