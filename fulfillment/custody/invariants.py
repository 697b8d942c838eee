"""I6: one open custody at most, an unbroken chain of givers and receivers, none open after delivery."""

from collections.abc import Iterable
from itertools import pairwise

from sqlmodel import Session, col, select

from core.invariants import invariant
from fulfillment.consignments.models import Parcel, ParcelStatus

from .models import Custody


@invariant("I6", "each hand-over's receiver is the next one's giver", tables=("custody",))
def chains_are_unbroken(session: Session) -> Iterable[str]:
    rows = session.exec(select(Custody).order_by(col(Custody.parcel_code), col(Custody.began_at), col(Custody.id))).all()
    for before, after in pairwise(rows):
        if before.parcel_code != after.parcel_code:
            continue
        if before.ended_at is None or before.ended_at > after.began_at or after.giver_code != before.holder_code:
            yield f"{after.parcel_code}: {before.holder_code} then {after.giver_code} → {after.holder_code}"


@invariant("I6", "a delivered or lost parcel is in nobody's hands, a packed one in somebody's", tables=("custody", "parcel"))
def custody_ends_with_delivery(session: Session) -> Iterable[str]:
    held = select(Custody.parcel_code).where(col(Custody.ended_at).is_(None))
    ended = col(Parcel.status).in_((ParcelStatus.DELIVERED, ParcelStatus.LOST, ParcelStatus.EXPECTED, ParcelStatus.CANCELLED))
    return session.exec(select(Parcel.code).where((ended & col(Parcel.code).in_(held)) | (~ended & col(Parcel.code).not_in(held)))).all()
