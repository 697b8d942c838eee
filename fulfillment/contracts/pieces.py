"""Which zones a parcel is a piece of, read from who held it: a pure function of its custody.

Out: the first hand-over away from the node that packed it, in that node's zone. In: the hand-over to the node its receiver comes to
(where it was delivered elsewhere: to the last that had it), in that node's zone. A node it only passes through counts nothing, and
a parcel that stays within one zone is one piece of it, the one that went out.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from core import clock
from fulfillment.custody.chain import Held

from .models import Direction


class Term(NamedTuple):
    """A zone as one of its nodes knows it; both days are inclusive, None is open."""

    zone_id: int
    node_id: int
    fee_fen: int
    starts_on: date | None
    ends_on: date | None

    def holds_on(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


class Piece(NamedTuple):
    zone_id: int
    direction: str
    node_id: int
    day: date
    handed_at: datetime
    scan_event: str
    fee_fen: int


Terms = Mapping[str, Sequence[Term]]  # by node code


def pieces_of(held: Sequence[Held], terms: Terms, *, collected_at: str, is_delivered: bool) -> list[Piece]:
    """At most one out and one in, never two of one zone. `collected_at` is the receiver's node, empty for what leaves the county."""
    if len(held) < 2:
        return []
    found: dict[int, Piece] = {}
    ends = next((h for h in held[1:] if collected_at and h.code == collected_at), None)
    if ends is None and is_delivered and held[-1].kind in ("station", "hub"):
        ends = held[-1]
    for direction, node, handed in ((Direction.OUT, held[0].code, held[1]), (Direction.IN, ends.code if ends else "", ends)):
        if handed is None:
            continue
        day = clock.business_date(handed.began)
        for term in terms.get(node, ()):
            if term.holds_on(day):
                piece = Piece(term.zone_id, direction.value, term.node_id, day, handed.began, handed.event_id, term.fee_fen)
                found.setdefault(term.zone_id, piece)
    return list(found.values())
