"""Contracted zones of the small county, as rows."""

from datetime import date

from sqlmodel import Session

from fulfillment.contracts.models import ContractNode, ContractZone
from supply.stations.models import Node, Station
from tests.county import SmallCounty


def contract(
    session: Session, county: SmallCounty, operator: str, *served: Station | Node, fee_fen: int = 60, starts: date | None = None,
    ends: date | None = None,
) -> ContractZone:  # fmt: skip
    """One zone of a firm, named after its first node."""
    codes = [node.code for node in served]
    zone = ContractZone(
        tenant_id=county.id, code=f"{codes[0]}-z{starts or ''}", name=f"{served[0].name}片", operator=operator, per_piece_fen=fee_fen,
        starts_on=starts, ends_on=ends,
    )  # fmt: skip
    session.add(zone)
    session.flush()
    ids = [node.node_id if isinstance(node, Station) else node.id or 0 for node in served]
    session.add_all(ContractNode(zone_id=zone.id or 0, node_id=node_id, tenant_id=county.id) for node_id in ids)
    session.flush()
    return zone
