"""I3, I12 and I17: what was given back of lines, of their shares, in the ledger and of incomes is the same, to the fen."""

from core.invariants import rule
from core.ledger.invariants import explains

explains("giveback")

rule(
    "I17",
    "a refund's lines add up to it and are lines of its order; the money of a second or late payment goes back without lines",
    broken="""
    SELECT r.code, r.amount_fen, sum(g.amount_fen) FROM refund r JOIN refund_line g ON g.refund_id = r.id
    JOIN payment_attempt t ON t.id = r.attempt_id LEFT JOIN order_line l ON l.id = g.line_id AND l.order_id = r.order_id
    GROUP BY r.id, r.code, r.amount_fen, t.duplicate_of
    HAVING sum(g.amount_fen) <> r.amount_fen OR count(l.id) <> count(g.id) OR t.duplicate_of IS NOT NULL
    UNION ALL
    SELECT r.code, r.amount_fen, 0 FROM refund r JOIN orders o ON o.id = r.order_id JOIN payment_attempt t ON t.id = r.attempt_id
    WHERE o.status <> 'cancelled' AND t.duplicate_of IS NULL AND NOT EXISTS (SELECT 1 FROM refund_line g WHERE g.refund_id = r.id)
    """,
)

rule(
    "I17",
    "a line gives back what it cost at most, and as many units as were bought",
    broken="""
    SELECT l.code, sum(g.amount_fen) FROM order_line l JOIN refund_line g ON g.line_id = l.id
    GROUP BY l.id, l.code, l.goods_fen, l.discount_fen, l.freight_fen, l.quantity
    HAVING sum(g.amount_fen) > l.goods_fen - l.discount_fen + l.freight_fen OR max(g.quantity) > l.quantity
    """,
)

rule(
    "I3",
    "of a coupon's gift goes back as large a part as of what was paid for the goods, all of it with the last fen",
    broken="""
    SELECT l.code, l.discount_fen, sum(g.coupon_fen) FROM order_line l JOIN refund_line g ON g.line_id = l.id
    GROUP BY l.id, l.code, l.goods_fen, l.discount_fen
    HAVING sum(g.coupon_fen) > l.discount_fen
        OR (l.discount_fen > 0 AND (sum(g.coupon_fen) = l.discount_fen) <> (sum(g.amount_fen) >= l.goods_fen - l.discount_fen))
    """,
)

rule(
    "I3",
    "what a line gives back is split over its shares, none below zero, and borne by their parties to the fen",
    broken="""
    SELECT g.code, g.amount_fen, coalesce(sum(s.amount_fen), 0), coalesce(sum(s.borne_fen), 0) FROM refund_line g
    LEFT JOIN refund_share s ON s.refund_line_id = g.id LEFT JOIN line_share f ON f.id = s.share_id AND f.line_id = g.line_id
    GROUP BY g.id, g.code, g.amount_fen, g.coupon_fen
    HAVING coalesce(sum(s.amount_fen), 0) <> g.amount_fen + g.coupon_fen OR coalesce(sum(s.borne_fen), 0) <> g.amount_fen + g.coupon_fen
        OR count(f.id) <> count(s.id)
    UNION ALL
    SELECT l.code || ':' || f.role, f.amount_fen, sum(s.amount_fen), 0 FROM line_share f JOIN refund_share s ON s.share_id = f.id
    JOIN order_line l ON l.id = f.line_id GROUP BY f.id, l.code, f.role, f.amount_fen HAVING sum(s.amount_fen) > f.amount_fen
    """,
)

rule(
    "I12",
    "commissions are given back pro rata whoever bears a refund; with a bearer, the others' parts are the bearer's",
    broken="""
    SELECT g.code, f.role, s.amount_fen, s.borne_fen FROM refund_share s JOIN refund_line g ON g.id = s.refund_line_id
    JOIN line_share f ON f.id = s.share_id
    WHERE (s.borne_fen <> s.amount_fen AND (g.bearer = '' OR (f.role IN ('seller', 'platform', 'on_behalf') AND f.role <> g.bearer)))
        OR (s.borne_fen <> 0 AND g.bearer <> '' AND f.role IN ('grower', 'master', 'transport') AND f.role <> g.bearer)
    """,
)

rule(
    "I1",
    "what a refund takes from its parties is one journal, to the account and fen; what an account did not hold is its party's debt",
    broken="""
    SELECT key, account FROM (
        SELECT r.tenant_id, 'giveback:' || r.code AS key, o.number AS cause, 'buyer' AS account, -g.amount_fen AS fen
        FROM refund r JOIN orders o ON o.id = r.order_id JOIN refund_line g ON g.refund_id = r.id
        UNION ALL
        SELECT r.tenant_id, 'giveback:' || r.code, o.number, 'coupons', -g.coupon_fen
        FROM refund r JOIN orders o ON o.id = r.order_id JOIN refund_line g ON g.refund_id = r.id
        UNION ALL
        SELECT r.tenant_id, 'giveback:' || r.code, o.number, CASE f.role WHEN 'grower' THEN 'grower:' || f.party_code
            WHEN 'master' THEN 'station:' || f.party_code WHEN 'on_behalf' THEN 'station:' || f.party_code
            WHEN 'seller' THEN 'seller:' || f.party_code ELSE f.role END, s.borne_fen
        FROM refund r JOIN orders o ON o.id = r.order_id JOIN refund_line g ON g.refund_id = r.id
        JOIN refund_share s ON s.refund_line_id = g.id JOIN line_share f ON f.id = s.share_id
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, CASE WHEN a.code LIKE 'debt:%' THEN substr(a.code, 6) ELSE a.code END, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'giveback'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "what a party bears of a refund is taken off their income, by rows that name what they reduce",
    broken="""
    SELECT cause, party FROM (
        SELECT g.tenant_id, g.code AS cause,
            CASE WHEN f.role IN ('master', 'on_behalf') THEN 'station' ELSE f.role END || ' ' || f.party_code AS party,
            s.borne_fen AS fen
        FROM refund_line g JOIN refund_share s ON s.refund_line_id = g.id JOIN line_share f ON f.id = s.share_id
        UNION ALL
        SELECT i.tenant_id, i.cause_code, i.party_kind || ' ' || i.party_code, i.amount_fen FROM income_entry i
        WHERE i.source = 'adjustment' AND i.cause_kind = 'refund'
    ) AS both_sides GROUP BY tenant_id, cause, party HAVING sum(fen) <> 0
    UNION ALL
    SELECT i.cause_code, i.party_kind || ' ' || i.party_code FROM income_entry i JOIN income_entry o ON o.id = i.reverses_id
    WHERE o.tenant_id <> i.tenant_id OR o.party_kind <> i.party_kind OR o.party_code <> i.party_code OR i.source <> 'adjustment'
    """,
)
