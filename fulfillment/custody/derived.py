"""A parcel's chain from the scans that are kept of it and of its boxes: what uploads write and what the check compares."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.models import Disruption

from .bounds import read_bounds
from .boxed import BoxScan, Track, read_tracks
from .chain import Chain, Seen, read_chain
from .models import Action, Scan
from .places import Places, read_places
from .times import SKEWED

OF_SCAN = ("parcel_code", "event_id", "device", "seq", "action", "place", "occurred_at", "device_at", "received_at", "flags", "box")


@dataclass
class Scans:
    """What is kept: of parcels by themselves, of boxes, and which boxes each parcel was ever put into."""

    own: dict[str, list[Seen]] = field(default_factory=lambda: defaultdict(list))
    of_box: dict[str, list[BoxScan]] = field(default_factory=dict)
    boxes_of: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, parcel: str, seen: Seen) -> None:
        """A scan of a box belongs to the box; a parcel put into it needs the box's road."""
        if not seen.box:
            self.own[parcel].append(seen)
            return
        self.of_box.setdefault(seen.box, []).append(BoxScan(seen, parcel))
        if parcel:
            self.boxes_of[parcel].add(seen.box)

    def places(self) -> Iterator[str]:
        yield from (scan.place for scans in self.own.values() for scan in scans)
        yield from (scan.seen.place for scans in self.of_box.values() for scan in scans)


def scans_of(session: Session, tenant_id: int, codes: Collection[str], boxes: Collection[str] = ()) -> Scans:
    """Every scan kept of these parcels, of these boxes, and of the boxes these parcels were ever put into; one query, two with boxes."""
    found = Scans()
    query = sql_select(*(getattr(Scan, name) for name in OF_SCAN)).where(col(Scan.tenant_id) == tenant_id)
    named = set(boxes)
    for code, *scan, flags, box in session.execute(query.where(col(Scan.parcel_code).in_(codes))):
        if box:
            named.add(box)
        else:
            found.add(code, Seen._make((*scan, flags == SKEWED, "", "")))
    if named:
        for code, *scan, flags, box in session.execute(query.where(col(Scan.box).in_(named))):
            found.add(code, Seen._make((*scan, flags == SKEWED, box, "")))
    return found


def read_chains(
    session: Session,
    scans: Scans,
    parcels: Collection[Parcel],
    consignments: Mapping[int, Consignment],
    places: Places,
    tracks: Mapping[str, Track],
    *,
    tenant_id: int,
) -> dict[str, Chain]:
    """The chain of each parcel by code; `places` and `tracks` know every place and box its scans name."""
    bounds = read_bounds(session, parcels, consignments, places, tenant_id=tenant_id)
    return {
        p.code: read_chain(
            scans.own.get(p.code, ()), hubs=places.hubs, road_ends=places.road_ends, bound=bounds[p.code],
            moves=[move for box in sorted(scans.boxes_of.get(p.code, ())) if box in tracks for move in tracks[box].moves_of(p.code)],
        )
        for p in parcels
    }  # fmt: skip


def kept_chains(session: Session, tenant_id: int, codes: Collection[str]) -> dict[str, Chain]:
    """The chains of these parcels as everything kept says.

    A delivery that was not believed when it was told is left out while its doubt is open: a plan made since may bind the parcel
    for that very place, and only the next scan reads it anew.
    """
    parcels = session.exec(select(Parcel).where(Parcel.tenant_id == tenant_id, col(Parcel.code).in_(codes))).all()
    whole = session.exec(select(Consignment).where(col(Consignment.id).in_({p.consignment_id for p in parcels})))
    doubted = set(
        session.exec(
            select(Disruption.cause).where(
                Disruption.tenant_id == tenant_id, Disruption.kind == "wrong_place", col(Disruption.subject_code).in_(codes),
                col(Disruption.closed_at).is_(None),
            )
        )
    )  # fmt: skip
    scans = scans_of(session, tenant_id, codes)
    for code, own in scans.own.items():
        scans.own[code] = [scan for scan in own if scan.action != Action.DELIVER or scan.event_id not in doubted]
    places = read_places(session, tenant_id, set(scans.places()) - {""})
    tracks = read_tracks(session, scans.of_box, places, tenant_id=tenant_id)
    return read_chains(session, scans, parcels, {c.id or 0: c for c in whole}, places, tracks, tenant_id=tenant_id)


def kept_tracks(session: Session, tenant_id: int, boxes: Collection[str]) -> dict[str, Track]:
    """The roads of these boxes as everything kept says."""
    scans = scans_of(session, tenant_id, (), boxes)
    places = read_places(session, tenant_id, set(scans.places()) - {""})
    return read_tracks(session, {code: scans.of_box.get(code, []) for code in boxes}, places, tenant_id=tenant_id)
