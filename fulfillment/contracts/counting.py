"""Pieces follow custody: what the scans of a parcel say now is what is counted for its zones, in the scans' own transaction.

A county without zones pays one small read for it. Rows that say what they said stay as they are.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, insert
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.custody.chain import Chain
from fulfillment.custody.events import on_read
from supply.stations.models import Node

from .models import ContractNode, ContractZone, ZonePiece
from .pieces import Piece, Term, Terms, pieces_of


def terms_of(session: Session, tenant_id: int) -> tuple[Terms, dict[int, str]]:
    """The county's zones by node code, and those nodes' codes by id; one query, empty without zones."""
    rows = session.execute(
        sql_select(
            col(Node.code), col(Node.id), col(ContractZone.id), col(ContractZone.per_piece_fen), col(ContractZone.starts_on),
            col(ContractZone.ends_on),
        )
        .join_from(ContractNode, ContractZone, col(ContractZone.id) == col(ContractNode.zone_id))
        .join(Node, col(Node.id) == col(ContractNode.node_id))
        .where(col(ContractNode.tenant_id) == tenant_id)
    )  # fmt: skip
    terms: dict[str, list[Term]] = defaultdict(list)
    codes: dict[int, str] = {}
    for code, node_id, zone_id, fee_fen, starts_on, ends_on in rows:
        terms[code].append(Term(zone_id, node_id, fee_fen, starts_on, ends_on))
        codes[node_id] = code
    return terms, codes


@on_read
def count_pieces(
    session: Session, parcels: Sequence[Parcel], consignments: Mapping[int, Consignment], chains: Mapping[str, Chain]
) -> None:  # fmt: skip
    tenant_id = parcels[0].tenant_id
    terms, codes = terms_of(session, tenant_id)
    if not terms:
        return
    wanted = {
        p.code: pieces_of(
            chains[p.code].held, terms, collected_at=codes.get(consignments[p.consignment_id].to_node_id or 0, ""),
            is_delivered=chains[p.code].status == ParcelStatus.DELIVERED,
        )
        for p in parcels
    }  # fmt: skip
    kept = _kept(session, wanted)
    changed = {code for code, pieces in wanted.items() if set(pieces) != kept.get(code, set())}
    if gone := changed & kept.keys():
        session.execute(delete(ZonePiece).where(col(ZonePiece.parcel_code).in_(gone)).execution_options(synchronize_session=False))
    rows = [{"tenant_id": tenant_id, "parcel_code": code, **piece._asdict()} for code in sorted(changed) for piece in wanted[code]]
    if rows:
        session.execute(insert(ZonePiece.__table__), rows)  # type: ignore[attr-defined]


def _kept(session: Session, codes: Iterable[str]) -> dict[str, set[Piece]]:
    kept: dict[str, set[Piece]] = defaultdict(set)
    for row in session.exec(select(ZonePiece).where(col(ZonePiece.parcel_code).in_(codes))):
        kept[row.parcel_code].add(as_piece(row))
    return kept


def as_piece(row: ZonePiece) -> Piece:
    return Piece(row.zone_id, row.direction, row.node_id, row.day, row.handed_at, row.scan_event, row.fee_fen)
