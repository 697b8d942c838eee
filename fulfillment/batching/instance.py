"""One planning problem: what moves, on what, by when. Pure data, no database.

Times are decimal minutes after `Instance.start`, compared with `EPS`; weights grams, volumes millilitres, box shares
thousandths of a standard box; costs are real numbers of fen and are not money (nobody is paid from them).
The published JSON form is read by `reading.py`; the database path builds the same objects in memory.
"""

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

from core.errors import Refused

EPS: Final = 1e-6
DAY: Final = 1440.0
TIERS: Final = ("ambient", "chilled", "frozen")
NODE_KINDS: Final = ("hub", "township", "station", "hamlet", "pier", "locker", "warehouse")


class InstanceError(Refused):
    """The instance cannot be planned; the message names the item."""

    code = "bad_instance"


@dataclass(frozen=True, slots=True)
class Node:
    id: str
    kind: str
    change_min: float = 0  # that the place itself asks for; no part of a file: there the rules' minutes hold everywhere


class Stop(NamedTuple):  # the planner makes tens of thousands
    node: str
    arr: float
    dep: float  # loading closes here


@dataclass(frozen=True, slots=True)
class Capacity:
    """What is left for parcels after the passengers' share, on every segment alike."""

    g: float
    ml: float
    boxes: int | None = None  # None: boxes are not counted
    chilled_ml: float | None = None  # room for everything that is not ambient; None: as `ml`


@dataclass(frozen=True, slots=True)
class Departure:
    id: str
    line: str
    mode: str
    tiers: frozenset[str]
    fee_fen: float
    stops: tuple[Stop, ...]
    cap: Capacity


@dataclass(frozen=True, slots=True)
class Zone:
    base_fen: float
    per_kg_fen: float
    hours: float


@dataclass(frozen=True, slots=True)
class Trunk:
    id: str
    carrier: str
    hub: str
    cutoff: float
    dep: float
    cap_g: float
    tiers: frozenset[str]
    zones: dict[str, Zone]


@dataclass(frozen=True, slots=True)
class FixedLeg:
    """A leg already scanned or inside the freeze time; `board` and `alight` are stop indexes of the departure."""

    departure: str
    board: int
    alight: int


@dataclass(frozen=True, slots=True)
class Parcel:
    """Exactly one of `zone` (leaves by a trunk) and `to` (ends at a node) is set."""

    id: str
    origin: str
    ready: float
    zone: str | None
    to: str | None
    tier: str
    g: float
    ml: float
    box_milli: float
    due: float  # infinite: never late
    hold_fen_per_h: float
    shelf_min: float | None = None
    pin: frozenset[str] = frozenset()  # departures (or a trunk) it must use
    forbid: frozenset[str] = frozenset()  # departures or trunks it must not use
    fixed_legs: tuple[FixedLeg, ...] = ()

    @property
    def deadline(self) -> float:
        """Latest trunk departure, or arrival at `to`, that keeps it within its shelf life."""
        return float("inf") if self.shelf_min is None else self.ready + self.shelf_min


@dataclass(frozen=True, slots=True)
class Instance:
    """`now`: parcels may have come to where they are long before, but nobody boards before it and a trunk closed by then is closed."""

    county: str
    start: datetime
    horizon_min: float
    transfer_min: float
    hub_sort_min: float
    handover_fee_fen: float
    late_fen_per_day: float
    unserved_fen: float
    max_handovers: int
    nodes: tuple[Node, ...]
    departures: tuple[Departure, ...]
    trunks: tuple[Trunk, ...]
    parcels: tuple[Parcel, ...] = field(default=())
    now: float = -math.inf  # no part of a file: there every moment may still be used


def stop_label(departure: Departure, stop: int) -> str:
    """How a leg names its stop: the node, or `node#i` on a departure that visits the node twice."""
    node = departure.stops[stop].node
    visits = sum(s.node == node for s in departure.stops)
    return f"{node}#{stop}" if visits > 1 else node


def stops_called(departure: Departure, label: str) -> list[int]:
    """The stop indexes a label may mean: one if it is right, none or several if not."""
    return [i for i, stop in enumerate(departure.stops) if label in (stop.node, f"{stop.node}#{i}")]
