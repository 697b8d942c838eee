"""What GET /departures/{id}/stowage answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Grams, Moment, Tier, told


class StowageBay(TypedDict):
    """A place for goods that is loaded and emptied from one end."""

    name: str
    boxes: Annotated[int | None, told("Standard boxes that stand in it; null where they are not counted.")]
    cold: Annotated[bool, told("For chilled and frozen goods, and for nothing else.")]


class StowedBoxes(TypedDict):
    """Whole boxes from one stop to another in one bay."""

    bay: str
    place: Annotated[int, told("Where the first of them stands, counted from inside.")]
    boxes: int
    board: Annotated[int, told("Position of the stop they come from.")]
    alight: Annotated[int, told("Position of the stop they are for.")]
    tier: Tier
    g: Annotated[Grams, told("Of the whole load, which may stand in several bays.")]
    parcels: Annotated[list[str], told("The load's parcels, heavy ones first: they go in first.")]


class StowageStop(TypedDict):
    """The work at one call, in the order `off` and `lifted`, then `on`."""

    position: int
    node: Annotated[str, told("The place's code.")]
    name: str
    leaves_at: Moment
    on_request: Annotated[bool, told("Called at only if there is work or somebody waits.")]
    people: Annotated[int, told("How many asked the run to stop here.")]
    manifest: Annotated[str | None, told("The code of the manifest it follows; null until one is issued.")]
    revision: Annotated[int | None, told("That manifest's revision.")]
    off: list[StowedBoxes]
    lifted: Annotated[list[StowedBoxes], told("Lifted out of the way and put back.")]
    on: Annotated[list[StowedBoxes], told("In loading order, deepest first; what was lifted is among them.")]


class LeftBoxes(TypedDict):
    """Boxes no bay has room for."""

    board: int
    alight: int
    tier: Tier
    boxes: int


class StowageSheet(TypedDict):
    """How a run is loaded so that it is unloaded in reverse order."""

    departure: Annotated[str, told("The departure's code.")]
    lifts: Annotated[int, told("Boxes lifted out of the way over the whole run.")]
    exact: Annotated[bool, told("No stowage in these bays needs fewer lifts.")]
    bays: list[StowageBay]
    stops: list[StowageStop]
    left: list[LeftBoxes]
