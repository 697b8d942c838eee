"""I1 and I3 of village services: paid in cash exactly as the taking says, by the county exactly as the record says."""

from core.invariants import rule
from core.ledger.invariants import explains

explains("service")

rule(
    "I1",
    "a service that the county pays moves what its record says, from the platform to the station, and nothing else does",
    broken="""
    SELECT key, account FROM (
        SELECT d.tenant_id, 'service:' || d.code AS key, d.code AS cause, 'platform' AS account, d.fee_fen AS fen
        FROM service_done d WHERE d.paid_by = 'county'
        UNION ALL
        SELECT d.tenant_id, 'service:' || d.code, d.code, 'station:' || d.station_code, -d.fee_fen
        FROM service_done d WHERE d.paid_by = 'county'
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'service'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I1",
    "what the county paid for a service is reversed in the books exactly when it was undone",
    broken="""
    SELECT d.code FROM service_done d
    LEFT JOIN journal r ON r.tenant_id = d.tenant_id AND r.key = 'unservice:' || d.code AND r.kind = 'reverse_service'
    WHERE d.paid_by = 'county' AND (d.undone_at IS NULL) <> (r.id IS NULL)
    """,
)

rule(
    "I3",
    "a service that the county pays is its station's income, taken back exactly when it was undone",
    broken="""
    SELECT d.code FROM service_done d
    LEFT JOIN income_entry i ON i.tenant_id = d.tenant_id AND i.key = d.code || ':service' AND i.source = 'service'
        AND i.party_kind = 'station' AND i.party_code = d.station_code AND i.cause_code = d.code AND i.amount_fen = d.fee_fen
    WHERE d.paid_by = 'county' AND (i.id IS NULL OR (d.undone_at IS NULL) <> (i.state <> 'reversed'))
    """,
)

rule(
    "I3",
    "a service that was paid in cash has its taking, of the same station and amount, undone with it",
    broken="""
    SELECT d.code FROM service_done d
    LEFT JOIN cash_taking t ON t.code = d.taking_code AND t.tenant_id = d.tenant_id
    WHERE d.paid_by = 'cash' AND (t.id IS NULL OR t.purpose <> 'service' OR t.station_code <> d.station_code
        OR t.amount_fen <> d.fee_fen OR (d.undone_at IS NULL) <> (t.undone_at IS NULL))
    """,
)
