"""What can happen to boxes: they are registered where they are kept, and are where they were scanned last, with all that is in them."""

from sqlmodel import Session, select

from core import clock
from core.codes import new_code
from core.errors import NotFound, Refused
from core.permissions import Actor
from fulfillment.batching.instance import TIERS
from fulfillment.custody.desk import scan_here
from fulfillment.custody.service import Outcome
from fulfillment.custody.upload import box_code
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import Box

MOST = 500  # registered at once


class BoxUnknown(NotFound):
    """No such box in this county."""

    code = "box_unknown"


def register_boxes(session: Session, node: str, count: int, *, tenant_id: int, tier: str = "ambient") -> list[Box]:
    """New boxes, at home at a node. Raises Refused for a node or tier there is none of, or too many at once."""
    home = session.exec(select(Node).where(Node.tenant_id == tenant_id, Node.code == node)).first()
    if home is None:
        raise Refused("没有这个站", field="node")
    if tier not in TIERS or not 1 <= count <= MOST:
        raise Refused("一次登记 1 到 500 个，常温、冷藏或冷冻", field="count")
    now = clock.now()
    boxes = [
        Box(tenant_id=tenant_id, code=new_code("X"), tier=tier, home_id=home.id or 0, place=home.code, since=now) for _ in range(count)
    ]
    session.add_all(boxes)
    session.flush()
    return boxes


def move_box(session: Session, actor: Actor, code: str, target: str, *, key: str) -> Outcome:
    """A box was seen at a node or put on a departure (public codes): a scan like any other; the same key again is the same scan.

    Where it was seen is where it is, wherever it was believed to be, and what is in it with it. Raises BoxUnknown, and Refused
    for a place there is none of or a departure that does not run.
    """
    here = {"tenant_id": actor.tenant_id, "code": target}
    if session.exec(select(Node.id).filter_by(**here)).first() is not None:
        action = "receive"
    elif session.exec(select(Departure.id).filter_by(**here).where(Departure.status != DepartureStatus.CANCELLED)).first() is not None:
        action = "load"
    else:
        raise Refused("没有这个站，或这班车不开", field="target")
    box = box_code(code)
    if not box or session.exec(select(Box.id).where(Box.tenant_id == actor.tenant_id, Box.code == box)).first() is None:
        raise BoxUnknown("没有这个周转箱")
    outcome = scan_here(session, actor, key, action, box, target)
    if outcome.result == "rejected":
        raise Refused(outcome.words)
    return outcome
