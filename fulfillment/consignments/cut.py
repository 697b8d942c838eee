"""Cutting what one station sends into parcels, before anybody packs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

BOX_MILLI = 1_000  # a parcel fits one standard box
BOX_G = 20_000  # and one person can lift it


class ShipLine(NamedTuple):
    """One line to ship: `gross_g`, `ml` and `box_milli` are of one unit; `shelf_days` None keeps for ever."""

    line_code: str
    station_id: int
    tier: str
    variant_id: int
    sku: str
    name: str
    spec: str
    quantity: int
    gross_g: int
    ml: int
    box_milli: int
    shelf_days: int | None = None


@dataclass
class Piece:
    """One parcel to be: what lies in it and what it measures."""

    grams: int = 0
    ml: int = 0
    box_milli: int = 0
    contents: dict[str, int] = field(default_factory=dict)
    shelf_days: int | None = None

    def holds(self, line: ShipLine) -> bool:
        return self.box_milli + line.box_milli <= BOX_MILLI and self.grams + line.gross_g <= BOX_G

    def put(self, line: ShipLine) -> None:
        self.grams += line.gross_g
        self.ml += line.ml
        self.box_milli += line.box_milli
        self.contents[line.line_code] = self.contents.get(line.line_code, 0) + 1
        kept = [d for d in (self.shelf_days, line.shelf_days) if d is not None]
        self.shelf_days = min(kept, default=None)


def cut(lines: Sequence[ShipLine]) -> list[Piece]:
    """Parcels of one standard box and 20 kg at most, bulky units first into the first that holds them.

    A unit that is larger than a box by itself is a parcel by itself. Every unit lies in exactly one parcel.
    """
    pieces: list[Piece] = []
    for line in sorted(lines, key=lambda each: (-each.box_milli, -each.gross_g, each.line_code)):
        for _ in range(line.quantity):
            piece = next((p for p in pieces if p.holds(line)), None)
            if piece is None:
                pieces.append(piece := Piece())
            piece.put(line)
    return pieces
