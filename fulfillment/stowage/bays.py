"""Which bay each group of boxes stands in, so that over all bays the fewest boxes are lifted out of the way.

Two groups disturb each other in one bay when their stretches cross (the one boarded first alights first, in between the other
boards). Bays without any lifting are thus a colouring of a circle graph, which is hard in general (Avriel, Penn, Shpirer 2000), so:
first a greedy pass that stands each group on the one that alights soonest after it, as in patience sorting; then, if something is
lifted, branch and bound over the groups in the order they board. Leaving a group out never makes more lifting, so what the groups
placed so far need is a true lower bound. After LOOKS tries, or where room is so short that splitting groups might help, the answer
is good, not proven.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from .stack import Group, Handling, least_lifts

LOOKS = 150


class Bay(NamedTuple):
    """A place for goods; `boxes` None: not counted. `cold` is for chilled and frozen goods and for nothing else."""

    name: str
    boxes: int | None
    cold: bool


class Stowed(NamedTuple):
    """Each bay with its work, in the vehicle's order. `left`: groups (or what is left of them) no bay has room for."""

    bays: tuple[tuple[Bay, Handling], ...]
    left: tuple[Group, ...]
    exact: bool

    @property
    def lifts(self) -> int:
        return sum(handling.lifts for _, handling in self.bays)


def stow(bays: Sequence[Bay], groups: Iterable[Group]) -> Stowed:
    """Put groups of one temperature into bays of it."""
    waiting = sorted(groups, key=lambda g: (g.board, -g.alight, g.key))
    search = _Search(bays, waiting)
    placed, left = search.greedy()
    if left or any(search.handling(mine).lifts for mine in placed):
        placed, left = search.improve(placed, left)
    handlings = [search.handling(mine) for mine in placed]
    proven = search.proven and all(h.exact for h in handlings)
    return Stowed(tuple(zip(bays, handlings, strict=True)), tuple(left), not left and (proven or not sum(h.lifts for h in handlings)))


Placed = list[frozenset[Group]]


class _Search:
    def __init__(self, bays: Sequence[Bay], groups: Sequence[Group]) -> None:
        self.bays, self.groups = bays, groups
        self.known: dict[frozenset[Group], Handling] = {}
        self.looks, self.proven = 0, True

    def handling(self, groups: frozenset[Group]) -> Handling:
        if groups not in self.known:
            self.known[groups] = least_lifts(groups)
        return self.known[groups]

    def room(self, bay: int, mine: frozenset[Group], group: Group) -> int:
        """Boxes of the group that fit beside `mine` all its way."""
        most = self.bays[bay].boxes
        if most is None:
            return group.boxes
        others = [g for g in mine if g.board < group.alight and group.board < g.alight]
        aboard = [sum(o.boxes for o in others if o.board <= stop < o.alight) for stop in {group.board, *(o.board for o in others)}
                  if group.board <= stop < group.alight]  # fmt: skip
        return max(0, min(group.boxes, most - max(aboard, default=0)))

    def greedy(self) -> tuple[Placed, list[Group]]:
        """Each group where it adds least lifting, split only where no bay takes it whole."""
        placed: Placed = [frozenset() for _ in self.bays]
        left = []
        for group in self.groups:
            while group.boxes:
                choice = self._choose(placed, group)
                if choice is None:
                    left.append(group)
                    break
                bay, boxes = choice
                placed[bay] |= {group._replace(boxes=boxes)}
                group = group._replace(boxes=group.boxes - boxes)
        return placed, left

    def _choose(self, placed: Placed, group: Group) -> tuple[int, int] | None:
        """The bay for the next group and how many of its boxes; None when all are full."""
        ranked = []
        for bay, mine in enumerate(placed):
            if room := self.room(bay, mine, group):
                more = self.handling(mine | {group._replace(boxes=room)}).lifts - self.handling(mine).lifts
                inside = min((g.alight - group.alight for g in mine if g.alight >= group.alight and g.board <= group.board), default=None)
                ranked.append((room < group.boxes, more, inside is None, inside or 0, bay, room))
        return min(ranked)[-2:] if ranked else None

    def improve(self, placed: Placed, left: list[Group]) -> tuple[Placed, list[Group]]:
        """Whole groups, every way, as far as LOOKS goes; a group that must be split keeps the greedy answer."""
        best = (sum(g.boxes for g in left), sum(self.handling(mine).lifts for mine in placed))
        found = placed

        def go(n: int, here: Placed, lifts: int) -> None:
            nonlocal best, found, left
            if (0, lifts) >= best or self.looks >= LOOKS:
                self.proven = self.proven and self.looks < LOOKS
                return
            if n == len(self.groups):
                best, found, left = (0, lifts), list(here), []
                return
            group, tried = self.groups[n], set()
            for bay, mine in enumerate(here):
                alike = (mine, self.bays[bay].boxes)
                if alike in tried or self.room(bay, mine, group) < group.boxes:
                    continue
                tried.add(alike)
                self.looks += 1
                more = self.handling(mine | {group}).lifts - self.handling(mine).lifts
                here[bay] = mine | {group}
                go(n + 1, here, lifts + more)
                here[bay] = mine

        go(0, [frozenset() for _ in self.bays], 0)
        self.proven = self.proven and (len(self.bays) == 1 or self._roomy())
        return found, left

    def _roomy(self) -> bool:
        """Whether any bay would take everything: where room is short, splitting a group might save lifts, and that is not tried."""
        total = sum(group.boxes for group in self.groups)
        return all(bay.boxes is None or bay.boxes >= total for bay in self.bays)
