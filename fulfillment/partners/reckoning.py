"""What a contract comes to in a month: quantity × price by tiers, then the least and the most. Pure; fen in, fen out."""

from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from core.money import share_bp
from supply.counties.profile_kinds import Basis


class Group(NamedTuple):
    """Legs of one run (round, node, zone), stretch and day, added up. `kg` are started ones, `loose_milli` thousandths of a box."""

    firm: str
    kind: str
    place: str
    line: str
    from_node: str
    to_node: str
    day: date
    contract: str  # empty until frozen
    vehicle: str
    pieces: int
    kg: int
    boxes: int
    loose_milli: int
    freight_fen: int


class Terms(NamedTuple):
    """By what a month's legs are priced; `minimum_fen` and `cap_fen` are this month's, None where nothing is agreed."""

    basis: str
    price: int
    tiers: Sequence[tuple[int, int]] = ()
    minimum_fen: int | None = None
    cap_fen: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "tiers": [list(tier) for tier in self.tiers]}

    @classmethod
    def of_json(cls, kept: Mapping[str, Any]) -> "Terms":
        return cls(**{**kept, "tiers": [(first, price) for first, price in kept["tiers"]]})


class Step(NamedTuple):
    """Units at one price."""

    units: int
    price: int


class Due(NamedTuple):
    """What a contract's legs of a month come to. `added_fen` lifts it to the minimum, `cut_fen` (not above 0) lowers it to the cap."""

    quantity: int
    pieces: int
    steps: Sequence[Step]
    fen: int
    added_fen: int
    cut_fen: int

    @property
    def total_fen(self) -> int:
        return self.fen + self.added_fen + self.cut_fen


def reckon(terms: Terms, groups: Sequence[Group]) -> Due:
    units = quantity(terms.basis, groups)
    steps = steps_of(terms, units)
    fen = share_bp(units, terms.price) if terms.basis == Basis.FREIGHT_SHARE else sum(step.units * step.price for step in steps)
    added = max(0, (terms.minimum_fen or 0) - fen)
    cut = min(0, terms.cap_fen - fen) if terms.cap_fen is not None else 0
    return Due(units, sum(g.pieces for g in groups), steps, fen, added, cut)


def quantity(basis: str, groups: Iterable[Group]) -> int:
    """Units of the basis; of a share the fen it is a share of."""
    match basis:
        case Basis.PIECE:
            return sum(g.pieces for g in groups)
        case Basis.KG:
            return sum(g.kg for g in groups)
        case Basis.BOX:
            return sum(g.boxes - -g.loose_milli // 1000 for g in groups)
        case Basis.TRIP:
            return len({g.place for g in groups})
        case Basis.VEHICLE_MONTH:
            return len({g.vehicle or g.line for g in groups})  # of a run without a vehicle the line counts as one
        case _:
            return sum(g.freight_fen for g in groups)


def steps_of(terms: Terms, units: int) -> list[Step]:
    """Units by price, the first tier first."""
    bounds = [(1, terms.price), *terms.tiers]
    ends = [first - 1 for first, _price in bounds[1:]] + [units]
    return [Step(min(end, units) - first + 1, price) for (first, price), end in zip(bounds, ends, strict=True) if units >= first]


def part_of_month(fen: int | None, month: date, starts_on: date, ends_on: date | None) -> int | None:
    """A month's amount for the days of it that a contract is in force; a part of a fen is left out."""
    if fen is None:
        return None
    days = monthrange(month.year, month.month)[1]
    first, last = max(month, starts_on), min(month.replace(day=days), ends_on or date.max)
    return fen * max(0, (last - first).days + 1) // days
