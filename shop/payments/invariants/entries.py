"""I1 and I3: a sale's journals and its income are exactly what its payments and its frozen shares say.

Each rule adds up what there must be and, with the other sign, what there is – per journal, cause and account, or per row of
income – so that what is missing, forged, moved or off by a fen does not come to nothing.
"""

from core.invariants import rule
from core.ledger.invariants import explains

explains("capture", "refund", "share")

rule(
    "I1",
    "a capture's journal is its attempt's amount from the gateway to the buyer",
    broken="""
    SELECT key, account FROM (
        SELECT t.tenant_id, 'capture:' || t.code AS key, o.number AS cause, 'gateway:' || t.provider AS account, t.amount_fen AS fen
        FROM payment_attempt t JOIN orders o ON o.id = t.order_id WHERE t.status = 'captured'
        UNION ALL
        SELECT t.tenant_id, 'capture:' || t.code, o.number, 'buyer', -t.amount_fen
        FROM payment_attempt t JOIN orders o ON o.id = t.order_id WHERE t.status = 'captured'
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'capture'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I1",
    "a refund's journal is its amount from the buyer to the gateway it came by, or to the bank where a person paid it",
    broken="""
    SELECT key, account FROM (
        SELECT r.tenant_id, 'refund:' || r.code || CASE WHEN r.failures > 0 THEN ':' || r.failures ELSE '' END AS key, o.number AS cause,
            'buyer' AS account, r.amount_fen AS fen
        FROM refund r JOIN orders o ON o.id = r.order_id WHERE r.status = 'done'
        UNION ALL
        SELECT r.tenant_id, 'refund:' || r.code || CASE WHEN r.failures > 0 THEN ':' || r.failures ELSE '' END, o.number,
            CASE WHEN r.by_hand <> '' THEN 'bank' ELSE 'gateway:' || t.provider END, -r.amount_fen
        FROM refund r JOIN orders o ON o.id = r.order_id JOIN payment_attempt t ON t.id = r.attempt_id AND t.order_id = o.id
        WHERE r.status = 'done'
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind = 'refund' AND NOT EXISTS (SELECT 1 FROM journal v WHERE v.reverses_id = j.id)
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I1",
    "a paid order's share journal gives each party what was frozen for it",
    broken="""
    SELECT key, account FROM (
        SELECT o.tenant_id, 'share:' || o.number AS key, o.number AS cause, CASE s.role WHEN 'grower' THEN 'grower:' || s.party_code
            WHEN 'master' THEN 'station:' || s.party_code WHEN 'on_behalf' THEN 'station:' || s.party_code
            WHEN 'seller' THEN 'seller:' || s.party_code ELSE s.role END AS account,
            -s.amount_fen AS fen
        FROM orders o JOIN order_line l ON l.order_id = o.id JOIN line_share s ON s.line_id = l.id WHERE o.paid_at IS NOT NULL
        UNION ALL
        SELECT o.tenant_id, 'share:' || o.number, o.number, 'buyer', o.total_fen FROM orders o WHERE o.paid_at IS NOT NULL
        UNION ALL
        SELECT o.tenant_id, 'share:' || o.number, o.number, 'coupons', o.discount_fen FROM orders o WHERE o.paid_at IS NOT NULL
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'share'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "a paid line earns each party one row of income, as frozen; it is taken back exactly when the order is",
    broken="""
    SELECT key, party FROM (
        SELECT o.tenant_id, l.code || ':' || s.role AS key, l.code AS cause,
            CASE WHEN s.role IN ('master', 'on_behalf') THEN 'station' ELSE s.role END
            || ' ' || s.party_code AS party, CASE WHEN o.status = 'cancelled' THEN 1 ELSE 0 END AS ended, s.amount_fen AS fen
        FROM orders o JOIN order_line l ON l.order_id = o.id JOIN line_share s ON s.line_id = l.id WHERE o.paid_at IS NOT NULL
        UNION ALL
        SELECT i.tenant_id, i.key, i.cause_code, i.party_kind || ' ' || i.party_code, CASE WHEN i.state = 'reversed' THEN 1 ELSE 0 END,
            -i.amount_fen
        FROM income_entry i WHERE i.source IN ('sale', 'on_behalf')
    ) AS both_sides GROUP BY tenant_id, key, cause, party, ended HAVING sum(fen) <> 0
    """,
)
