"""The ledger's accounts that sales touch, and the two journals of a paid order.

`capture`: Dr gateway / Cr buyer – money came in for the buyer. `share`: Dr buyer / Cr grower, master, seller, transport,
platform – what the order froze at placement. A refund is Dr buyer / Cr gateway, after the share journal was reversed.
So the buyer account holds only money that belongs to nobody else yet: duplicates and refunds on their way.
"""

from collections.abc import Mapping

from sqlmodel import Session, col, select

from core.ledger.models import Account, Journal, Side
from core.ledger.service import open_account, post

from .models import PaymentAttempt, Refund

MAY_RUN_NEGATIVE = {"transport", "platform"}  # the county's own: they bear packing fees and claims beyond what came in


def account_code(role: str, party_code: str) -> str:
    """The account of a share's party: a master is paid as their station."""
    return {"grower": f"grower:{party_code}", "master": f"station:{party_code}", "seller": f"seller:{party_code}"}.get(role, role)


def account_ids(session: Session, codes: Mapping[str, Side], *, tenant_id: int) -> dict[str, int]:
    """Account ids by code, opened where they are new; one query when all are known."""
    known = session.execute(select(Account.code, Account.id).where(Account.tenant_id == tenant_id, col(Account.code).in_(codes))).all()
    found: dict[str, int] = {code: account_id or 0 for code, account_id in known}
    for code in sorted(codes.keys() - found.keys()):
        account = open_account(session, code, tenant_id=tenant_id, side=codes[code], may_be_negative=code in MAY_RUN_NEGATIVE)
        found[code] = account.id or 0
    return found


def post_capture(session: Session, attempt: PaymentAttempt, order_number: str) -> Journal:
    gateway = f"gateway:{attempt.provider}"
    ids = account_ids(session, {gateway: Side.DEBIT, "buyer": Side.CREDIT}, tenant_id=attempt.tenant_id)
    return post(
        session, f"capture:{attempt.code}", {ids[gateway]: attempt.amount_fen, ids["buyer"]: -attempt.amount_fen},
        tenant_id=attempt.tenant_id, kind="capture", cause_kind="order", cause_code=order_number, currency=attempt.currency,
    )  # fmt: skip


def post_shares(session: Session, tenant_id: int, order_number: str, shares: Mapping[str, int], currency: str) -> Journal:
    """`shares`: account code → fen, all that the order froze."""
    ids = account_ids(session, dict.fromkeys(("buyer", *shares), Side.CREDIT), tenant_id=tenant_id)
    lines = [(ids["buyer"], sum(shares.values())), *((ids[code], -fen) for code, fen in shares.items())]
    return post(
        session, f"share:{order_number}", lines, tenant_id=tenant_id, kind="share",
        cause_kind="order", cause_code=order_number, currency=currency,
    )  # fmt: skip


def post_refund(session: Session, refund: Refund, attempt: PaymentAttempt, order_number: str) -> Journal:
    gateway = f"gateway:{attempt.provider}"
    ids = account_ids(session, {gateway: Side.DEBIT, "buyer": Side.CREDIT}, tenant_id=refund.tenant_id)
    return post(
        session, f"refund:{refund.code}", {ids["buyer"]: refund.amount_fen, ids[gateway]: -refund.amount_fen},
        tenant_id=refund.tenant_id, kind="refund", cause_kind="order", cause_code=order_number, currency=attempt.currency,
    )  # fmt: skip
