"""Statements are what their rows say, nobody is paid twice or before a second person looked, and the ledger moved just that."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed, keeps_sealed
from core.invariants import invariant, rule
from core.ledger.invariants import explains

from .models import DISPUTE, RUN, STATEMENT, IncomeDispute, Payee, SettlementRun, Statement

explains("netting", "payout", "payout_done", "payout_back", "dispute")

rule(
    "I3",
    "a statement is the sum of its lines, all its party's",
    broken="""
    SELECT s.code FROM statement s
    LEFT JOIN statement_line l ON l.statement_id = s.id
    LEFT JOIN income_entry i ON i.id = l.income_id
    GROUP BY s.id, s.code, s.amount_fen, s.rows
    HAVING coalesce(sum(l.amount_fen), 0) <> s.amount_fen OR count(l.id) <> s.rows
        OR sum(CASE WHEN i.party_kind = s.party_kind AND i.party_code = s.party_code AND i.tenant_id = s.tenant_id
            AND i.amount_fen = l.amount_fen THEN 0 ELSE 1 END) > 0
    """,
)

rule(
    "I3",
    "a row of income is bound to the one standing statement that lists it",
    broken="""
    SELECT i.code FROM income_entry i
    LEFT JOIN statement_line l ON l.income_id = i.id AND l.stands
    LEFT JOIN statement s ON s.id = l.statement_id AND s.status <> 'void'
    WHERE coalesce(i.statement_id, 0) <> coalesce(s.id, 0)
    UNION
    SELECT s.code FROM statement s JOIN statement_line l ON l.statement_id = s.id
    WHERE (s.status = 'void' AND l.stands) OR (s.status <> 'void' AND NOT l.stands)
    """,
)

rule(
    "I3",
    "income is paid exactly when its statement is",
    broken="""
    SELECT i.code, i.state FROM income_entry i LEFT JOIN statement s ON s.id = i.statement_id
    WHERE (i.state = 'paid') <> (coalesce(s.status, '') IN ('paid', 'reconciled', 'returned'))
        OR (s.status = 'frozen' AND i.state <> 'payable')
    """,
)

rule(
    "I1",
    "what is netted, paid, confirmed, sent back or granted moves what its statement or dispute says, and nothing else does",
    broken="""
    SELECT key, account FROM (
        SELECT tenant_id, 'netting:' || code AS key, 'netting:' || party_code AS account, netted_fen AS fen
        FROM statement WHERE netted_fen > 0
        UNION ALL
        SELECT tenant_id, 'netting:' || code, 'cash:' || party_code, -netted_fen FROM statement WHERE netted_fen > 0
        UNION ALL
        SELECT tenant_id, 'payout:' || code, party_kind || ':' || party_code, amount_fen FROM statement
        WHERE status IN ('paid', 'reconciled', 'returned')
        UNION ALL
        SELECT tenant_id, 'payout:' || code, 'netting:' || party_code, -netted_fen FROM statement
        WHERE status IN ('paid', 'reconciled', 'returned') AND netted_fen > 0
        UNION ALL
        SELECT tenant_id, 'payout:' || code, 'sharing', -shared_fen FROM statement WHERE status IN ('paid', 'reconciled', 'returned')
        UNION ALL
        SELECT tenant_id, 'payout:' || code, 'payout', shared_fen - payout_fen FROM statement
        WHERE status IN ('paid', 'reconciled', 'returned')
        UNION ALL
        SELECT tenant_id, CASE status WHEN 'returned' THEN 'payout_back:' ELSE 'payout_done:' END || code, 'payout', payout_fen - shared_fen
        FROM statement WHERE status IN ('reconciled', 'returned')
        UNION ALL
        SELECT tenant_id, CASE status WHEN 'returned' THEN 'payout_back:' ELSE 'payout_done:' END || code,
            CASE status WHEN 'returned' THEN party_kind || ':' || party_code ELSE 'bank' END, shared_fen - payout_fen
        FROM statement
        WHERE status IN ('reconciled', 'returned')
        UNION ALL
        SELECT d.tenant_id, 'dispute:' || d.code, 'platform', d.granted_fen FROM income_dispute d WHERE d.granted_fen <> 0
        UNION ALL
        SELECT d.tenant_id, 'dispute:' || d.code, i.party_kind || ':' || i.party_code, -d.granted_fen
        FROM income_dispute d JOIN income_entry i ON i.id = d.income_id WHERE d.granted_fen <> 0
        UNION ALL
        SELECT j.tenant_id, j.key, replace(a.code, 'debt:', ''), -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind IN ('netting', 'payout', 'payout_done', 'payout_back', 'dispute')
    ) AS both_sides GROUP BY tenant_id, key, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I1",
    "netting is taken back exactly when its statement is void",
    broken="""
    SELECT s.code FROM statement s LEFT JOIN journal r ON r.tenant_id = s.tenant_id AND r.key = 'unnetting:' || s.code
        AND r.kind = 'reverse_netting'
    WHERE (s.status = 'void' AND s.netted_fen > 0) <> (r.id IS NOT NULL)
    """,
)

