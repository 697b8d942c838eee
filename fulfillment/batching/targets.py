"""Where parcels may end, and the scan's labels towards it.

Towards a trunk the leg cost does not depend on the parcel, so one class per (tier, trunk) prices every outbound parcel
exactly: legs to the trunk plus `trunk_fen`. Towards a node the moment of arrival matters to each parcel differently,
so two classes per (tier, node) are kept, the cheapest legs and the earliest arrival; together they are a lower bound
that the search completes to the exact road.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .cost import Leg, arrival_fen, trunk_fen
from .instance import TIERS, Instance, Parcel
from .network import Bools, Floats, Ints, Network, build_network
from .scan import Labels, Layout, lay_out, scan


@dataclass(frozen=True, slots=True)
class Start:
    """Where a parcel stands when the planner gets it: at its origin, or after its fixed legs."""

    node: int
    place: int  # first boarding it can make
    since: float  # for the trunk's sorting time
    legs: int  # hand-overs left
    fixed: tuple[tuple[int, int], ...]
    spent: float


@dataclass(frozen=True, slots=True)
class Goal:
    """One end a parcel may aim for: a column of labels and what comes on top of the legs."""

    labels: Labels
    times: Labels | None  # earliest arrivals, for a parcel with `to`
    column: int
    trunk: int | None
    on_top: float


@dataclass
class Problem:
    """An instance with its network and the labels made so far; labels are made when a tier first asks for them."""

    instance: Instance
    network: Network
    layout: Layout
    like: dict[str, str]  # per tier, the first that the same departures carry: they share labels
    ends: dict[str, dict[str, int]]  # per tier of `like`, the nodes its parcels go to, and their columns; of ambient, those of all
    _outbound: dict[str, Labels] = field(default_factory=dict)
    _inbound: dict[str, tuple[Labels, Labels]] = field(default_factory=dict)
    _riding: dict[int, Labels] = field(default_factory=dict)
    _leading: dict[tuple[str, bool], list[Bools]] = field(default_factory=dict)
    _useful: dict[tuple[tuple[int, ...], str | None], list[Bools]] = field(default_factory=dict)
    _leaving: dict[Parcel, Floats] = field(default_factory=dict)

    @property
    def most_legs(self) -> int:
        """Hand-overs of any use: no road gains by riding a stretch twice."""
        stretches = self.network.events - len(self.instance.departures)
        return min(self.instance.max_handovers, max(1, stretches))

    def start(self, parcel: Parcel) -> Start:
        network, instance = self.network, self.instance
        if not parcel.fixed_legs:
            place = network.place_at_origin(parcel.origin, parcel.ready)
            return Start(network.node_of[parcel.origin], place, parcel.ready, self.most_legs, (), 0.0)
        legs, spent = [], 0.0
        for leg in parcel.fixed_legs:
            d = network.departure_of[leg.departure]
            legs.append((network.first[d] + leg.board, network.first[d] + leg.alight))
            spent += instance.departures[d].fee_fen + instance.handover_fee_fen
        end = legs[-1][1]
        left = max(0, self.most_legs - len(legs))
        return Start(network.node[end], network.place_after(end), network.arr[end], left, tuple(legs), spent)

    def goals(self, parcel: Parcel) -> list[Goal]:
        """Every end the parcel may aim for, its pins and forbidden choices among trunks respected."""
        if parcel.to is not None:
            if self._pinned_trunks(parcel):
                return []
            labels, times = self.inbound(parcel.tier)
            return [Goal(labels, times, self.column(parcel.tier, parcel.to), None, 0.0)]
        fen = self.leaving(parcel)
        return [Goal(self.outbound(parcel.tier), None, k, k, fen.item(k)) for k in np.flatnonzero(fen < np.inf).tolist()]

    def leaving(self, parcel: Parcel) -> Floats:
        """Per trunk, fen of leaving by it without the legs there; infinity where the parcel cannot or may not."""
        fen = self._leaving.get(parcel)
        if fen is None:
            pinned = self._pinned_trunks(parcel)
            self._leaving[parcel] = fen = np.full(len(self.instance.trunks), np.inf)
            for k, trunk in enumerate(self.instance.trunks):
                if parcel.zone in trunk.zones and parcel.tier in trunk.tiers and self.may_take(parcel, trunk.id, pinned):
                    fen[k] = trunk_fen(self.instance, parcel, trunk)
        return fen

    def _pinned_trunks(self, parcel: Parcel) -> list[str]:
        return [p for p in parcel.pin if p not in self.network.departure_of]

    def may_take(self, parcel: Parcel, trunk: str, pinned: list[str]) -> bool:
        forbidden = trunk in parcel.forbid and trunk not in self.network.departure_of
        return not forbidden and all(p == trunk for p in pinned)

    def ending(self, parcel: Parcel, goal: Goal, node: int, since: float) -> float:
        """Cost of being done at `node` from `since` on, without the legs; infinity if this is not the goal."""
        if goal.trunk is None:
            there = node == self.network.node_of[parcel.to or ""]
            return arrival_fen(self.instance, parcel, since) if there else math.inf
        return goal.on_top if self.network.catches(self.instance.trunks[goal.trunk], node, since) else math.inf

    def outbound(self, tier: str) -> Labels:
        """Labels of one tier, a column per trunk."""
        like = self.like[tier]
        if like not in self._outbound:
            self._outbound[like] = self.towards(self.trunk_terminal, self.open_to(like))
        return self._outbound[like]

    def inbound(self, tier: str) -> tuple[Labels, Labels]:
        """Cheapest legs and earliest arrivals of one tier; a node's `column` is that of its tier."""
        like = self.like[tier]
        if like not in self._inbound:
            there = self.node_terminal(list(self.ends[like]))
            arrival = np.where(there == 0, np.array(self.network.arr)[:, None], np.inf)
            ride = self.open_to(like)
            times = scan(self.layout, arrival, ride, legs=self.most_legs, fee=np.zeros(self.network.events))
            self._inbound[like] = self.towards(there, ride), times
        return self._inbound[like]

    def riding(self, departure: int) -> Labels:
        """Cheapest legs up to and with a ride on one departure, by whichever vehicles: infinite where it can be reached no more."""
        if departure not in self._riding:
            first, last = self.network.first[departure], self.network.first[departure + 1]
            terminal = np.full((self.network.events, 1), np.inf)
            terminal[first + 1 : last] = 0.0
            self._riding[departure] = self.towards(terminal, self.open_to(None))
        return self._riding[departure]

    def column(self, tier: str, to: str) -> int:
        """Where the labels of `inbound` have a node that some parcel of the tier goes to, or of any tier if it is ambient."""
        return self.ends[self.like[tier]][to]

    def towards(self, terminal: Floats, ride: Floats) -> Labels:
        return scan(self.layout, terminal, ride, legs=self.most_legs)

    def outbound_round(self, closed: Bools) -> Callable[[str], Labels]:
        """As `outbound`, on the network without the segments that are closed."""
        found: dict[str, Labels] = {}

        def labels(tier: str) -> Labels:
            like = self.like[tier]
            if like not in found:
                found[like] = self.towards(self.trunk_terminal, np.where(closed[:, None], np.inf, self.open_to(like)))
            return found[like]

        return labels

    def open_to(self, tier: str | None) -> Floats:
        """(events x 1): 0 where the departure carries the tier (None: any), infinity elsewhere."""
        carries = self.carried.any(axis=1) if tier is None else self.carried[:, TIERS.index(tier)]
        return np.where(carries, 0.0, np.inf)[:, None]

    @cached_property
    def carried(self) -> Bools:
        """(events x tiers) whether the departure carries the tier."""
        return _carries(self.instance)[np.array(self.network.departure, dtype=np.int64)]

    @cached_property
    def carries(self) -> list[list[bool]]:
        """`carried` for looking up one event at a time."""
        return list(self.carried.tolist())

    @cached_property
    def catching(self) -> Bools:
        """(events x trunks) whether alighting catches the trunk."""
        return np.isfinite(self.trunk_terminal)

    @cached_property
    def catching_events(self) -> tuple[Ints, Ints, Bools]:
        """Events that catch some trunk, the kind of moment each is, and (kinds x trunks) what such a moment catches."""
        events = np.flatnonzero(self.catching.any(axis=1))
        kinds, of = np.unique(self.catching[events], axis=0, return_inverse=True)
        return events, of.ravel(), kinds

    def useful(self, tiers: tuple[int, ...], to: str | None) -> list[Bools]:
        """Per legs left, per event: whether boarding there leads to a trunk (or to `to`) in so many legs, for some of these tiers."""
        if (tiers, to) not in self._useful:
            useful = [np.zeros(self.network.events, dtype=bool) for _ in range(self.most_legs + 1)]
            for tier in tiers:
                for left, leads in enumerate(self._leads(TIERS[tier], to is None)):
                    useful[left][self.layout.row] |= leads if to is None else leads[:, self.column(TIERS[tier], to)]
            self._useful[tiers, to] = useful
        return self._useful[tiers, to]

    def _leads(self, tier: str, out: bool) -> list[Bools]:
        """Per legs left: (boardings) whether they lead to any trunk, or (boardings x nodes) to the node."""
        like = self.like[tier]
        if (like, out) not in self._leading:
            boards = [board[self.layout.row_places] for board in (self.outbound(like) if out else self.inbound(like)[0]).board]
            self._leading[like, out] = [np.asarray(np.isfinite(board).any(axis=1) if out else np.isfinite(board)) for board in boards]
        return self._leading[like, out]

    def fare(self, leg: Leg) -> float:
        """Fee and hand-over of boarding a leg."""
        return self._fares[leg[0]]

    @cached_property
    def _fares(self) -> list[float]:
        return list(self.layout.fee.tolist())

    @cached_property
    def hubs(self) -> Ints:
        """Per trunk, the node it leaves from."""
        return np.array([self.network.node_of[t.hub] for t in self.instance.trunks], dtype=np.int64)

    @property
    def trunk_terminal(self) -> Floats:
        """(events x trunks): 0 where alighting catches the trunk, infinity elsewhere."""
        trunks = self.instance.trunks
        cutoffs = np.array([t.cutoff for t in trunks], dtype=float)
        catches: Bools = self._at(self.hubs) & (np.array(self.network.arr)[:, None] + self.instance.hub_sort_min <= cutoffs + 1e-6)
        return np.where(catches, 0.0, np.inf)

    def node_terminal(self, nodes: list[str]) -> Floats:
        """(events x nodes): 0 where the event is at the node."""
        return np.where(self._at(np.array([self.network.node_of[n] for n in nodes], dtype=np.int64)), 0.0, np.inf)

    def _at(self, nodes: Ints) -> Bools:
        here: Bools = np.array(self.network.node, dtype=np.int64)[:, None] == nodes[None, :]
        return here


