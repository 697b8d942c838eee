"""What always holds of disputes: while one lives its sum lies on an account of its own; a lost one is a refund and a loss, to the fen."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere
from core.invariants import invariant, rule
from core.ledger.invariants import explains

from .models import DISPUTE, PaymentDispute

explains("disputed", "dispute_loss")

rule(
    "I1",
    "a dispute's entries are the held sum off the gateway, taken back when it ends, and the platform's loss",
    broken="""
    SELECT key, account FROM (
        SELECT d.tenant_id, 'disputed:' || d.code AS key, o.number AS cause, 'disputed:' || t.provider AS account, d.held_fen AS fen
        FROM payment_dispute d JOIN orders o ON o.id = d.order_id JOIN payment_attempt t ON t.id = d.attempt_id
        UNION ALL
        SELECT d.tenant_id, 'disputed:' || d.code, o.number, 'gateway:' || t.provider, -d.held_fen
        FROM payment_dispute d JOIN orders o ON o.id = d.order_id JOIN payment_attempt t ON t.id = d.attempt_id
        UNION ALL
        SELECT d.tenant_id, 'dispute_loss:' || d.code, o.number, 'platform', d.loss_fen
        FROM payment_dispute d JOIN orders o ON o.id = d.order_id
        UNION ALL
        SELECT d.tenant_id, 'dispute_loss:' || d.code, o.number, 'gateway:' || t.provider, -d.loss_fen
        FROM payment_dispute d JOIN orders o ON o.id = d.order_id JOIN payment_attempt t ON t.id = d.attempt_id
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind IN ('disputed', 'dispute_loss')
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    UNION ALL
    SELECT d.code, d.status FROM payment_dispute d LEFT JOIN journal j ON j.tenant_id = d.tenant_id AND j.key = 'disputed:' || d.code
    LEFT JOIN journal v ON v.reverses_id = j.id
    WHERE d.held_fen > 0 AND (v.id IS NULL) <> (d.status IN ('opened', 'under_review'))
    """,
)

rule(
    "I2",
    "a lost dispute gave back what was held: of the order as a refund, beyond it as the platform's loss; no other gave anything",
    broken="""
    SELECT d.code, d.held_fen, d.loss_fen, coalesce(r.amount_fen, 0) FROM payment_dispute d
    LEFT JOIN refund r ON r.id = d.refund_id AND r.order_id = d.order_id AND r.key = 'dispute:' || d.code AND r.status = 'done'
    WHERE (d.status = 'lost' AND d.held_fen <> d.loss_fen + coalesce(r.amount_fen, 0))
        OR (d.status <> 'lost' AND (d.refund_id IS NOT NULL OR d.loss_fen <> 0))
        OR (d.closed_at IS NULL) <> (d.status IN ('opened', 'under_review'))
    UNION ALL
    SELECT r.code, r.amount_fen, 0, 0 FROM refund r LEFT JOIN payment_dispute d ON d.refund_id = r.id
    WHERE r.key LIKE 'dispute:%' AND d.id IS NULL
    """,
)


@invariant("I9", "a dispute stands where its history ends", tables=("payment_dispute", "status_event"))
def disputes_stand_at_their_end(session: Session) -> Iterable[str]:
    return elsewhere(session, DISPUTE, col(PaymentDispute.code), col(PaymentDispute.status))
