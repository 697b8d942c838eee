"""Income equals the ledger: a party's account holds what its standing rows say, and a handling fee is its row's and its parcel's."""

from collections import Counter
from collections.abc import Iterable

from sqlmodel import Session, col, func, select

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule
from core.ledger.invariants import explains
from core.ledger.models import Account, Balance

from .models import INCOME, IncomeEntry, IncomeState

PARTIES = ("station", "grower", "seller", "partner")


@invariant("I3", "income rows of a party equal its ledger account", tables=("income_entry", "balance"))
def income_equals_ledger(session: Session) -> Iterable[str]:
    """Over every account named after a party (`station:…`, `grower:…`, …), less what they owe (`debt:…`); paid rows have left."""
    owed = session.exec(
        select(IncomeEntry.tenant_id, IncomeEntry.party_kind, IncomeEntry.party_code, func.sum(IncomeEntry.amount_fen))
        .where(col(IncomeEntry.party_kind).in_(PARTIES), col(IncomeEntry.state).in_([IncomeState.PENDING, IncomeState.PAYABLE]))
        .group_by(col(IncomeEntry.tenant_id), col(IncomeEntry.party_kind), col(IncomeEntry.party_code))
    )
    rows_say = {(tenant, f"{kind}:{code}"): int(amount) for tenant, kind, code, amount in owed}
    kept = session.exec(
        select(Account.tenant_id, Account.code, Balance.amount_fen).join(Balance, col(Balance.account_id) == col(Account.id))
    )
    ledger_says: Counter[tuple[int, str]] = Counter()
    for tenant, code, amount in kept:
        party = code.removeprefix("debt:")
        if party.partition(":")[0] in PARTIES:
            ledger_says[tenant, party] += amount if party == code else -amount
    return [
        f"{key[1]}: {rows_say.get(key, 0)} earned, {ledger_says.get(key, 0)} in the ledger"
        for key in sorted(rows_say.keys() | ledger_says.keys())
        if rows_say.get(key, 0) != ledger_says.get(key, 0)
    ]


explains("handling")
rule(
    "I1",
    "a fee for handling moves what its income row says, from transport to the station",
    broken="""
    SELECT key, account FROM (
        SELECT i.tenant_id, replace(i.key, i.cause_code || ':', '') || ':' || i.cause_code AS key, i.cause_code AS cause,
            'transport' AS account, i.amount_fen AS fen
        FROM income_entry i WHERE i.source = 'handling' AND i.cause_kind = 'parcel'
        UNION ALL
        SELECT i.tenant_id, replace(i.key, i.cause_code || ':', '') || ':' || i.cause_code, i.cause_code, 'station:' || i.party_code,
            -i.amount_fen
        FROM income_entry i WHERE i.source = 'handling' AND i.cause_kind = 'parcel'
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'handling'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "a packed parcel earns its station the packing fee of its rule, once, and nothing else does",
    broken="""
    SELECT i.code, i.cause_code FROM income_entry i
    LEFT JOIN parcel p ON p.code = i.cause_code AND p.tenant_id = i.tenant_id
    LEFT JOIN station s ON s.node_id = p.station_id
    LEFT JOIN share_rule r ON r.tenant_id = i.tenant_id AND r.version = i.rule_version
    WHERE i.source = 'handling' AND i.key NOT LIKE '%:handing' AND (p.packed_at IS NULL OR i.party_kind <> 'station'
        OR i.party_code <> s.code OR i.key <> p.code || ':packing' OR r.packing_fen IS NULL OR i.amount_fen <> r.packing_fen)
    UNION ALL
    SELECT p.code, 'earned nothing' FROM parcel p WHERE p.packed_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM income_entry i WHERE i.tenant_id = p.tenant_id AND i.key = p.code || ':packing')
        AND NOT EXISTS (SELECT 1 FROM share_rule r WHERE r.tenant_id = p.tenant_id AND r.packing_fen = 0)
    """,
)

rule(
    "I3",
    "a parcel handed over in a village earns the station its road ends at the fee of its rule, once, and nothing else does",
    broken="""
    SELECT i.code, i.cause_code FROM income_entry i
    LEFT JOIN parcel p ON p.code = i.cause_code AND p.tenant_id = i.tenant_id
    LEFT JOIN consignment c ON c.id = p.consignment_id
    LEFT JOIN station s ON s.node_id = c.to_node_id
    LEFT JOIN share_rule r ON r.tenant_id = i.tenant_id AND r.version = i.rule_version
    WHERE i.source = 'handling' AND i.key LIKE '%:handing' AND (coalesce(p.status, '') <> 'delivered' OR i.party_kind <> 'station'
        OR s.code IS NULL OR i.party_code <> s.code OR i.key <> p.code || ':handing' OR r.inbound_fen IS NULL
        OR i.amount_fen <> r.inbound_fen)
    UNION ALL
    SELECT p.code, 'handed over for nothing' FROM parcel p JOIN consignment c ON c.id = p.consignment_id
    JOIN station s ON s.node_id = c.to_node_id WHERE p.status = 'delivered'
        AND NOT EXISTS (SELECT 1 FROM income_entry i WHERE i.tenant_id = p.tenant_id AND i.key = p.code || ':handing')
        AND NOT EXISTS (SELECT 1 FROM share_rule r WHERE r.tenant_id = p.tenant_id AND r.inbound_fen = 0)
    """,
)


@invariant("I9", "income stands where its history ends", tables=("income_entry", "status_event"))
def income_stands_at_its_end(session: Session) -> Iterable[str]:
    return elsewhere(session, INCOME, col(IncomeEntry.code), col(IncomeEntry.state))


keeps_numbers_closed(IncomeEntry, "words", "facts")
