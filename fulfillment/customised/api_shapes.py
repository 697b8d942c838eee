"""What the calls about customised trips answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, Moment, Named, told
from fulfillment.timetable.models import DepartureStatus

from .models import Purpose, TripRequestStatus


class RequestedRun(TypedDict):
    """The special run a request was confirmed for."""

    departure: Annotated[str, told("The departure's code.")]
    boards_at: Annotated[Moment, told("At the request's own stop, delay included.")]
    plate: Annotated[str, told("The vehicle's plate.")]
    price_fen: Annotated[Fen, told("A seat, paid aboard; 0 is free.")]
    state: Annotated[str, told("How the run stands.", values=DepartureStatus)]


class TripRequestItem(TypedDict):
    """A request for a customised trip, to whom it belongs."""

    id: Annotated[str, told("The request's code.")]
    start: Annotated[Named, told("Where from.")]
    goal: Annotated[Named, told("Where to.")]
    date: Day
    earliest: Annotated[str, told("Leaves no earlier, HH:MM.")]
    latest: Annotated[str, told("Leaves no later, HH:MM.")]
    seats: int
    purpose: Annotated[str, told("What it is for.", values=Purpose)]
    note: Annotated[str, told("What else was said.")]
    status: Annotated[str, told("How it stands.", values=TripRequestStatus)]
    reason: Annotated[str, told("Why it was declined or called off.")]
    people: Annotated[int, told("Requests gathered with it, itself included.")]
    gathered_seats: Annotated[int, told("Seats of all of them.")]
    run: RequestedRun | None


class TripRequests(TypedDict):
    """The caller's last fifty, newest first; `next` is always null."""

    items: list[TripRequestItem]
    next: None


class TripRequestMade(TypedDict):
    """A request was taken, or withdrawn."""

    id: Annotated[str, told("The request's code.")]
    status: Annotated[str, told("How it stands.", values=TripRequestStatus)]
