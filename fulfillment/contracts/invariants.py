"""I6: what is counted for a zone is what its parcels' custody says, once each and in a zone that was in force."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core.invariants import invariant, rule
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.custody.chain import Held
from fulfillment.custody.models import Custody

from .counting import as_piece, terms_of
from .models import ContractNode, ZonePiece
from .pieces import Piece, pieces_of

A_BATCH = 500


@invariant("I6", "a piece of a contracted zone is a hand-over of its parcel", tables=("zone_piece", "contract_node", "custody", "parcel"))
def pieces_are_read_from_custody(session: Session) -> Iterable[str]:
    kept: dict[str, set[Piece]] = defaultdict(set)
    for row in session.exec(select(ZonePiece)):
        kept[row.parcel_code].add(as_piece(row))
    for tenant_id in session.exec(select(ContractNode.tenant_id).distinct()).all():
        terms, codes = terms_of(session, tenant_id)
        rows = session.execute(
            sql_select(col(Parcel.code), col(Parcel.status), col(Consignment.to_node_id))
            .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
            .where(col(Parcel.tenant_id) == tenant_id)
            .order_by(col(Parcel.id))
        ).all()
        for start in range(0, len(rows), A_BATCH):
            batch = rows[start : start + A_BATCH]
            held = _held(session, [code for code, *_ in batch])
            for code, status, to_node_id in batch:
                is_delivered = status == ParcelStatus.DELIVERED
                wanted = pieces_of(held[code], terms, collected_at=codes.get(to_node_id or 0, ""), is_delivered=is_delivered)
                if (counted := kept.pop(code, set())) != set(wanted):
                    yield f"{code}: counted {_told(counted)}, its custody says {_told(wanted)}"
    yield from (f"{code}: counted {_told(pieces)}, its county has no such parcel or zone" for code, pieces in kept.items())


def _held(session: Session, codes: list[str]) -> dict[str, list[Held]]:
    held: dict[str, list[Held]] = defaultdict(list)
    for c in session.exec(select(Custody).where(col(Custody.parcel_code).in_(codes)).order_by(col(Custody.began_at), col(Custody.id))):
        held[c.parcel_code].append(Held(c.holder_kind, c.holder_code, c.giver_code, c.scan_event, c.began_at, c.ended_at))
    return held


def _told(pieces: Iterable[Piece]) -> str:
    return ", ".join(sorted(f"{p.direction} of zone {p.zone_id} on {p.day} for {p.fee_fen}" for p in pieces)) or "nothing"


rule(
    "I6",
    "a node is one firm's on any day",
    broken="""
    SELECT n.code, a.code, b.code FROM contract_node x
    JOIN contract_node y ON y.node_id = x.node_id AND y.zone_id > x.zone_id
    JOIN contract_zone a ON a.id = x.zone_id
    JOIN contract_zone b ON b.id = y.zone_id
    JOIN node n ON n.id = x.node_id
    WHERE (a.ends_on IS NULL OR b.starts_on IS NULL OR b.starts_on <= a.ends_on)
      AND (b.ends_on IS NULL OR a.starts_on IS NULL OR a.starts_on <= b.ends_on)
    """,
)
