"""What GET /travel/stops, /travel/next and /travel/journeys answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Moment, told
from fulfillment.timetable.models import DepartureStatus
from supply.stations.models import NodeKind

from .stops import CARRIES_PEOPLE


class TravelStop(TypedDict):
    """A place where people get on."""

    code: str
    name: str
    kind: Annotated[str, told("What the place is.", values=NodeKind)]
    township: str
    lat: float | None
    lon: float | None
    served: Annotated[bool, told("Whether an announced line for people calls here; if not, `near` says where one does.")]
    near: Annotated[list["WalkedStop"], told("Stops with a line that can be walked to, nearest first.")]


class WalkedStop(TypedDict):
    """A stop within a walk."""

    code: str
    name: str
    minutes: Annotated[int, told("On foot.")]


class TravelStops(TypedDict):
    """Stops by name; it answers whole, so `next` is always null."""

    items: list[TravelStop]
    next: None


class TravelLine(TypedDict):
    """The line it runs on."""

    code: str
    number: Annotated[str, told("What stands on its plate.")]
    name: str
    kind: Annotated[str, told("What runs on it.", values=CARRIES_PEOPLE)]


class NextRun(TypedDict):
    """A run as it calls at the stop, struck out ones too."""

    departure: Annotated[str, told("The departure's code.")]
    line: TravelLine
    towards: Annotated[str, told("Where it ends.")]
    leaves_at: Annotated[Moment, told("As things stand, delay included.")]
    planned_at: Annotated[Moment, told("What the timetable says.")]
    state: Annotated[str, told("How it stands.", values=DepartureStatus)]
    delay_min: Annotated[int, told("Minutes late.")]
    note: Annotated[str, told("Why it does not run or is late.")]
    on_request: Annotated[bool, told("It stops only for whoever waves or asks.")]
    takes_calls: Annotated[bool, told("Whether it can be asked to stop here now: not too late, and the station is open then.")]


class NextRuns(TypedDict):
    """A stop's next runs by time; it answers whole, so `next` is always null."""

    items: list[NextRun]
    on_call: Annotated[list[NextRun], told("Runs no timetable announces that stop here for whoever asks; their times are estimates.")]
    next: None


class JourneyEnd(TypedDict):
    """Where and when one gets on or off."""

    code: str
    name: str
    at: Annotated[Moment, told("As things stand, delay included.")]


class JourneyLeg(TypedDict):
    """One ride."""

    departure: Annotated[str, told("The departure's code.")]
    line: TravelLine
    board: JourneyEnd
    alight: JourneyEnd
    delay_min: Annotated[int, told("Minutes late.")]


class JourneyItem(TypedDict):
    """Rides one after the other."""

    starts_at: Annotated[Moment, told("When to set out, the walk to the first stop included.")]
    arrives_at: Moment
    changes: int
    walk_to_min: Annotated[int, told("On foot before the first ride.")]
    walk_from_min: Annotated[int, told("On foot after the last ride.")]
    legs: list[JourneyLeg]


class Journeys(TypedDict):
    """Ways worth taking by arrival, the earliest first; it answers whole, so `next` is always null."""

    items: list[JourneyItem]
    next: None
