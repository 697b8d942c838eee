"""What GET /track/{code} answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Grams, Moment, Named, Tier, told
from fulfillment.consignments.models import ParcelStatus


class TrackEvent(TypedDict):
    """One step of the road: behind, here, or to come."""

    state: Annotated[str, told("done, now or todo.", values=("done", "now", "todo"))]
    at: Annotated[Moment | None, told("When it happened or is planned; null where only the order is known.")]
    words: Annotated[str, told("The step in plain words.")]
    note: Annotated[str, told("Beside it: the day where it changes, the place of boarding.")]
    line: Annotated[str | None, told("The number of the line it rides on, else null.")]


class Track(TypedDict):
    """Where a parcel is. No name, phone or address is in it."""

    parcel: Annotated[str, told("The parcel's code, as on its label.")]
    status: Annotated[str, told("How it stands; on_trunk is with its carrier, or with who brings it to the door.", values=ParcelStatus)]
    words: Annotated[str, told("The status in plain words.")]
    station: Annotated[Named, told("The station that packs it.")]
    tier: Tier
    weight_g: Grams
    deliver_by: Annotated[Moment, told("What was promised.")]
    late: Annotated[bool, told("Whether it came, or will come, after that.")]
    arrives_at: Annotated[Moment | None, told("What the plan expects now; null before it is planned.")]
    delivered_at: Moment | None
    events: list[TrackEvent]
