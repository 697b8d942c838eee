"""What the stations' calls answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, Next, told


class Location(TypedDict):
    """WGS 84, degrees; null where nobody has measured it."""

    lat: float | None
    lon: float | None


class StationHead(TypedDict):
    """What lists and single answers both say of a station."""

    code: Annotated[str, told("The station's public code.")]
    name: str
    township: Annotated[str | None, told("The township's name.")]
    location: Location
    signature: Annotated[str, told("What the village is known for.")]
    url: Annotated[str, told("The path of its channel's page.")]


class StationItem(StationHead):
    """A station as a list shows it."""

    services: Annotated[list[str], told("Codes of the village services it offers.")]


class StationPage(TypedDict):
    """A page of stations."""

    items: list[StationItem]
    next: Next


class StationService(TypedDict):
    """A village service."""

    code: str
    name: str
    fee_fen: Annotated[Fen, told("What it costs, in fen.")]
    unit: Annotated[str, told("What the fee is for: 件, 次, ….")]


class StationDetail(StationHead):
    """A station with its master, hours and services."""

    master: Annotated[str, told("The master's name.")]
    story: str
    opens: Annotated[str, told("HH:MM, local time.")]
    closes: Annotated[str, told("HH:MM, local time.")]
    is_open: Annotated[bool, told("false once it is closed for good.")]
    services: list[StationService]
