"""What other slices want to hear of, in the same transaction: registered by `shop.wiring`, called by the verbs here."""

from collections.abc import Callable, Sequence

from sqlmodel import Session

from .models import Consignment, Parcel

Progress = Callable[[Session, Sequence[Consignment]], None]
Handled = Callable[[Session, Sequence[Parcel], str], None]

_progress: list[Progress] = []
_dated: list[Progress] = []
_handled: list[Handled] = []


def on_progress(listener: Progress) -> Progress:
    """Call `listener(session, consignments)` with those of a county whose status has just changed, all at once."""
    if listener not in _progress:
        _progress.append(listener)
    return listener


def on_dated(listener: Progress) -> Progress:
    """Call `listener(session, consignments)` with delivered ones of a county once it is known when, and again when scans correct it."""
    if listener not in _dated:
        _dated.append(listener)
    return listener


def on_handled(listener: Handled) -> Handled:
    """Call `listener(session, parcels, deed)` once parcels of a county are `packed` or `delivered`: they earn handling."""
    if listener not in _handled:
        _handled.append(listener)
    return listener


def progressed(session: Session, consignments: Sequence[Consignment]) -> None:
    for listener in _progress if consignments else ():
        listener(session, consignments)


def dated(session: Session, consignments: Sequence[Consignment]) -> None:
    for listener in _dated if consignments else ():
        listener(session, consignments)


def handled(session: Session, parcels: Sequence[Parcel], deed: str) -> None:
    for listener in _handled:
        listener(session, parcels, deed)
