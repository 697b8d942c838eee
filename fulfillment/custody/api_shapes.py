"""What uploads of scans and the registration of scanners answer."""

from typing import Annotated, NotRequired

from typing_extensions import TypedDict

from core.web.shapes import told


class ScanOutcome(TypedDict):
    """What became of one event. Sent again it is a duplicate, whatever happened to the answer before."""

    id: Annotated[str, told("The event's id, as it was sent.")]
    result: Annotated[str, told("accepted and duplicate are both kept.", values=("accepted", "duplicate", "rejected"))]
    code: NotRequired[Annotated[str, told("Of a rejected one: why, stable.")]]
    detail: NotRequired[Annotated[str, told("Of a rejected one: why, in plain words.")]]


class ScanOutcomes(TypedDict):
    """One outcome per event, in the order they were sent."""

    items: list[ScanOutcome]


class ScannerToken(TypedDict):
    """A scanner and its Bearer, shown once."""

    device: Annotated[str, told("The scanner's code, for `DELETE /devices/{code}`.")]
    token: Annotated[str, told("Uploads scans for its owner and nothing else, for 90 days.")]
