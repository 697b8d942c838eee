"""What firms carried is what custody says, and what they are paid is what their frozen legs come to by the terms agreed."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.invariants import invariant, rule
from core.ledger.invariants import explains
from core.tenant import Tenant
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.chain import Held
from fulfillment.custody.models import Custody

from .drafting import added_up
from .following import Reader, as_leg
from .legs import Weighed
from .models import CarriedLeg, PartnerLine, PartnerMonth
from .reckoning import Terms, reckon

A_BATCH = 500
explains("carriage")


@invariant("I6", "a carried leg is a custody of its parcel", tables=("carried_leg", "carriage_contract", "custody", "parcel"))
def legs_are_read_from_custody(session: Session) -> Iterable[str]:
    kept: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for row in session.execute(sql_select(CarriedLeg.__table__).where(~col(CarriedLeg.withdrawn))):  # type: ignore[attr-defined]
        kept[row.parcel_code].append(as_leg(row).priced)
    for tenant_id in session.exec(select(Tenant.id)).all():
        parcels = session.execute(
            sql_select(
                col(Parcel.code), col(Parcel.status), col(Parcel.grams), col(Parcel.box_milli), col(Consignment.to_node_id)
            )
            .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
            .where(col(Parcel.tenant_id) == tenant_id, col(Parcel.code).in_(select(Custody.parcel_code)))
            .order_by(col(Parcel.id))
        ).all()  # fmt: skip
        for start in range(0, len(parcels), A_BATCH):
            batch = parcels[start : start + A_BATCH]
            held = _held(session, [row.code for row in batch])
            reader = Reader(session, tenant_id or 0, {h.code for own in held.values() for h in own if h.kind == "departure"})
            for code, status, grams, box_milli, to_node_id in batch:
                wanted = reader.legs(held[code], Weighed(grams, box_milli), to_node_id=to_node_id, status=status)
                if (found := _told(kept.pop(code, []))) != (said := _told(leg.priced for leg in wanted)):
                    yield f"{code}: carried {found}, its custody says {said}"
    yield from (f"{code}: carried {_told(legs)}, nobody had it" for code, legs in kept.items())


def _held(session: Session, codes: list[str]) -> dict[str, list[Held]]:
    held: dict[str, list[Held]] = defaultdict(list)
    for c in session.exec(select(Custody).where(col(Custody.parcel_code).in_(codes)).order_by(col(Custody.began_at), col(Custody.id))):
        held[c.parcel_code].append(Held(c.holder_kind, c.holder_code, c.giver_code, c.scan_event, c.began_at, c.ended_at, c.box))
    return held


def _told(legs: Iterable[tuple[object, ...]]) -> str:
    return ", ".join(sorted(" ".join(str(part) for part in leg) for leg in legs)) or "nothing"


@invariant(
    "I3",
    "what a firm is paid for a month is what its frozen legs come to",
    tables=("partner_line", "partner_month", "carried_leg"),
)
def closed_lines_are_reckoned(session: Session) -> Iterable[str]:
    """Contract by contract: a month's lines and later corrections add up to its frozen legs, less those taken back, at their terms."""
    paid: dict[tuple[int, str, str, str], int] = defaultdict(int)
    terms: dict[tuple[int, str, str, str], Terms] = {}
    rows = session.exec(
        select(PartnerMonth, PartnerLine).join(PartnerLine, col(PartnerLine.month_id) == col(PartnerMonth.id)).order_by(col(PartnerLine.id))
    )
    for month, line in rows:
        key = (month.tenant_id, month.firm, f"{line.of_month:%Y-%m}", line.contract)
        paid[key] += line.fen
        if terms.setdefault(key, agreed := Terms.of_json(line.terms)) != agreed:
            yield f"{month.code}: {line.contract} is priced in two ways for {key[2]}"
    due = dict(_due(session, terms))
    for key in sorted(paid.keys() | due.keys()):
        if key not in terms:
            yield f"{key[1]}: {key[3]} has frozen legs in {key[2]} and no line"
        elif paid[key] != due.get(key, reckon(terms[key], []).total_fen):
            yield f"{key[1]}: {key[3]} was paid {paid[key]} for {key[2]}, its legs come to {due.get(key, 0)}"


def _due(session: Session, terms: dict[tuple[int, str, str, str], Terms]) -> Iterator[tuple[tuple[int, str, str, str], int]]:
    """By county, firm, month of the day and contract; one query a county."""
    for tenant_id in session.exec(select(PartnerMonth.tenant_id).distinct()).all():
        standing = [col(CarriedLeg.tenant_id) == tenant_id, col(CarriedLeg.month_id).is_not(None), col(CarriedLeg.back_month_id).is_(None)]
        groups = defaultdict(list)
        for group in added_up(session, standing):
            groups[tenant_id, group.firm, f"{group.day:%Y-%m}", group.contract].append(group)
        for key, own in groups.items():
            yield key, reckon(terms[key], own).total_fen if key in terms else 0


rule(
    "I1",
    "a closed month moves what its income says, from transport to the firm, and nothing else does",
    broken="""
    SELECT key, account FROM (
        SELECT m.tenant_id, 'carriage:' || m.code AS key, 'transport' AS account, m.total_fen AS fen FROM partner_month m
        UNION ALL
        SELECT i.tenant_id, 'carriage:' || i.cause_code, 'partner:' || i.party_code, -i.amount_fen
        FROM income_entry i WHERE i.source = 'carriage'
        UNION ALL
        SELECT j.tenant_id, j.key, replace(a.code, 'debt:', ''), -p.amount_fen
        FROM journal j JOIN posting p ON p.journal_id = j.id JOIN account a ON a.id = p.account_id WHERE j.kind = 'carriage'
    ) AS both_sides GROUP BY tenant_id, key, account HAVING sum(fen) <> 0
    """,
)

rule(
    "I3",
    "a line of a closed month is one row of its firm's income",
    broken="""
    SELECT key, party FROM (
        SELECT m.tenant_id, m.code || ':' || l.position AS key, m.firm AS party, l.fen AS fen
        FROM partner_line l JOIN partner_month m ON m.id = l.month_id
        UNION ALL
        SELECT i.tenant_id, i.key, i.party_code, -i.amount_fen FROM income_entry i WHERE i.source = 'carriage'
    ) AS both_sides GROUP BY tenant_id, key, party HAVING sum(fen) <> 0
    UNION ALL
    SELECT i.key, i.party_kind FROM income_entry i WHERE i.source = 'carriage' AND i.party_kind <> 'partner'
    """,
)

rule(
    "I3",
    "a frozen leg is its firm's, and what is taken back was paid before",
    broken="""
    SELECT g.parcel_code, g.place FROM carried_leg g
    LEFT JOIN partner_month m ON m.id = g.month_id
    LEFT JOIN partner_month b ON b.id = g.back_month_id
    WHERE m.firm <> g.firm OR m.tenant_id <> g.tenant_id OR b.firm <> g.firm OR b.tenant_id <> g.tenant_id
        OR (b.id IS NOT NULL AND b.id = m.id)
    """,
)

rule(
    "I16",
    "a month was closed by somebody, and the trail says so",
    broken="""
    SELECT m.code, m.closed_by FROM partner_month m
    WHERE NOT EXISTS (SELECT 1 FROM audit_entry a WHERE a.tenant_id = m.tenant_id AND a.act = 'partner.close' AND a.subject = m.code
        AND a.actor = 'user:' || m.closed_by)
    """,
)
