"""What village services that were done look like outside."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Day, Fen, MomentText, Next, told

from .models import PaidBy


class ServiceCount(TypedDict):
    """One service of the asked days; what was undone is left out."""

    code: Annotated[str, told("Of the county's registry.")]
    name: str
    unit: str
    quantity: Annotated[int, told("How often it was done.")]
    cash_fen: Annotated[int, told("What villagers paid for it over the counter, in fen.")]
    county_fen: Annotated[int, told("What the county paid its master for it, in fen.")]


class DoneService(TypedDict):
    """One record."""

    code: Annotated[str, told("For `POST …/services/{record}/undoing`.")]
    service: Annotated[str, told("Of the county's registry.")]
    name: str
    quantity: int
    payer: Annotated[str, told("Who paid the master for it.", values=PaidBy)]
    fee_fen: Fen
    done_at: MomentText
    undone_at: Annotated[MomentText | None, told("When it was taken back; null while it stands.")]


StationServices = TypedDict(
    "StationServices",
    {
        "station": Annotated[str, told("The station's code.")],
        "from": Day,
        "to": Day,
        "counts": list[ServiceCount],
        "items": list[DoneService],
        "next": Next,
    },
)
StationServices.__doc__ = "A station's services: counts from `from` to `to` inclusive, and a page of its records, newest first."
