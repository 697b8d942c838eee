"""A consignment stands where its least advanced parcel stands."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from core.outbox import emit
from core.status import move

from .events import handled, progressed
from .models import CONSIGNMENT, PARCEL, Consignment, Parcel

ORDER = ("expected", "packed", "moving", "at_hub", "on_trunk", "delivered")
GONE = ("returned", "lost")


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


def move_parcel(session: Session, parcel: Parcel, target: str, *, by: str, at: datetime | None = None) -> bool:
    """Put a parcel where its scans say it is; False when it stands there already or its road has ended."""
    if parcel.status == target or not PARCEL.allows(parcel.status, target):
        return False
    values = {f"{target}_at": at} if target in ("packed", "delivered") else {}
    move(
        session, Parcel, parcel.id or 0, "status", PARCEL, parcel.status, target,
        tenant_id=parcel.tenant_id, subject=parcel.code, by=by, values=values,
    )  # fmt: skip
    if target == "delivered":
        emit(session, "parcel.delivered", tenant_id=parcel.tenant_id, key=parcel.code, payload={"parcel_code": parcel.code})
    if target in ("packed", "delivered"):
        handled(session, parcel, target)
    return True


def roll_up(session: Session, consignment_ids: Collection[int], *, by: str, at: datetime) -> list[Consignment]:
    """Let consignments follow their parcels and tell the listeners; returns those that moved."""
    session.flush()
    parcels: dict[int, list[str]] = {}
    rows = select(col(Parcel.consignment_id), col(Parcel.status)).where(col(Parcel.consignment_id).in_(consignment_ids))
    for consignment_id, status in session.exec(rows):
        parcels.setdefault(consignment_id, []).append(status)
    moved = []
    for consignment in session.exec(select(Consignment).where(col(Consignment.id).in_(consignment_ids)).order_by(col(Consignment.id))):
        target = status_of(parcels[consignment.id or 0])
        if target == consignment.status or not CONSIGNMENT.allows(consignment.status, target):
            continue
        values = {"packed": {"packed_at": at}, "delivered": {"delivered_at": at}}.get(target, {})
        move(
            session, Consignment, consignment.id or 0, "status", CONSIGNMENT, consignment.status, target,
            tenant_id=consignment.tenant_id, subject=consignment.code, by=by, values=values,
        )  # fmt: skip
        progressed(session, consignment)
        moved.append(consignment)
    return moved
