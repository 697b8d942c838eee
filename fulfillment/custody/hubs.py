"""The hubs where somebody sorts."""

from sqlmodel import Session, col, select

from core.permissions import Actor
from supply.stations.models import Node, NodeKind


def hubs_of(session: Session, actor: Actor) -> list[Node]:
    """In the county's order: all of them for a dispatcher and for a sorter of none by name, else a sorter's own."""
    nodes = session.exec(select(Node).where(Node.tenant_id == actor.tenant_id, Node.kind == NodeKind.HUB).order_by(col(Node.id))).all()
    own = actor.scopes("sorter")
    return [node for node in nodes if node.code in own or not own or actor.has("dispatcher")]
