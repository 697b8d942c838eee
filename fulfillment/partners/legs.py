"""Which legs a parcel made for whom, read from who held it: a pure function of its custody.

A custody counts once both its ends were scanned: the parcel was given on, or delivered from there. The same run, round or node
counts a parcel once, however often it came back to it.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from core import clock
from fulfillment.contracts.pieces import Piece
from fulfillment.custody.chain import Held
from fulfillment.custody.doors import node_of_door

from .models import LegKind


class Run(NamedTuple):
    """A departure's line and the firm that runs it."""

    line: str
    firm: str


class Served(NamedTuple):
    """A contract for what is handled at a node, or taken from it to the doors; both days are inclusive."""

    firm: str
    kind: LegKind
    starts_on: date
    ends_on: date | None


class Ground(NamedTuple):
    """What custody is read against: departures by code, contracts by node, zones' (code, firm) by id."""

    runs: Mapping[str, Run]
    served: Mapping[str, Sequence[Served]]
    zones: Mapping[int, tuple[str, str]]


class Weighed(NamedTuple):
    """What of a parcel is counted beside itself."""

    grams: int
    box_milli: int


class Leg(NamedTuple):
    firm: str
    kind: str
    place: str
    line: str
    from_node: str
    to_node: str
    day: date
    grams: int
    box: str
    box_milli: int
    handed_at: datetime
    scan_event: str

    @property
    def priced(self) -> tuple[object, ...]:
        """What a price may depend on; a scan told later may say the minute better."""
        return self[:-2]


NODES = ("station", "hub")


def legs_of(held: Sequence[Held], pieces: Sequence[Piece], weighed: Weighed, ground: Ground, *, is_delivered: bool) -> list[Leg]:
    found: dict[tuple[str, str], Leg] = {}
    for n, custody in enumerate(held):
        following = held[n + 1] if n + 1 < len(held) else None
        if following is None and not is_delivered:
            continue
        to = following.code if following and following.kind in NODES else ""
        for leg in _of_custody(custody, held[n - 1] if n else None, to, weighed, ground):
            first = found.setdefault((leg.kind, leg.place), leg)
            found[leg.kind, leg.place] = first._replace(to_node=leg.to_node)
    for piece in pieces:
        code, firm = ground.zones[piece.zone_id]
        found[LegKind.ZONE, code] = Leg(
            firm, LegKind.ZONE.value, code, "", "", "", piece.day, weighed.grams, "", weighed.box_milli, piece.handed_at, piece.scan_event
        )
    return list(found.values())


def _of_custody(custody: Held, before: Held | None, to: str, weighed: Weighed, ground: Ground) -> list[Leg]:
    day = clock.business_date(custody.began)
    since = (day, weighed.grams, custody.box, weighed.box_milli, custody.began, custody.event_id)
    if custody.kind == "departure":
        run = ground.runs.get(custody.code)
        came = before.code if before and before.kind in NODES else ""
        return [Leg(run.firm, LegKind.RIDE.value, custody.code, run.line, came, to, *since)] if run and run.firm else []
    kind = LegKind.DOOR if custody.kind == "courier" else LegKind.NODE
    node = node_of_door(custody.code) if kind == LegKind.DOOR else custody.code
    return [
        Leg(s.firm, kind.value, custody.code, "", node, "", *since)
        for s in ground.served.get(node, ())
        if s.kind == kind and s.starts_on <= day and (s.ends_on is None or day <= s.ends_on)
    ]
