"""A consignment stands where its least advanced parcel stands."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core.moving import Step, move_all
from core.outbox import emit_all

from .events import handled, progressed
from .models import CONSIGNMENT, PARCEL, Consignment, Parcel

ORDER = ("expected", "packed", "moving", "at_hub", "on_trunk", "delivered")
GONE = ("returned", "lost")
DATED = ("packed", "delivered")  # states whose moment the row keeps, as `packed_at`


class Standing(NamedTuple):
    """Where a parcel's scans say it is, and since when."""

    parcel: Parcel
    status: str
    since: datetime | None


def status_of(parcels: Iterable[str]) -> str:
    """The consignment's status from its parcels'. What was lost or returned counts only when nothing else is left."""
    left = [p for p in parcels if p != "cancelled"]
    if not left:
        return "cancelled"
    standing = [p for p in left if p not in GONE]
    if standing:
        least = min(standing, key=ORDER.index)
        return "awaiting_pack" if least == "expected" else least
    return "returned" if "returned" in left else "lost"


def move_parcels(session: Session, standings: Iterable[Standing], *, by: str) -> list[Standing]:
    """Put locked parcels of one county where their scans say they are, in a few statements however many.

    Returns those that moved: not who stands there already, nor whose road has ended.
    """
    ways: dict[str, list[Standing]] = defaultdict(list)
    for standing in standings:
        if standing.parcel.status != standing.status and PARCEL.allows(standing.parcel.status, standing.status):
            ways[standing.status].append(standing)
    for target, moving in sorted(ways.items()):
        parcels = [each.parcel for each in moving]
        tenant_id = parcels[0].tenant_id
        steps = [Step(each.parcel.id or 0, each.parcel.code, each.parcel.status, values=_dated(target, each.since)) for each in moving]
        move_all(session, Parcel, "status", PARCEL, steps, target, tenant_id=tenant_id, by=by)
        if target == "delivered":
            emit_all(session, "parcel.delivered", {p.code: {"parcel_code": p.code} for p in parcels}, tenant_id=tenant_id)
        if target in DATED:
            handled(session, parcels, target)
    return [each for moving in ways.values() for each in moving]


def _dated(target: str, at: datetime | None) -> dict[str, datetime | None]:
    return {f"{target}_at": at} if target in DATED else {}


def roll_up(session: Session, consignments: Sequence[Consignment], *, by: str, at: Mapping[int, datetime]) -> None:
    """Let consignments of one county follow their parcels and tell the listeners; `at` says by id when they got there.

    The caller has locked the consignments before their parcels: the last of two that move parcels of one at once sees both.
    """
    session.flush()
    parcels: dict[int, list[str]] = defaultdict(list)
    rows = select(col(Parcel.consignment_id), col(Parcel.status)).where(col(Parcel.consignment_id).in_([c.id for c in consignments]))
    for consignment_id, status in session.exec(rows):
        parcels[consignment_id].append(status)
    ways: dict[str, list[Consignment]] = defaultdict(list)
    for consignment in consignments:
        target = status_of(parcels[consignment.id or 0])
        if target != consignment.status and CONSIGNMENT.allows(consignment.status, target):
            ways[target].append(consignment)
    for target, moving in sorted(ways.items()):
        steps = [Step(c.id or 0, c.code, c.status, values=_dated(target, at[c.id or 0])) for c in moving]
        move_all(session, Consignment, "status", CONSIGNMENT, steps, target, tenant_id=moving[0].tenant_id, by=by)
    progressed(session, [c for moving in ways.values() for c in moving])
