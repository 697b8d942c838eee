"""I17: what was short of a weighed line went back pro rata, to the fen, and nothing where nothing was short."""

from core.invariants import rule

rule(
    "I17",
    "a weighed line gives back what it lacks, pro rata to the fen, and no other refund says so",
    broken="""
    SELECT w.code, w.grams, g.amount_fen FROM weigh_slip w JOIN order_line l ON l.id = w.line_id
    LEFT JOIN refund r ON r.id = w.refund_id AND r.key = 'weight:' || l.code LEFT JOIN refund_line g ON g.refund_id = r.id
    WHERE w.ordered_g <> l.net_g * l.quantity OR (w.refund_id IS NOT NULL AND (w.grams >= w.ordered_g OR g.line_id <> l.id OR g.id IS NULL
        OR g.amount_fen > (2 * (l.goods_fen - l.discount_fen) * (w.ordered_g - w.grams) + w.ordered_g) / (2 * w.ordered_g)))
    UNION ALL
    SELECT r.code, 0, r.amount_fen FROM refund r LEFT JOIN weigh_slip w ON w.refund_id = r.id WHERE r.key LIKE 'weight:%' AND w.id IS NULL
    """,
)
