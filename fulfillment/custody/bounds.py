"""What a parcel is bound for: where it may be handed to its receiver, and in whose hands it has no business.

The rides of a plan give rise to doubts only: who holds a parcel is read from scans alone. Its trunk, which is planned no more
once it has left, also says who may have delivered it where the scan of the hand-over is missing.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import i18n
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.network.models import Trunk, TrunkZone, Zone
from fulfillment.network.words import kept_words
from supply.stations.models import Node

from .doors import node_of_door
from .places import Places
from .rides import Holder, Ride, planned_rides, rides_ahead

TIERS = i18n.marked({"ambient": "常温", "chilled": "冷藏", "frozen": "冷冻"})
STRAY = i18n.kept("这件不交这里，该交{right}")
TOO_WARM = i18n.kept("这里带不了{tier}件，该交{right}")
STOPPED = i18n.kept("这班车停了，这件该交{right}")
DESK = i18n.marked("调度")


@dataclass(frozen=True)
class Bound:
    """`carriers` go where the parcel is sent and take its tier; `collected_at` is the node its receiver comes to."""

    tier: str = ""
    stays_here: bool = False  # its receiver lives in the county
    collected_at: str = ""
    carriers: Set[str] = frozenset()
    trunk: str = ""  # the planned one
    rides: Sequence[Ride] = ()  # replaced ones too
    trunk_names: Mapping[str, str] = field(default_factory=dict)
    places: Places = field(default_factory=Places)

    def ends_at(self, place: str) -> bool:
        """Whether its receiver gets it here: at the node they come to, from its planned trunk, unplanned from any that goes there."""
        here = node_of_door(place) or place
        return bool(place) and (here == self.collected_at or (place == self.trunk if self.trunk else place in self.carriers))

    def boards(self, departure: str) -> bool:
        """Whether a plan ever put it on this departure."""
        return any(ride.departure == departure for ride in self.rides)

    def suits(self, place: str) -> bool:
        """Whether a departure or trunk takes its tier."""
        return not self.tier or self.tier in self.places.tiers.get(place, (self.tier,))

    def why_not_aboard(self, departure: str, at: datetime, held: Sequence[Holder]) -> str:
        """Why it has no business on a departure it was loaded on from `held`; empty when it has."""
        if departure in self.places.cancelled:
            return STOPPED.format(right=self.right(held))
        if not self.suits(departure):
            return TOO_WARM.format(tier=TIERS[self.tier], right=self.right(held))
        planned = any(r.departure == departure and (r.voided_at is None or r.voided_at > at) for r in self.rides)
        came_by = bool(held) and held[-1].kind == "hub" and any(h.code == departure for h in held)
        return STRAY.format(right=self.right(held)) if came_by or (self.rides and not planned) else ""

    def why_not_with(self, trunk: str, held: Sequence[Holder]) -> str:
        """Why it has no business with a trunk carrier; empty when it has."""
        if not self.suits(trunk):
            return TOO_WARM.format(tier=TIERS[self.tier], right=self.right(held))
        fits = trunk in self.carriers if self.tier else True
        return "" if fits and self.trunk in ("", trunk) else STRAY.format(right=self.right(held))

    def why_not_out(self, node: str, held: Sequence[Holder]) -> str:
        """Why it has no business on the way to the doors that a node serves; empty when it has."""
        fits = node == self.collected_at or (self.stays_here and not self.collected_at)
        return "" if fits else STRAY.format(right=self.right(held))

    def right(self, held: Sequence[Holder]) -> str:
        """Who should take it next: a planned bus, the trunk, or the dispatcher to ask."""
        ahead = rides_ahead(self.rides, held)
        return kept_words(ahead[0].number, ahead[0].kind) if ahead else self.trunk_names.get(self.trunk, DESK)


def read_bounds(
    session: Session, parcels: Collection[Parcel], consignments: Mapping[int, Consignment], places: Places, *, tenant_id: int
) -> dict[str, Bound]:
    """What each of these parcels is bound for, by code; at most four queries however many."""
    rides = planned_rides(session, [p.id or 0 for p in parcels], replaced=True)
    here = set(session.exec(select(Zone.code).where(Zone.tenant_id == tenant_id, col(Zone.in_county))).all())
    names: dict[str, str] = {}
    by_id: dict[int, str] = {}
    serving: dict[tuple[str, str], set[str]] = {}
    lanes = sql_select(col(Trunk.id), col(Trunk.code), col(Trunk.name), col(Trunk.tiers), col(TrunkZone.zone)).join_from(
        Trunk, TrunkZone, col(TrunkZone.trunk_id) == col(Trunk.id)
    )
    for trunk_id, code, name, tiers, zone in session.execute(lanes.where(col(Trunk.tenant_id) == tenant_id)):
        names[code], by_id[trunk_id] = name, code
        for tier in tiers:
            serving.setdefault((zone, tier), set()).add(code)
    collected = {c.id or 0: c.to_node_id for c in consignments.values() if c.to_node_id is not None}
    nodes = dict(session.exec(select(Node.id, Node.code).where(col(Node.id).in_(collected.values()))).all()) if collected else {}
    return {
        p.code: Bound(
            tier=p.tier, stays_here=p.zone in here, collected_at=nodes.get(collected.get(p.consignment_id), ""),
            carriers=frozenset(serving.get((p.zone, p.tier), ())), trunk=by_id.get(p.trunk_id or 0, ""), rides=rides.get(p.id or 0, ()),
            trunk_names=names, places=places,
        )
        for p in parcels
    }  # fmt: skip
