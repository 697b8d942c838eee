"""A parcel's chain from the scans that are kept of it: what uploads write and what the check compares."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from .chain import Chain, Seen, read_chain
from .models import Scan
from .places import Places, read_places


def scans_of(session: Session, tenant_id: int, codes: Collection[str]) -> dict[str, list[Seen]]:
    """Every scan kept of these parcels."""
    seen: dict[str, list[Seen]] = defaultdict(list)
    columns = [col(c) for c in (Scan.parcel_code, Scan.event_id, Scan.device, Scan.seq, Scan.action, Scan.place, Scan.occurred_at)]
    for code, *scan in session.execute(sql_select(*columns).where(col(Scan.tenant_id) == tenant_id, col(Scan.parcel_code).in_(codes))):
        seen[code].append(Seen(*scan))
    return seen


def read_chains(seen: Mapping[str, Sequence[Seen]], codes: Collection[str], places: Places) -> dict[str, Chain]:
    """The chain of each parcel; `places` knows every place its scans name."""
    return {code: read_chain(seen.get(code, ()), hubs=places.hubs, road_ends=places.road_ends) for code in codes}


def kept_chains(session: Session, tenant_id: int, codes: Collection[str]) -> dict[str, Chain]:
    """The chains of these parcels as everything kept says."""
    seen = scans_of(session, tenant_id, codes)
    places = read_places(session, tenant_id, {scan.place for scans in seen.values() for scan in scans} - {""})
    return read_chains(seen, codes, places)
