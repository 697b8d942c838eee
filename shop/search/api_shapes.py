"""What GET /search/suggest answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import told


class Suggestions(TypedDict):
    """Names that complete what was typed, best first, each once."""

    items: list[str]
    next: Annotated[None, told("There is no further page.")]
