"""A county's contracted zones come into the installation, after its nodes."""

from sqlmodel import Session

from supply.counties.loading import ids_by, insert_rows
from supply.counties.profile_rows import Profile
from supply.stations.models import Node

from .models import ContractNode, ContractZone


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
