"""I2 and I19 of gateways' bills: what was kept and paid out is booked, what differs is an exception, two people close it."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule
from core.ledger.invariants import explains

from .models import EXCEPTION, BillException, GatewayPayout

explains("gateway_fee", "gateway_payout")

rule(
    "I2",
    "what gateways kept and paid out left their clearing accounts as their bills and finance say, and nothing else did",
    broken="""
    SELECT cause, account FROM (
        SELECT l.tenant_id, b.code AS cause, 'fee:gateway' AS account, l.fee_fen AS fen
        FROM gateway_bill_line l JOIN gateway_bill b ON b.id = l.bill_id
        UNION ALL
        SELECT l.tenant_id, b.code, 'gateway:' || b.provider, -l.fee_fen FROM gateway_bill_line l JOIN gateway_bill b ON b.id = l.bill_id
        UNION ALL
        SELECT tenant_id, code, 'bank', amount_fen FROM gateway_payout WHERE undone_at IS NULL
        UNION ALL
        SELECT tenant_id, code, 'fee:gateway', fee_fen FROM gateway_payout WHERE undone_at IS NULL
        UNION ALL
        SELECT tenant_id, code, 'gateway:' || provider, -amount_fen - fee_fen FROM gateway_payout WHERE undone_at IS NULL
        UNION ALL
        SELECT j.tenant_id, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind IN ('gateway_fee', 'gateway_payout', 'reverse_gateway_payout')
    ) AS both_sides GROUP BY tenant_id, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I2",
    "what a gateway's bill lists we hold to the fen, or it is an exception",
    broken="""
    SELECT l.kind, l.number FROM gateway_bill_line l
    LEFT JOIN payment_attempt t ON l.kind = 'payment' AND t.code = l.number AND t.provider = l.provider AND t.status = 'captured'
        AND t.amount_fen = l.amount_fen
    LEFT JOIN refund r ON l.kind = 'refund' AND r.code = l.number AND r.status = 'done' AND r.amount_fen = l.amount_fen
    LEFT JOIN share_request q ON l.kind = 'royalty' AND q.code = l.number AND q.status = 'shared' AND q.amount_fen = l.amount_fen
    LEFT JOIN gateway_payout p ON l.kind = 'payout' AND p.line_id = l.id AND p.undone_at IS NULL AND p.amount_fen = l.amount_fen
    LEFT JOIN bill_exception e ON e.bill_id = l.bill_id AND e.number = l.number AND e.about = l.kind AND e.status <> 'healed'
        AND e.kind NOT IN ('missing_there', 'twice')
    WHERE t.id IS NULL AND r.id IS NULL AND q.id IS NULL AND p.id IS NULL AND e.id IS NULL AND l.amount_fen <> 0
    """,
)

rule(
    "I19",
    "a payment is in one settlement day: a line is of its bill's gateway and county, and of its attempt's county",
    broken="""
    SELECT l.kind, l.number FROM gateway_bill_line l JOIN gateway_bill b ON b.id = l.bill_id
    LEFT JOIN payment_attempt t ON l.kind = 'payment' AND t.code = l.number AND t.provider = l.provider
    WHERE l.provider <> b.provider OR l.tenant_id <> b.tenant_id OR t.tenant_id <> l.tenant_id OR b.read_at IS NULL
    """,
)

rule(
    "I16",
    "an exception of a bill is closed by a second person, and the trail says so",
    broken="""
    SELECT e.code, e.status FROM bill_exception e
    WHERE (e.status IN ('explained', 'closed') AND (e.reason = '' OR e.explained_by = ''))
        OR (e.status = 'closed' AND (e.closed_by = '' OR e.closed_by = e.explained_by OR e.closed_at IS NULL OR NOT EXISTS (
            SELECT 1 FROM audit_entry a WHERE a.tenant_id = e.tenant_id AND a.act = 'reconciliation.close' AND a.subject = e.code
                AND a.actor = 'user:' || e.closed_by)))
    """,
)


@invariant("I9", "an exception of a bill stands where its history ends", tables=("bill_exception",))
def exceptions_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, EXCEPTION, col(BillException.code), col(BillException.status))


keeps_numbers_closed(BillException, "reason")
keeps_numbers_closed(GatewayPayout, "reference")
