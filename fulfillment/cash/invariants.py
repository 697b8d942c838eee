"""I1 and I2 of station cash: every journal is what its taking, close or payment says, and the debt has no other source."""

from core.checks import keeps_numbers_closed
from core.invariants import rule
from core.ledger.invariants import explains

from .models import CashClose, CashPaidIn, CashTaking

explains("cash", "cash_over", "cash_in")

rule(
    "I1",
    "cash that was taken, found too much or paid in moves what its row says, and nothing else does",
    broken="""
    SELECT key, account FROM (
        SELECT t.tenant_id, 'cash:' || t.code AS key, t.code AS cause, 'cash:' || t.station_code AS account, t.amount_fen AS fen
        FROM cash_taking t
        UNION ALL
        SELECT t.tenant_id, 'cash:' || t.code, t.code, CASE t.purpose WHEN 'service' THEN 'station:' || t.station_code
            WHEN 'send' THEN 'transport' ELSE 'platform' END, -t.amount_fen FROM cash_taking t
        UNION ALL
        SELECT c.tenant_id, 'cash_over:' || c.code, c.code, 'cash:' || c.station_code, c.counted_fen - c.expected_fen
        FROM cash_close c WHERE c.counted_fen > c.expected_fen
        UNION ALL
        SELECT c.tenant_id, 'cash_over:' || c.code, c.code, 'platform', c.expected_fen - c.counted_fen
        FROM cash_close c WHERE c.counted_fen > c.expected_fen
        UNION ALL
        SELECT p.tenant_id, 'cash_in:' || p.code, p.code, 'bank', p.amount_fen FROM cash_paid_in p
        UNION ALL
        SELECT p.tenant_id, 'cash_in:' || p.code, p.code, 'cash:' || p.station_code, -p.amount_fen FROM cash_paid_in p
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind IN ('cash', 'cash_over', 'cash_in')
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I1",
    "a taking is reversed in the books exactly when it was undone",
    broken="""
    SELECT t.code FROM cash_taking t
    LEFT JOIN journal r ON r.tenant_id = t.tenant_id AND r.key = 'uncash:' || t.code AND r.kind = 'reverse_cash'
    WHERE (t.undone_at IS NULL) <> (r.id IS NULL)
    """,
)

rule(
    "I3",
    "a service that was paid in cash is its master's income, taken back exactly when it was undone",
    broken="""
    SELECT key, party FROM (
        SELECT t.tenant_id, t.code || ':service' AS key, t.station_code AS party, t.amount_fen AS fen,
            CASE WHEN t.undone_at IS NULL THEN 0 ELSE 1 END AS ended
        FROM cash_taking t WHERE t.purpose = 'service'
        UNION ALL
        SELECT i.tenant_id, i.key, i.party_code, -i.amount_fen, CASE WHEN i.state = 'reversed' THEN 1 ELSE 0 END
        FROM income_entry i WHERE i.source = 'service' AND i.party_kind = 'station'
            AND i.cause_code NOT IN (SELECT d.code FROM service_done d WHERE d.paid_by = 'county')
    ) AS both_sides GROUP BY tenant_id, key, party, ended HAVING sum(fen) <> 0
    """,
)

keeps_numbers_closed(CashTaking, "what")
keeps_numbers_closed(CashClose, "reason")
keeps_numbers_closed(CashPaidIn, "reference")
