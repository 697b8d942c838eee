"""What always holds of refunds by staff: one that was given has one refund of its line, as asked; two people where two are needed."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule

from .models import REQUEST, RefundRequest

rule(
    "I2",
    "a refund that staff gave is of the line, the sum and the bearer that were asked for; one not given has no money",
    broken="""
    SELECT q.code, q.status, q.amount_fen FROM refund_request q LEFT JOIN refund r ON r.id = q.refund_id AND r.tenant_id = q.tenant_id
        AND r.key = 'staff:' || q.code AND r.order_id = q.order_id
    LEFT JOIN refund_line g ON g.refund_id = r.id
    WHERE (q.status = 'given' AND (g.id IS NULL OR g.line_id <> q.line_id OR g.amount_fen <> q.amount_fen OR g.bearer <> q.bearer))
        OR (q.status <> 'given' AND q.refund_id IS NOT NULL)
    UNION ALL
    SELECT r.code, r.key, r.amount_fen FROM refund r LEFT JOIN refund_request q ON q.refund_id = r.id
    WHERE r.key LIKE 'staff:%' AND q.id IS NULL
    """,
)

rule(
    "I16",
    "every step of a refund by staff has its audit row, and nobody is the second person to themselves",
    broken="""
    SELECT e.subject, e.target FROM status_event e WHERE e.kind = 'refund_request' AND NOT EXISTS (
        SELECT 1 FROM audit_entry a WHERE a.tenant_id = e.tenant_id AND a.subject = e.subject AND a.act = 'refund_request.' || e.target)
    UNION ALL
    SELECT q.code, q.status FROM refund_request q WHERE q.decided_by = q.asked_by OR (q.status = 'refused' AND q.decided_by = '')
        OR (q.status <> 'waiting' AND q.decided_by = '' AND EXISTS (
            SELECT 1 FROM status_event e WHERE e.tenant_id = q.tenant_id AND e.kind = 'refund_request' AND e.subject = q.code
                AND e.target = 'waiting'))
    """,
)


@invariant("I9", "a refund by staff stands where its history ends", tables=("refund_request", "status_event"))
def requests_stand_at_their_end(session: Session) -> Iterable[str]:
    return elsewhere(session, REQUEST, col(RefundRequest.code), col(RefundRequest.status))


keeps_numbers_closed(RefundRequest, "reason", "note")
