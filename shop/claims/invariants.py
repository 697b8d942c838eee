"""What always holds of claims: an approved one gave back exactly what was decided, once; each step is in the trail."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule

from .models import CLAIM, Claim

rule(
    "I2",
    "an approved claim has one refund of its line, of what was decided and borne by whom it says; no other claim has any",
    broken="""
    SELECT c.code, c.status, c.amount_fen FROM claim c LEFT JOIN refund r ON r.id = c.refund_id AND r.tenant_id = c.tenant_id
        AND r.key = 'claim:' || c.code AND r.order_id = c.order_id
    LEFT JOIN refund_line g ON g.refund_id = r.id
    WHERE (c.status = 'approved' AND (g.id IS NULL OR g.line_id <> c.line_id OR g.amount_fen <> c.amount_fen OR g.bearer <> c.bearer))
        OR (c.status <> 'approved' AND c.refund_id IS NOT NULL)
    UNION ALL
    SELECT r.code, r.key, r.amount_fen FROM refund r LEFT JOIN claim c ON c.refund_id = r.id WHERE r.key LIKE 'claim:%' AND c.id IS NULL
    """,
)

rule(
    "I2",
    "a claim and its photos are of one order",
    broken="""
    SELECT c.code, l.code FROM claim c JOIN order_line l ON l.id = c.line_id WHERE l.order_id <> c.order_id
    UNION ALL
    SELECT c.code, p.code FROM claim c JOIN claim_photo p ON p.claim_id = c.id WHERE p.order_id <> c.order_id
    """,
)

rule(
    "I16",
    "every step of a claim has its audit row, and a second person is another than the first",
    broken="""
    SELECT e.subject, e.target FROM status_event e WHERE e.kind = 'claim' AND NOT EXISTS (
        SELECT 1 FROM audit_entry a WHERE a.tenant_id = e.tenant_id AND a.subject = e.subject AND a.act = 'claim.' || e.target)
    UNION ALL
    SELECT c.code, c.status FROM claim c WHERE (c.second_at IS NOT NULL AND (c.second_by = c.decided_by OR c.second_by = ''))
        OR (c.status IN ('second', 'approved', 'refused') AND (c.decided_by = '' OR c.decided_at IS NULL))
        OR (c.status = 'approved' AND c.second_at IS NULL AND EXISTS (
            SELECT 1 FROM status_event e WHERE e.tenant_id = c.tenant_id AND e.kind = 'claim' AND e.subject = c.code
                AND e.target = 'second'))
    """,
)


@invariant("I9", "a claim stands where its history ends", tables=("claim", "status_event"))
def claims_stand_at_their_end(session: Session) -> Iterable[str]:
    return elsewhere(session, CLAIM, col(Claim.code), col(Claim.status))


keeps_numbers_closed(Claim, "words", "note")
