"""A county's contracts and contracted zones come into the installation, after its nodes."""

from sqlmodel import Session

from supply.counties.loading import ids_by, insert_rows
from supply.counties.profile_rows import Profile
from supply.stations.models import Node

from .models import CarriageContract, ContractNode, ContractZone


def load_contracts(session: Session, profile: Profile, tenant_id: int) -> None:
    zones = [
        {
            "code": z.code, "name": z.name, "operator": z.operator, "per_piece_fen": z.per_piece_fen, "starts_on": z.starts,
            "ends_on": z.ends, "position": position,
        }
        for position, z in enumerate(profile.contract_zones)
    ]  # fmt: skip
    insert_rows(session, ContractZone, tenant_id, zones)
    ids, nodes = ids_by(session, ContractZone, tenant_id), ids_by(session, Node, tenant_id)
    served = [{"zone_id": ids[z.code], "node_id": nodes[node]} for z in profile.contract_zones for node in z.nodes]
    insert_rows(session, ContractNode, tenant_id, served)
    carriage = [
        {
            "code": c.code, "firm": c.firm, "line": c.line or "", "from_node": c.from_node or "", "to_node": c.to_node or "",
            "node": c.node or "", "kind": c.kind or "", "basis": c.basis, "price": c.price, "tiers": [list(tier) for tier in c.tiers],
            "minimum_fen": c.minimum_fen, "cap_fen": c.cap_fen, "starts_on": c.starts, "ends_on": c.ends, "before_fen": c.before_fen,
            "position": position,
        }
        for position, c in enumerate(profile.contracts)
    ]  # fmt: skip
    insert_rows(session, CarriageContract, tenant_id, carriage)
