"""A promise as programs are told it: when to order, when it leaves, when it is there, and by which road."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import MomentText, told

SOON = ("hour", "day", "later")

PathLeg = TypedDict(
    "PathLeg",
    {
        "kind": Annotated[str, told("bus, coach, mail, freight, ferry, … and `trunk` for the lane out of the county.")],
        "line": Annotated[str, told("The line's number as it stands on the plate; of a trunk its name.")],
        "line_code": Annotated[str, told("The line's or trunk's public code.")],
        "departure": Annotated[
            str | None, told("The departure's code, as in `GET /departures`; null for a trunk and for who goes to the door.")
        ],
        "from": Annotated[str, told("Where it is boarded, by name.")],
        "to": Annotated[str, told("Where it is left, by name; of a trunk the code of the zone it goes to.")],
        "leaves_at": MomentText,
        "arrives_at": MomentText,
        "words": Annotated[str, told("The leg in a few Chinese words.")],
    },
)
PathLeg.__doc__ = "One ride of a parcel's road."


class DeliveryPromise(TypedDict):
    """What the timetable can keep; without an address it is reckoned to the county's default destination."""

    order_by: Annotated[MomentText, told("Ordered and paid until then, it makes the first departure.")]
    ships_at: Annotated[MomentText, told("When it leaves its station.")]
    deliver_by: Annotated[MomentText, told("When it is there at the latest.")]
    path: list[PathLeg]
