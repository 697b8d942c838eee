"""What was shared out of payments stands in statements, requests and the ledger alike, within what a payment may give."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from core import clock
from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule
from core.ledger.invariants import explains

from .models import SHARE, SharePart, ShareRequest

explains("royalty")

rule(
    "I3",
    "what a statement was given out of payments is the sum of its parts that were shared",
    broken="""
    SELECT s.code, s.shared_fen FROM statement s
    LEFT JOIN share_part p ON p.statement_id = s.id AND p.left_out = ''
    LEFT JOIN share_request r ON r.id = p.request_id AND r.status = 'shared' AND r.run_id = s.run_id AND r.tenant_id = s.tenant_id
    GROUP BY s.id, s.code, s.shared_fen HAVING coalesce(sum(CASE WHEN r.id IS NULL THEN 0 ELSE p.amount_fen END), 0) <> s.shared_fen
    """,
)

rule(
    "I3",
    "a request for shares is the sum of its parts that stand, all of statements of its run that are paid by Alipay",
    broken="""
    SELECT r.code, r.amount_fen FROM share_request r LEFT JOIN share_part p ON p.request_id = r.id
    LEFT JOIN statement s ON s.id = p.statement_id AND s.run_id = r.run_id AND s.way = 'alipay'
    GROUP BY r.id, r.code, r.amount_fen, r.status
    HAVING coalesce(sum(CASE WHEN p.left_out = '' THEN p.amount_fen ELSE 0 END), 0) <> r.amount_fen OR count(p.id) <> count(s.id)
        OR (r.status IN ('asked', 'shared') AND r.amount_fen = 0)
    """,
)

rule(
    "I17",
    "a payment gives at most its part of what was captured and not refunded when it was settled, over all runs",
    broken="""
    SELECT r.code, r.limit_fen FROM share_request r JOIN payment_attempt t ON t.id = r.attempt_id
    WHERE t.provider <> 'alipay' OR t.status <> 'captured' OR t.duplicate_of IS NOT NULL OR t.tenant_id <> r.tenant_id
        OR r.limit_fen * 10000 > r.limit_bp * (t.amount_fen - (
            SELECT coalesce(sum(f.amount_fen), 0) FROM refund f WHERE f.attempt_id = t.id AND f.done_at <= r.planned_at))
        OR r.limit_fen < (SELECT sum(o.amount_fen) FROM share_request o
            WHERE o.attempt_id = r.attempt_id AND o.id <= r.id AND (o.id = r.id OR o.status IN ('planned', 'asked', 'shared')))
        OR r.planned_at < t.captured_at
    """,
)

rule(
    "I1",
    "each shared part left the gateway's account by one journal of its own, and no other did",
    broken="""
    SELECT key, account FROM (
        SELECT p.tenant_id, 'royalty:' || p.code AS key, s.code AS cause, 'sharing' AS account, p.amount_fen AS fen
        FROM share_part p JOIN share_request r ON r.id = p.request_id JOIN statement s ON s.id = p.statement_id
        WHERE r.status = 'shared' AND p.left_out = ''
        UNION ALL
        SELECT p.tenant_id, 'royalty:' || p.code, s.code, 'gateway:alipay', -p.amount_fen
        FROM share_part p JOIN share_request r ON r.id = p.request_id JOIN statement s ON s.id = p.statement_id
        WHERE r.status = 'shared' AND p.left_out = ''
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, a.code, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'royalty'
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "a run waits for as many answers as requests of it are open, and meanwhile it is approved and neither exported nor void",
    broken="""
    SELECT r.code, r.sharing_left FROM settlement_run r LEFT JOIN share_request q ON q.run_id = r.id AND q.status IN ('planned', 'asked')
    GROUP BY r.id, r.code, r.sharing_left, r.status, r.shared_at
    HAVING count(q.id) <> r.sharing_left OR (r.sharing_left > 0 AND (r.status <> 'approved' OR r.shared_at IS NULL))
    """,
)

rule(
    "I16",
    "a run was shared out after a second person's approval, and the trail says by whom",
    broken="""
    SELECT r.code FROM settlement_run r WHERE r.shared_at IS NOT NULL AND (
        r.approved_by = '' OR r.approved_at > r.shared_at OR NOT EXISTS (
            SELECT 1 FROM audit_entry a WHERE a.tenant_id = r.tenant_id AND a.act = 'settlement.share' AND a.subject = r.code))
    """,
)


@invariant("I17", "a payment gives nothing after its days", tables=("share_request",))
def within_their_days(session: Session) -> Iterable[str]:
    planned = select(col(ShareRequest.code), col(ShareRequest.planned_at), col(ShareRequest.share_by))
    for code, planned_at, share_by in session.execute(planned):
        if clock.business_date(planned_at) > share_by:
            yield code


@invariant("I9", "a request for shares stands where its history ends", tables=("share_request", "status_event"))
def shares_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, SHARE, col(ShareRequest.code), col(ShareRequest.status))


keeps_numbers_closed(ShareRequest, "reason")
keeps_numbers_closed(SharePart, "left_out")
