"""A consignment stands where its least advanced parcel stands, and was delivered when the last of them was.

Both are read from the parcels as they are, so it does not matter in which order their scans arrived.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, update
from sqlmodel import Session, SQLModel, col, select

from core.moving import Step, move_all
from core.outbox import emit_all
from core.status import refresh

from .events import dated, handled, progressed
from .models import CONSIGNMENT, PARCEL, Consignment, Parcel
from .places import free_places

UNDER_WAY = ("expected", "packed", "moving", "at_hub", "on_trunk")  # least advanced first
ENDS = ("returned", "lost", "delivered")  # what one of several parcels makes of the whole, delivery last
GONE = ("delivered", "lost")  # needs no place on what is still to run
DATED = ("packed", "delivered")  # states whose moment the row keeps, as `packed_at`


class Standing(NamedTuple):
    """Where a parcel's scans say it is, and since when."""

    parcel: Parcel
    status: str
    since: datetime | None


def status_of(parcels: Iterable[str]) -> str:
    """The consignment's status from its parcels'.

    While one is under way the least advanced of those counts. Else one that is lost or came back says so for the whole: only
    when every parcel was delivered is the consignment.
    """
    left = [p for p in parcels if p != "cancelled"]
    under_way = [p for p in left if p in UNDER_WAY]
    if under_way:
        least = min(under_way, key=UNDER_WAY.index)
        return "awaiting_pack" if least == "expected" else least
    return next((end for end in ENDS if end in left), "cancelled")


def move_parcels(session: Session, standings: Iterable[Standing], *, by: str) -> list[Standing]:
    """Put locked parcels of one county where their scans say they are, in a few statements however many.

    Returns those that moved, and those delivered already whose scans now say another moment: not who stands there already, nor
    whose road has ended.
    """
    ways: dict[str, list[Standing]] = defaultdict(list)
    redated: list[Standing] = []
    for standing in standings:
        here = standing.parcel.status
        if here != standing.status and PARCEL.allows(here, standing.status):
            ways[standing.status].append(standing)
        elif here == standing.status == "delivered" and standing.since not in (None, standing.parcel.delivered_at):
            redated.append(standing)
    for target, moving in sorted(ways.items()):
        parcels = [each.parcel for each in moving]
        tenant_id = parcels[0].tenant_id
        steps = [Step(each.parcel.id or 0, each.parcel.code, each.parcel.status, values=_dated(target, each.since)) for each in moving]
        move_all(session, Parcel, "status", PARCEL, steps, target, tenant_id=tenant_id, by=by)
        if target == "delivered":
            emit_all(session, "parcel.delivered", {p.code: {"parcel_code": p.code} for p in parcels}, tenant_id=tenant_id)
        if target in DATED:
            handled(session, parcels, target)
        if target in GONE:
            free_places(session, [each.parcel.id or 0 for each in moving], tenant_id=tenant_id, only_to_come=True)
    _date_anew(session, Parcel, {each.parcel.id or 0: each.since for each in redated if each.since})
    return [each for moving in ways.values() for each in moving] + redated


def _dated(target: str, at: datetime | None) -> dict[str, datetime | None]:
    return {f"{target}_at": at} if target in DATED else {}


def _date_anew(session: Session, model: type[SQLModel], moments: Mapping[int, datetime]) -> None:
    """Correct when rows were delivered, by id; no move, so no event."""
    if not moments:
        return
    table: Any = model.__table__  # type: ignore[attr-defined]
    correct = update(table).where(table.c.id == bindparam("row")).values(delivered_at=bindparam("moment"))
    session.connection().execute(correct, [{"row": row, "moment": at} for row, at in sorted(moments.items())])
    for row, at in moments.items():
        refresh(session, model, row, {"delivered_at": at})


def roll_up(session: Session, consignments: Sequence[Consignment], *, by: str) -> None:
    """Let consignments of one county follow their parcels and tell the listeners.

    The caller has locked the consignments before their parcels: the last of two that move parcels of one at once sees both.
    """
    session.flush()
    parcels: dict[int, list[tuple[str, datetime | None, datetime | None]]] = defaultdict(list)
    rows = select(col(Parcel.consignment_id), col(Parcel.status), col(Parcel.packed_at), col(Parcel.delivered_at)).where(
        col(Parcel.consignment_id).in_([c.id for c in consignments])
    )
    for consignment_id, status, packed, delivered in session.exec(rows):
        parcels[consignment_id].append((status, packed, delivered))
    ways: dict[str, list[tuple[Consignment, datetime | None]]] = defaultdict(list)
    redated: dict[int, datetime] = {}
    for consignment in consignments:
        own = parcels[consignment.id or 0]
        target = status_of(status for status, _, _ in own)
        moment = _last([delivered if target == "delivered" else packed for status, packed, delivered in own if status != "cancelled"])
        if target != consignment.status and CONSIGNMENT.allows(consignment.status, target):
            ways[target].append((consignment, moment))
        elif target == consignment.status == "delivered" and moment and moment != consignment.delivered_at:
            redated[consignment.id or 0] = moment
    for target, moving in sorted(ways.items()):
        steps = [Step(c.id or 0, c.code, c.status, values=_dated(target, moment)) for c, moment in moving]
        move_all(session, Consignment, "status", CONSIGNMENT, steps, target, tenant_id=moving[0][0].tenant_id, by=by)
    _date_anew(session, Consignment, redated)
    progressed(session, [c for moving in ways.values() for c, _ in moving])
    dated(session, [c for c, _ in ways["delivered"]] + [c for c in consignments if c.id in redated])


def _last(moments: Iterable[datetime | None]) -> datetime | None:
    return max((m for m in moments if m is not None), default=None)
