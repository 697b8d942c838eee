"""Subsidies add up: an award is its journal and its income, a budget and a cap hold what was taken of them, every amount can be reckoned
again from what was frozen, and nothing is in force or confirmed by one person alone."""

from collections import Counter
from collections.abc import Iterable

from sqlmodel import Session, col, select

from core.checks import elsewhere, keeps_numbers_closed
from core.invariants import invariant, rule
from core.ledger.invariants import explains

from .amounts import amount_of
from .models import AWARD, VERSION, AwardState, SubsidyAward, SubsidyCap, SubsidyEvidence, SubsidyPayment, SubsidyVersion
from .rules import rule_of

explains("subsidy", "subsidy_back", "subsidy_in")

rule(
    "I1",
    "subsidies that were awarded, taken back or paid by their funder move what their rows say, and nothing else does",
    broken="""
    SELECT key, account FROM (
        SELECT w.tenant_id, 'subsidy:' || w.code AS key, w.code AS cause, 'funder:' || f.code AS account, w.amount_fen AS fen
        FROM subsidy_award w JOIN subsidy_fund f ON f.id = w.fund_id WHERE w.awarded_at IS NOT NULL
        UNION ALL
        SELECT w.tenant_id, 'subsidy:' || w.code, w.code,
            CASE w.party_kind WHEN 'platform' THEN 'platform' ELSE w.party_kind || ':' || w.party_code END, -w.amount_fen
        FROM subsidy_award w WHERE w.awarded_at IS NOT NULL
        UNION ALL
        SELECT w.tenant_id, 'subsidy_back:' || w.code, w.code, 'funder:' || f.code, -w.amount_fen
        FROM subsidy_award w JOIN subsidy_fund f ON f.id = w.fund_id WHERE w.awarded_at IS NOT NULL AND w.reversed_at IS NOT NULL
        UNION ALL
        SELECT w.tenant_id, 'subsidy_back:' || w.code, w.code,
            CASE w.party_kind WHEN 'platform' THEN 'platform' ELSE w.party_kind || ':' || w.party_code END, w.amount_fen
        FROM subsidy_award w WHERE w.awarded_at IS NOT NULL AND w.reversed_at IS NOT NULL
        UNION ALL
        SELECT p.tenant_id, 'subsidy_in:' || p.code, p.code, 'bank', p.amount_fen FROM subsidy_payment p
        UNION ALL
        SELECT p.tenant_id, 'subsidy_in:' || p.code, p.code, 'funder:' || f.code, -p.amount_fen
        FROM subsidy_payment p JOIN subsidy_fund f ON f.id = p.fund_id
        UNION ALL
        SELECT j.tenant_id, j.key, j.cause_code, CASE WHEN a.code LIKE 'debt:%' THEN substr(a.code, 6) ELSE a.code END, -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id
        WHERE j.kind IN ('subsidy', 'subsidy_back', 'subsidy_in')
    ) AS both_sides GROUP BY tenant_id, key, cause, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "an award is its beneficiary's income, and income taken back is an award taken back",
    broken="""
    SELECT cause, party FROM (
        SELECT w.tenant_id, w.code AS cause, w.party_kind || ':' || w.party_code AS party,
            CASE WHEN w.reversed_at IS NULL THEN w.amount_fen ELSE 0 END AS fen
        FROM subsidy_award w WHERE w.awarded_at IS NOT NULL AND w.party_kind <> 'platform'
        UNION ALL
        SELECT i.tenant_id, i.cause_code, i.party_kind || ':' || i.party_code, CASE i.state WHEN 'reversed' THEN 0 ELSE -i.amount_fen END
        FROM income_entry i WHERE i.cause_kind = 'subsidy'
    ) AS both_sides GROUP BY tenant_id, cause, party HAVING sum(fen) <> 0
    UNION ALL
    SELECT w.code, w.state FROM subsidy_award w WHERE w.awarded_at IS NOT NULL AND w.party_kind <> 'platform'
        AND NOT EXISTS (SELECT 1 FROM income_entry i WHERE i.tenant_id = w.tenant_id AND i.key = w.code || ':subsidy'
            AND i.source = 'subsidy' AND i.amount_fen = w.amount_fen AND i.words = w.words)
    """,
)

rule(
    "I3",
    "a programme has taken what its awards come to, and was paid what its payments come to",
    broken="""
    SELECT code, side FROM (
        SELECT f.id, f.code, 'taken' AS side, f.taken_fen AS fen FROM subsidy_fund f
        UNION ALL
        SELECT f.id, f.code, 'taken', -w.amount_fen FROM subsidy_award w JOIN subsidy_fund f ON f.id = w.fund_id WHERE w.state = 'awarded'
        UNION ALL
        SELECT f.id, f.code, 'paid', f.paid_fen FROM subsidy_fund f
        UNION ALL
        SELECT f.id, f.code, 'paid', -p.amount_fen FROM subsidy_payment p JOIN subsidy_fund f ON f.id = p.fund_id
    ) AS both_sides GROUP BY id, code, side HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "no cause is awarded twice by a programme, and each lies in its own county",
    broken="""
    SELECT w.cause_code, w.period FROM subsidy_award w WHERE w.state = 'awarded'
    GROUP BY w.fund_id, w.cause_kind, w.cause_code, w.period HAVING count(*) > 1
    UNION ALL
    SELECT w.cause_code, w.code FROM subsidy_award w JOIN subsidy_fund f ON f.id = w.fund_id JOIN subsidy_version v ON v.id = w.version_id
    WHERE w.tenant_id <> f.tenant_id OR v.fund_id <> f.id OR v.state <> 'in_force'
    """,
)

