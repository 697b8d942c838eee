"""What can happen to boxes: they are registered where they are kept, and are where they were scanned last."""

from collections.abc import Iterable

from sqlmodel import Session, select

from core import clock
from core.codes import new_code, normalise_code
from core.errors import NotFound, Refused
from fulfillment.batching.instance import TIERS
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import Box, BoxMove

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


def move_box(session: Session, code: str, target: str, *, tenant_id: int, scan_id: str, by: str) -> BoxMove:
    """A box was seen at a node or put on a departure (public codes); the same scan again is the first one's answer.

    Where it was seen is where it is, wherever it was believed to be. Raises BoxUnknown, and Refused for a place there is none
    of or a departure that does not run.
    """
    box = session.exec(select(Box).where(Box.tenant_id == tenant_id, Box.code == normalise_code(code)).with_for_update()).first()
    if box is None:
        raise BoxUnknown("没有这个周转箱")
    done = session.exec(select(BoxMove).where(BoxMove.tenant_id == tenant_id, BoxMove.scan_id == scan_id)).first()
    if done is not None:
        return done
    if not _is_place(session, tenant_id, target):
        raise Refused("没有这个站，或这班车不开", field="target")
    now = clock.now()
    move = BoxMove(tenant_id=tenant_id, box_id=box.id or 0, scan_id=scan_id, origin=box.place, target=target, by=by, moved_at=now)
    box.place, box.since = target, now
    session.add_all([box, move])
    session.flush()
    return move


def move_boxes(session: Session, codes: Iterable[str], target: str, *, tenant_id: int, scan_id: str, by: str) -> list[BoxMove]:
    """All of one scan, or none."""
    each = dict.fromkeys(normalise_code(code) for code in codes)
    return [move_box(session, code, target, tenant_id=tenant_id, scan_id=f"{scan_id}:{code}", by=by) for code in each]


def _is_place(session: Session, tenant_id: int, code: str) -> bool:
    node = select(Node.id).where(Node.tenant_id == tenant_id, Node.code == code)
    run = select(Departure.id).where(
        Departure.tenant_id == tenant_id, Departure.code == code, Departure.status != DepartureStatus.CANCELLED
    )
    return session.exec(node).first() is not None or session.exec(run).first() is not None
