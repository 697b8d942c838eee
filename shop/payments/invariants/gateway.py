"""I2 against the gateway's own book, both ways: what it says and what we hold are the same. Only the sandbox's book lies in reach."""

from datetime import timedelta

from core.invariants import rule

UNDER_WAY = timedelta(minutes=10)  # a notice or an answer may take so long; later it is lost

rule(
    "I2",
    "what we hold captured or refunded stands in the sandbox's book",
    broken="""
    SELECT 'capture', a.code FROM payment_attempt a
    LEFT JOIN sandbox_charge c ON c.payment = a.code AND c.outcome = 'paid' AND c.amount_fen = a.amount_fen AND c.tenant_id = a.tenant_id
    WHERE a.provider = 'sandbox' AND a.status = 'captured' AND c.payment IS NULL
    UNION ALL
    SELECT 'refund', r.code FROM refund r JOIN payment_attempt a ON a.id = r.attempt_id
    LEFT JOIN sandbox_refund g ON g.code = r.code AND g.payment = a.code AND g.amount_fen = r.amount_fen
    WHERE a.provider = 'sandbox' AND r.status = 'done' AND r.by_hand = '' AND g.code IS NULL
    """,
)

rule(
    "I2",
    "what the sandbox's book says was paid or given back, we hold",
    ago=UNDER_WAY,
    broken="""
    SELECT 'paid', c.payment, c.amount_fen FROM sandbox_charge c LEFT JOIN payment_attempt a ON a.code = c.payment
    WHERE c.outcome = 'paid' AND (a.id IS NULL OR (a.status <> 'captured' AND c.at < :then AND NOT EXISTS (
        SELECT 1 FROM inbox n WHERE n.provider = 'sandbox' AND n.event_id = c.payment || '.paid' AND n.processed_at IS NULL)))
    UNION ALL
    SELECT 'given', g.code, g.amount_fen FROM sandbox_refund g
    LEFT JOIN refund r ON r.code = g.code AND r.amount_fen = g.amount_fen
    LEFT JOIN payment_attempt a ON a.id = r.attempt_id AND a.code = g.payment
    WHERE a.id IS NULL OR (r.status <> 'done' AND g.at < :then AND NOT EXISTS (
        SELECT 1 FROM outbox w WHERE w.topic = 'payment.refund' AND w.key = g.code AND w.done_at IS NULL))
    """,
)
