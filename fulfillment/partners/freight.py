"""What buyers paid for the carriage of parcels: asked of whoever sold them, registered by an upper floor."""

from collections.abc import Callable, Collection

from sqlmodel import Session

Freight = Callable[[Session, int, Collection[str]], dict[str, int]]

_told: list[Freight] = []


def tells_freight(source: Freight) -> Freight:
    """`source(session, tenant, parcel codes)` gives the fen of freight that each parcel it knows has paid."""
    if source not in _told:
        _told.append(source)
    return source


def freight_of(session: Session, tenant_id: int, parcels: Collection[str]) -> dict[str, int]:
    """Fen by parcel; one that nobody knows has paid none."""
    paid: dict[str, int] = {}
    if parcels:
        for source in _told:
            paid |= source(session, tenant_id, parcels)
    return paid
