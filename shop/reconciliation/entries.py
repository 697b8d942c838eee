"""The journals between a gateway and the bank.

`gateway_fee`: Dr fee:gateway / Cr gateway:{name} – what the gateway kept, by a reading of its bill. `gateway_payout`: Dr bank and
fee:gateway / Cr gateway:{name} – what it sent to the county's bank. So a gateway's account is what was captured less what was given back,
kept and paid out: what lies there still.
"""

from collections.abc import Mapping

from sqlmodel import Session, select

from core.ledger.models import Journal, Side
from core.ledger.service import open_account, post, reverse

from .models import GatewayBill, GatewayPayout

FEES = "fee:gateway"
BANK = "bank"


def keep_fee(session: Session, bill: GatewayBill, fee_fen: int) -> None:
    """What the lines of the bill's last reading were charged; negative where more was given back than kept."""
    if fee_fen:
        lines = {FEES: fee_fen, gateway(bill.provider): -fee_fen}
        _post(session, bill.tenant_id, f"gateway_fee:{bill.code}:{bill.reads}", "gateway_fee", lines, "bill", bill.code)


def pay_out(session: Session, payout: GatewayPayout) -> None:
    lines = {
        BANK: payout.amount_fen, FEES: payout.fee_fen, gateway(payout.provider): -payout.amount_fen - payout.fee_fen,
    }  # fmt: skip
    _post(session, payout.tenant_id, f"gateway_payout:{payout.code}", "gateway_payout", lines, "gateway_payout", payout.code)


def take_back(session: Session, payout: GatewayPayout) -> None:
    named = (Journal.tenant_id == payout.tenant_id, Journal.key == f"gateway_payout:{payout.code}")
    reverse(session, session.exec(select(Journal).where(*named)).one(), key=f"gateway_payout_undone:{payout.code}")


def gateway(provider: str) -> str:
    return f"gateway:{provider}"


def _post(session: Session, tenant_id: int, key: str, kind: str, lines: Mapping[str, int], cause_kind: str, cause_code: str) -> None:
    moved = {code: fen for code, fen in lines.items() if fen}
    ids = {code: open_account(session, code, tenant_id=tenant_id, side=Side.DEBIT, may_be_negative=True).id or 0 for code in sorted(moved)}
    post(
        session, key, [(ids[code], fen) for code, fen in moved.items()], tenant_id=tenant_id, kind=kind, cause_kind=cause_kind,
        cause_code=cause_code,
    )  # fmt: skip
