"""What GET /departures answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, Grams, Millilitres, Moment, told
from fulfillment.timetable.models import DepartureStatus
from supply.counties.profile_kinds import LineKind


class DepartureStop(TypedDict):
    """One call. Times are as things stand now, with the delay."""

    node: Annotated[str, told("The place's code.")]
    name: str
    arrives_at: Moment
    leaves_at: Moment
    closes_at: Annotated[Moment, told("Until then goods are taken here.")]
    on: Annotated[int, told("Parcels planned to board here.")]
    off: Annotated[int, told("Parcels planned to be taken off here.")]
    on_request: Annotated[bool, told("Called at only if somebody or something boards or alights here.")]


class DepartureCapacity(TypedDict):
    """Room for goods."""

    g: Grams
    ml: Millilitres
    boxes: Annotated[int | None, told("Turnover boxes; null where they are not counted.")]
    chilled_ml: Annotated[int | None, told("Chilled room in millilitres; null where it is all of `ml`.")]
    tiers: Annotated[list[str], told("What it can keep: ambient, chilled, frozen.")]


class DepartureLoad(TypedDict):
    """The load of the fullest stretch, and all parcels that ride on any."""

    g: Grams
    ml: Millilitres
    boxes: int
    chilled_ml: Millilitres
    parcels: int


class DepartureItem(TypedDict):
    """A line's run on one day."""

    id: Annotated[str, told("The departure's code.")]
    line: Annotated[str, told("The line's code.")]
    number: Annotated[str, told("What stands on its plate.")]
    name: str
    kind: Annotated[str, told("What runs on it.", values=LineKind)]
    direction: Annotated[str, told("`in` towards the hub, `out` away from it, `loop` from it and back.", values=("in", "out", "loop"))]
    date: Day
    state: Annotated[str, told("How it stands.", values=DepartureStatus)]
    delay_min: Annotated[int, told("Minutes late.")]
    note: str
    stops: list[DepartureStop]
    capacity: DepartureCapacity
    load: DepartureLoad
    box_worth_fen: Annotated[
        Fen | None, told("What a box more could save the day's last plan, at most, in fen; null where room was not short.")
    ]


class DayOfDepartures(TypedDict):
    """Every departure of one service day; it answers whole, so `next` is always null."""

    items: list[DepartureItem]
    next: None
