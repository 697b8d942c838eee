"""What the calls about request stops answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Moment, Named, told
from fulfillment.timetable.models import DepartureStatus

from .models import StopCallStatus


class StopCallMade(TypedDict):
    """A call was taken, or withdrawn."""

    id: Annotated[str, told("The call's code.")]
    status: Annotated[str, told("How it stands.", values=StopCallStatus)]


class StopCallItem(StopCallMade):
    """A call at a request stop, to whom it belongs."""

    departure: Annotated[str, told("The departure's code.")]
    line: Annotated[str, told("What stands on the line's plate.")]
    stop: Named
    people: int
    leaves_at: Annotated[Moment, told("When the run leaves the stop, delay included.")]
    state: Annotated[str, told("How the run stands.", values=DepartureStatus)]


class WaitingCall(TypedDict):
    """One call that stands; it names nobody."""

    id: Annotated[str, told("The call's code.")]
    people: int
    called_at: Moment


class Waiting(TypedDict):
    """A stop that was asked for."""

    position: Annotated[int, told("The stop's place in the run, as in `GET /departures`.")]
    stop: Named
    people: Annotated[int, told("How many wait there in all.")]
    leaves_at: Annotated[Moment, told("When the run leaves it, delay included.")]
    closes_at: Annotated[Moment, told("Until when more may be asked for.")]
    calls: Annotated[list[WaitingCall], told("In the order they were made.")]


class WaitingCalls(TypedDict):
    """Who waits where for a run, in the order it is driven; it answers whole, so `next` is always null."""

    departure: Annotated[str, told("The departure's code.")]
    people: Annotated[int, told("How many wait along the run.")]
    items: list[Waiting]
    next: None


class StopCalls(TypedDict):
    """The caller's last fifty, newest first; `next` is always null."""

    items: list[StopCallItem]
    next: None
