"""What other slices want to hear of, in the same transaction: registered by `shop.wiring`, called by the verbs here."""

from collections.abc import Callable

from sqlmodel import Session

from .models import Consignment, Parcel

Progress = Callable[[Session, Consignment], None]
Handled = Callable[[Session, Parcel, str], None]

_progress: list[Progress] = []
_handled: list[Handled] = []


def on_progress(listener: Progress) -> Progress:
    """Call `listener(session, consignment)` after every change of a consignment's status."""
    if listener not in _progress:
        _progress.append(listener)
    return listener


def on_handled(listener: Handled) -> Handled:
    """Call `listener(session, parcel, deed)` once a parcel is `packed` or `delivered`: it earns handling, it starts windows."""
    if listener not in _handled:
        _handled.append(listener)
    return listener


def progressed(session: Session, consignment: Consignment) -> None:
    for listener in _progress:
        listener(session, consignment)


def handled(session: Session, parcel: Parcel, deed: str) -> None:
    for listener in _handled:
        listener(session, parcel, deed)
