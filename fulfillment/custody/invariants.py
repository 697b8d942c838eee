"""I6: custody is what the scans say: one open at most, an unbroken chain of givers and receivers, none open after delivery.

A turnover box is where its scans say, and whoever holds a parcel that lies in it has the box.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby, pairwise

from sqlmodel import Session, col, select

from core.invariants import invariant, rule
from fulfillment.boxes.models import Box
from fulfillment.consignments.models import Parcel, ParcelStatus

from .chain import Held
from .derived import kept_chains, kept_tracks
from .models import Custody

NOT_PACKED = (ParcelStatus.EXPECTED, ParcelStatus.CANCELLED)
A_BATCH = 500


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


@invariant("I6", "custody and the parcel's state are what its scans say", tables=("scan", "custody", "parcel"))
def custody_is_read_from_scans(session: Session) -> Iterable[str]:
    rows = session.exec(select(col(Parcel.tenant_id), col(Parcel.code), col(Parcel.status)).order_by(col(Parcel.tenant_id), col(Parcel.id)))
    for tenant_id, group in groupby(rows.all(), key=lambda row: row[0]):
        parcels = {code: status for _, code, status in group}
        for start in range(0, len(parcels), A_BATCH):
            codes = list(parcels)[start : start + A_BATCH]
            kept = _kept(session, codes)
            for code, chain in kept_chains(session, tenant_id, codes).items():
                if chain.held != kept.get(code, []):
                    yield f"{code}: held by {_path(kept.get(code, []))}, its scans say {_path(chain.held)}"
                elif parcels[code] not in (NOT_PACKED if not chain.since else (chain.status,)):
                    yield f"{code}: {parcels[code]}, its scans say {chain.status if chain.since else 'nothing'}"


def _kept(session: Session, codes: list[str]) -> dict[str, list[Held]]:
    kept: dict[str, list[Held]] = defaultdict(list)
    for c in session.exec(select(Custody).where(col(Custody.parcel_code).in_(codes)).order_by(col(Custody.began_at), col(Custody.id))):
        kept[c.parcel_code].append(Held(c.holder_kind, c.holder_code, c.giver_code, c.scan_event, c.began_at, c.ended_at, c.box))
    return kept


def _path(held: Iterable[Held]) -> str:
    return " → ".join(f"{h.code}{f' in {h.box}' if h.box else ''}{'' if h.ended else ' (now)'}" for h in held) or "nobody"


@invariant("I6", "a turnover box is where its scans say", tables=("box", "scan"))
def boxes_are_where_they_were_scanned(session: Session) -> Iterable[str]:
    rows = session.exec(select(col(Box.tenant_id), col(Box.code), col(Box.place)).order_by(col(Box.tenant_id), col(Box.id)))
    for tenant_id, group in groupby(rows.all(), key=lambda row: row[0]):
        places = {code: place for _, code, place in group}
        for start in range(0, len(places), A_BATCH):
            for code, track in kept_tracks(session, tenant_id, list(places)[start : start + A_BATCH]).items():
                if track.place != places[code]:
                    yield f"{code}: at {places[code]}, its scans say {track.place}"


rule(
    "I6",
    "whoever holds a parcel in a turnover box has the box",
    broken="""
    SELECT c.parcel_code, c.box, c.holder_code FROM custody c WHERE c.ended_at IS NULL AND c.box <> ''
        AND NOT EXISTS (SELECT 1 FROM box b WHERE b.code = c.box AND b.tenant_id = c.tenant_id AND b.place = c.holder_code)
    """,
)


rule(
    "I6",
    "scans and custody are of parcels and boxes that exist",
    broken="""
    SELECT s.parcel_code FROM scan s WHERE (s.parcel_code <> '' OR s.box = '')
        AND NOT EXISTS (SELECT 1 FROM parcel p WHERE p.code = s.parcel_code AND p.tenant_id = s.tenant_id)
    UNION
    SELECT s.box FROM scan s WHERE s.box <> '' AND NOT EXISTS (SELECT 1 FROM box b WHERE b.code = s.box AND b.tenant_id = s.tenant_id)
    UNION
    SELECT c.parcel_code FROM custody c WHERE NOT EXISTS (SELECT 1 FROM parcel p WHERE p.code = c.parcel_code AND p.tenant_id = c.tenant_id)
    """,
)
