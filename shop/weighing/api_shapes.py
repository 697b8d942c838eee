"""What weighing a line answers."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, Grams, told


class Weighed(TypedDict):
    """A line's weigh slip."""

    slip: Annotated[str, told("Its code.")]
    line: Annotated[str, told("The order line's code.")]
    ordered_g: Annotated[Grams, told("What was sold, net, in grams.")]
    grams: Annotated[Grams, told("What it weighed, net, in grams.")]
    refund_fen: Annotated[Fen, told("What goes back to the buyer, in fen; 0 where nothing is short.")]
