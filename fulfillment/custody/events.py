"""What other slices want to hear of, in the same transaction: registered by `shop.wiring`, called once custody is read anew."""

from collections.abc import Callable, Mapping, Sequence

from sqlmodel import Session

from fulfillment.consignments.models import Consignment, Parcel

from .chain import Chain

Read = Callable[[Session, Sequence[Parcel], Mapping[int, Consignment], Mapping[str, Chain]], None]

_read: list[Read] = []


def on_read(listener: Read) -> Read:
    """Call `listener(session, parcels, consignments by id, chains by code)` with locked parcels of a county whose scans were read anew."""
    if listener not in _read:
        _read.append(listener)
    return listener


def was_read(
    session: Session, parcels: Sequence[Parcel], consignments: Mapping[int, Consignment], chains: Mapping[str, Chain]
) -> None:  # fmt: skip
    for listener in _read:
        listener(session, parcels, consignments, chains)