rule(
    "I3",
    "what was sent back or granted is owed as one row of income",
    broken="""
    SELECT key, party FROM (
        SELECT tenant_id, code || ':returned' AS key, party_kind || ' ' || party_code AS party, payout_fen - shared_fen AS fen
        FROM statement WHERE status = 'returned'
        UNION ALL
        SELECT d.tenant_id, d.code || ':granted', i.party_kind || ' ' || i.party_code, d.granted_fen
        FROM income_dispute d JOIN income_entry i ON i.id = d.income_id WHERE d.granted_fen <> 0
        UNION ALL
        SELECT i.tenant_id, i.key, i.party_kind || ' ' || i.party_code, -i.amount_fen
        FROM income_entry i WHERE i.source = 'adjustment' AND i.cause_kind IN ('statement', 'dispute')
    ) AS both_sides GROUP BY tenant_id, key, party HAVING sum(fen) <> 0
    """,
)

rule(
    "I16",
    "a run was approved by a second person before the bank had its file, and the trail says so",
    broken="""
    SELECT r.code, r.status FROM settlement_run r
    WHERE (r.approved_by = r.frozen_by AND r.approved_by <> '')
        OR (r.status IN ('approved', 'exported', 'paid', 'reconciled') AND (r.approved_by = '' OR r.approved_at IS NULL))
        OR (r.status IN ('approved', 'exported', 'paid', 'reconciled') AND NOT EXISTS (
            SELECT 1 FROM audit_entry a WHERE a.tenant_id = r.tenant_id AND a.act = 'settlement.approve' AND a.subject = r.code
                AND a.actor = 'user:' || r.approved_by))
        OR (r.status IN ('frozen', 'approved', 'void') AND EXISTS (
            SELECT 1 FROM statement s WHERE s.run_id = r.id AND s.status IN ('paid', 'reconciled', 'returned')))
    """,
)

rule(
    "I3",
    "a run pays what its statements pay",
    broken="""
    SELECT r.code FROM settlement_run r LEFT JOIN statement s ON s.run_id = r.id
    GROUP BY r.id, r.code, r.payout_fen HAVING coalesce(sum(s.payout_fen), 0) <> r.payout_fen
    """,
)

rule(
    "I3",
    "a row is held back exactly while its dispute is open and no statement pays it",
    broken="""
    SELECT i.code FROM income_entry i LEFT JOIN income_dispute d ON d.income_id = i.id AND d.status = 'open'
    WHERE (i.disputed_at IS NOT NULL) <> (d.id IS NOT NULL AND i.statement_id IS NULL)
    """,
)


@invariant("I9", "runs, statements and disputes stand where their histories end", tables=("settlement_run", "statement", "income_dispute"))
def settlements_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, RUN, col(SettlementRun.code), col(SettlementRun.status))
    yield from elsewhere(session, STATEMENT, col(Statement.code), col(Statement.status))
    yield from elsewhere(session, DISPUTE, col(IncomeDispute.code), col(IncomeDispute.status))


keeps_sealed(Payee, "account_sealed")
keeps_sealed(Statement, "account_sealed")
keeps_numbers_closed(IncomeDispute, "reason", "answer")
keeps_numbers_closed(Statement, "reference")
