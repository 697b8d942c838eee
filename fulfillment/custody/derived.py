"""A parcel's chain from the scans that are kept of it: what uploads write and what the check compares."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.models import Disruption

from .bounds import read_bounds
from .chain import Chain, Seen, read_chain
from .models import Action, Scan
from .places import Places, read_places
from .times import SKEWED

OF_SCAN = ("parcel_code", "event_id", "device", "seq", "action", "place", "occurred_at", "device_at", "received_at", "flags")


def scans_of(session: Session, tenant_id: int, codes: Collection[str]) -> dict[str, list[Seen]]:
    """Every scan kept of these parcels."""
    seen: dict[str, list[Seen]] = defaultdict(list)
    query = sql_select(*(getattr(Scan, name) for name in OF_SCAN))
    for code, *scan, flags in session.execute(query.where(col(Scan.tenant_id) == tenant_id, col(Scan.parcel_code).in_(codes))):
        seen[code].append(Seen._make((*scan, flags == SKEWED)))
    return seen


def read_chains(
    session: Session,
    seen: Mapping[str, Sequence[Seen]],
    parcels: Collection[Parcel],
    consignments: Mapping[int, Consignment],
    places: Places,
    *,
    tenant_id: int,
) -> dict[str, Chain]:
    """The chain of each parcel by code; `places` knows every place its scans name."""
    bounds = read_bounds(session, parcels, consignments, places, tenant_id=tenant_id)
    return {p.code: read_chain(seen.get(p.code, ()), hubs=places.hubs, road_ends=places.road_ends, bound=bounds[p.code]) for p in parcels}


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
    seen = {
        code: [scan for scan in scans if scan.action != Action.DELIVER or scan.event_id not in doubted]
        for code, scans in scans_of(session, tenant_id, codes).items()
    }
    places = read_places(session, tenant_id, {scan.place for scans in seen.values() for scan in scans} - {""})
    return read_chains(session, seen, parcels, {c.id or 0: c for c in whole}, places, tenant_id=tenant_id)