class _Known(NamedTuple):
    """A timetable's network, and what was found on it without asking for room."""

    instance: Instance
    network: Network
    layout: Layout
    outbound: dict[str, Labels]


_known: list[_Known] = []  # the timetables used last
KEPT = 2


def build_problem(instance: Instance) -> Problem:
    """The problem on its network; the network of a timetable seen a moment ago, and its labels, are taken as they are."""
    found = next((known for known in _known if _same_roads(known.instance, instance)), None)
    if found is None:
        network = build_network(instance)
        found = _Known(instance, network, lay_out(network), {})
    _known[:] = [found, *(known for known in _known if known is not found)][:KEPT]
    same_trunks = [(t.hub, t.cutoff) for t in found.instance.trunks] == [(t.hub, t.cutoff) for t in instance.trunks]
    network = replace(found.network, instance=instance)
    like = _alike(instance)
    ends: dict[str, dict[str, int]] = {tier: {} for tier in like.values()}
    bound_for = {(tier, p.to) for p in instance.parcels if p.to is not None for tier in (TIERS[0], like[p.tier])}
    for tier, to in sorted(bound_for):
        ends[tier][to] = len(ends[tier])
    return Problem(instance, network, replace(found.layout, network=network), like, ends, found.outbound if same_trunks else {})


def _carries(instance: Instance) -> Bools:
    """(departures x tiers)."""
    return np.array([[tier in d.tiers for tier in TIERS] for d in instance.departures], dtype=bool).reshape(-1, len(TIERS))


def _alike(instance: Instance) -> dict[str, str]:
    columns = [column.tobytes() for column in _carries(instance).T]
    return {tier: TIERS[columns.index(column)] for tier, column in zip(TIERS, columns, strict=True)}


def _same_roads(one: Instance, other: Instance) -> bool:
    """The very same departures under the same rules; equal ones are not looked for, they are many."""
    return one.departures is other.departures and one.nodes is other.nodes and _rules(one) == _rules(other)


def _rules(instance: Instance) -> tuple[float, ...]:
    return instance.transfer_min, instance.hub_sort_min, instance.handover_fee_fen, instance.max_handovers
