"""Income equals the ledger: what a party's account holds is what its standing rows say."""

from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.invariants import invariant
from core.ledger.models import Account, Balance

from .models import IncomeEntry, IncomeState

PARTIES = ("station", "grower", "seller")


@invariant("I3", "income rows of a party equal its ledger account", tables=("income_entry", "balance"))
def income_equals_ledger(session: Session) -> Iterable[str]:
    """Over every account named after a party (`station:…`, `grower:…`, `seller:…`); paid rows have left the account."""
    owed = session.exec(
        select(IncomeEntry.tenant_id, IncomeEntry.party_kind, IncomeEntry.party_code, func.sum(IncomeEntry.amount_fen))
        .where(col(IncomeEntry.party_kind).in_(PARTIES), col(IncomeEntry.state).in_([IncomeState.PENDING, IncomeState.PAYABLE]))
        .group_by(col(IncomeEntry.tenant_id), col(IncomeEntry.party_kind), col(IncomeEntry.party_code))
    )
    rows_say = {(tenant, f"{kind}:{code}"): int(amount) for tenant, kind, code, amount in owed}
    kept = session.exec(
        select(Account.tenant_id, Account.code, Balance.amount_fen).join(Balance, col(Balance.account_id) == col(Account.id))
    )
    ledger_says = {(tenant, code): amount for tenant, code, amount in kept if code.partition(":")[0] in PARTIES}
    return [
        f"{key[1]}: {rows_say.get(key, 0)} earned, {ledger_says.get(key, 0)} in the ledger"
        for key in sorted(rows_say.keys() | ledger_says.keys())
        if rows_say.get(key, 0) != ledger_says.get(key, 0)
    ]
