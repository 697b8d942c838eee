"""What other slices want to hear of, in the same transaction: custody was read anew."""

from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session

from fulfillment.consignments.models import Consignment, Parcel

from .chain import Chain

Followed = Callable[[Session, Sequence[Parcel], Mapping[str, Chain], Mapping[int, Consignment]], None]
_followed: list[Followed] = []


def on_followed(listener: Followed) -> Followed:
    """Call `listener(session, parcels, chains, consignments)` with parcels of a county whose custody was rebuilt, chains by code."""
    if listener not in _followed:
        _followed.append(listener)
    return listener


def followed(session: Session, parcels: Sequence[Parcel], chains: Mapping[str, Chain], consignments: Mapping[int, Consignment]) -> None:
    for listener in _followed if parcels else ():
        listener(session, parcels, chains, consignments)