rule(
    "I16",
    "a version from the desk is in force by a second person whom the trail knows, and a document is confirmed by one",
    broken="""
    SELECT v.code FROM subsidy_version v WHERE v.origin = 'desk' AND v.state = 'in_force'
        AND (v.decided_by IN ('', v.drafted_by) OR NOT EXISTS (SELECT 1 FROM audit_entry e JOIN subsidy_fund f ON f.id = v.fund_id
            WHERE e.tenant_id = v.tenant_id AND e.act = 'subsidy.approved' AND e.actor = 'user:' || v.decided_by
                AND e.subject = f.code || '/' || v.version))
    UNION ALL
    SELECT s.code FROM subsidy_evidence s WHERE s.confirmed_at IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM audit_entry e WHERE e.tenant_id = s.tenant_id AND e.act = 'subsidy.confirmed' AND e.subject = s.code
            AND e.actor = 'user:' || s.confirmed_by AND s.confirmed_by NOT IN ('', s.entered_by))
    """,
)


@invariant("I3", "an award is what its version makes of its frozen facts", tables=("subsidy_award", "subsidy_version"))
def awards_can_be_reckoned_again(session: Session) -> Iterable[str]:
    versions = {version.id: version for version in session.exec(select(SubsidyVersion))}
    for award in session.exec(select(SubsidyAward).order_by(col(SubsidyAward.id))):
        reckoned = amount_of(rule_of(versions[award.version_id]), award.facts)
        if reckoned != award.amount_fen:
            yield f"{award.code}: {award.amount_fen}, its facts make {reckoned}"


@invariant("I3", "nobody is awarded more than a programme's cap", tables=("subsidy_award", "subsidy_cap"))
def caps_hold(session: Session) -> Iterable[str]:
    capped = {version.id for version in session.exec(select(SubsidyVersion)) if rule_of(version).cap_fen is not None}
    taken: Counter[tuple[int, str, str, str]] = Counter()
    for award in session.exec(select(SubsidyAward).where(SubsidyAward.state == AwardState.AWARDED)):
        if award.version_id in capped:
            taken[award.fund_id, award.party_kind, award.party_code, award.cap_period] += award.amount_fen
    for cap in session.exec(select(SubsidyCap)):
        key = (cap.fund_id, cap.party_kind, cap.party_code, cap.period)
        if (awarded := taken.pop(key, 0)) != cap.taken_fen:
            yield f"{key}: {cap.taken_fen} taken, {awarded} awarded"
    yield from (f"{key}: {fen} awarded under no cap" for key, fen in taken.items())


@invariant("I9", "subsidies stand where their history ends", tables=("subsidy_award", "subsidy_version", "status_event"))
def subsidies_stand_at_their_end(session: Session) -> Iterable[str]:
    yield from elsewhere(session, AWARD, col(SubsidyAward.code), col(SubsidyAward.state))
    yield from elsewhere(session, VERSION, col(SubsidyVersion.code), col(SubsidyVersion.state))


keeps_numbers_closed(SubsidyAward, "words", "facts")
keeps_numbers_closed(SubsidyEvidence, "document", "what")
keeps_numbers_closed(SubsidyPayment, "reference")
