"""The journals of a settlement, each under a key of its own.

`netting`: at freezing, the cash that a master keeps leaves `cash:{station}` and waits in `netting:{station}`.
`payout`: paid, Dr the party / Cr netting, `sharing` – what the payment provider gave the party before – and `payout` – ordered to be
transferred. `payout_done`: the bank says so, Dr payout / Cr bank.
`payout_back`: the bank sent it back, Dr payout / Cr the party. `dispute`: finance grants a difference, Dr platform / Cr the party, or
takes one off the other way round, what the party's account does not hold as its debt.
"""

from sqlmodel import Session, select

from core.ledger.models import Journal, Side
from core.ledger.service import held_now, open_account, post, reverse

from .models import Statement


def party_account(kind: str, code: str) -> str:
    return f"{kind}:{code}"


def net(session: Session, statement: Statement) -> None:
    station = statement.party_code
    _post(session, statement, "netting", {f"netting:{station}": statement.netted_fen, f"cash:{station}": -statement.netted_fen})


def take_back_netting(session: Session, statement: Statement) -> None:
    named = (Journal.tenant_id == statement.tenant_id, Journal.key == f"netting:{statement.code}")
    reverse(session, session.exec(select(Journal).where(*named)).one(), key=f"unnetting:{statement.code}")


def pay(session: Session, statement: Statement) -> None:
    """A refund may have taken out of the party's account since the freeze: it is paid all the same and owed (`debt:`) to the next
    statement. What was owed from before and stands in this statement's rows is settled with what the account holds beyond it.
    """
    party = party_account(statement.party_kind, statement.party_code)
    debt = f"debt:{party}"
    holds = held_now(session, [party, debt], tenant_id=statement.tenant_id)
    held = min(statement.amount_fen, max(0, holds.get(party, 0)))
    settled = min(holds.get(debt, 0), holds.get(party, 0) - held)
    lines = {
        party: held + settled, debt: statement.amount_fen - held - settled, "payout": -statement.transfer_fen,
        SHARING: -statement.shared_fen,
    }  # fmt: skip
    lines = {code: fen for code, fen in lines.items() if fen}
    if statement.netted_fen:
        lines[f"netting:{statement.party_code}"] = -statement.netted_fen
    _post(session, statement, "payout", lines)


def settle_at_bank(session: Session, statement: Statement) -> None:
    _post(session, statement, "payout_done", {"payout": statement.transfer_fen, "bank": -statement.transfer_fen})


def give_back(session: Session, statement: Statement) -> int:
    """The journal's id."""
    party = party_account(statement.party_kind, statement.party_code)
    return _post(session, statement, "payout_back", {"payout": statement.transfer_fen, party: -statement.transfer_fen})


def grant(session: Session, tenant_id: int, dispute: str, party: str, fen: int) -> int:
    """Fen above zero to the party, below zero from it. The journal's id."""
    lines = {"platform": fen, party: -fen}
    if fen < 0:
        held = min(-fen, max(0, held_now(session, [party], tenant_id=tenant_id).get(party, 0)))
        lines = {code: moved for code, moved in (("platform", fen), (party, held), (f"debt:{party}", -fen - held)) if moved}
    return _posted(session, tenant_id, f"dispute:{dispute}", "dispute", lines, cause_kind="dispute", cause_code=dispute)


def _post(session: Session, statement: Statement, kind: str, lines: dict[str, int]) -> int:
    return _posted(session, statement.tenant_id, f"{kind}:{statement.code}", kind, lines, cause_kind="statement", cause_code=statement.code)


SHARING = "sharing"  # left a payment provider for parties, and stands against their statements once these are paid
DEBIT = ("cash", "netting", SHARING, "bank", "debt")
NEGATIVE = ("bank", "platform")  # what comes in from gateways is booked to the bank elsewhere; the county bears what it grants


def _posted(session: Session, tenant_id: int, key: str, kind: str, lines: dict[str, int], *, cause_kind: str, cause_code: str) -> int:
    ids = {}
    for code in sorted(lines):
        group = code.partition(":")[0]
        side = Side.DEBIT if group in DEBIT else Side.CREDIT
        ids[code] = open_account(session, code, tenant_id=tenant_id, side=side, may_be_negative=group in NEGATIVE).id or 0
    pairs = [(ids[code], fen) for code, fen in lines.items()]
    journal = post(session, key, pairs, tenant_id=tenant_id, kind=kind, cause_kind=cause_kind, cause_code=cause_code)
    return journal.id or 0
