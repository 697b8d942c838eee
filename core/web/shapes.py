"""What answers are made of, as programs are told: each `api_shapes.py` describes its slice's answers with these parts.

A shape is a TypedDict. mypy holds the handler to it and FastAPI writes it into /openapi.json; a request pays nothing for it
(shop.web.routing writes the answer as it is), and a test holds real answers against the document.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict


def told(words: str, *, values: Iterable[str] = (), **more: Any) -> Any:
    """A field's description; `values` where a text is always one of these."""
    if values:
        more["json_schema_extra"] = {"enum": [str(value) for value in values]}
    return Field(description=words, **more)


Fen = Annotated[int, told("An amount in fen: 100 are one yuan.")]
Grams = Annotated[int, told("A weight in grams.")]
Millilitres = Annotated[int, told("A volume in millilitres.")]
Moment = Annotated[datetime, told("An instant, RFC 3339 with the county's offset.")]
MomentText = Annotated[str, told("An instant, RFC 3339 with the county's offset.", json_schema_extra={"format": "date-time"})]
DayText = Annotated[str, told("A calendar day, ISO 8601.", json_schema_extra={"format": "date"})]
Day = Annotated[date, told("A calendar day, ISO 8601.")]
Next = Annotated[str | None, told("The cursor of the page that follows; null on the last one.")]
Tier = Annotated[str, told("How it is kept on the way.", values=("ambient", "chilled", "frozen"))]


class Named(TypedDict):
    """Something with a public code and the name people call it by."""

    code: str
    name: str
