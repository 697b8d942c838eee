"""Who held a parcel from when to when, read from the set of its scans.

A pure function of the set: scans are put in order of corrected time, then device and sequence, then the natural order of
acts, so the order in which they arrived does not matter. A gap is named, never filled; a scan that cannot be true is named and
left out. Hand-overs are facts and always count; that a parcel was delivered, lost or came back is only believed of the place
that has it, or that it was bound for with scans missing in between.

A parcel in a turnover box goes where the box goes: the box's moves are read as its own. Whatever is scanned by itself has left its
box, but for what is only told once more; and what has come to the place where it is fetched stands on the shelf.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from .bounds import Bound
from .doors import node_of_door
from .models import Action
from .rides import Holder

NATURAL = {action.value: n for n, action in enumerate(Action)}
TOLD_LATE = timedelta(hours=24)  # after so long a delivery counts from when it was told: its receiver must have had the claim window


class Seen(NamedTuple):
    """What the chain needs of a scan; `said` is the device's own time, `skewed` that its clock was wrong, `box` what was scanned for it."""

    event_id: str
    device: str
    seq: int
    action: str
    place: str
    at: datetime
    said: datetime | None = None
    received: datetime | None = None
    skewed: bool = False
    box: str = ""
    told: str = ""  # the act of its box it follows from, by which it is ordered


@dataclass
class Held:
    """One custody; `kind` is station, departure, hub, carrier or courier (who goes to the doors)."""

    kind: str
    code: str
    giver: str
    event_id: str
    began: datetime
    ended: datetime | None = None
    box: str = ""


class Doubt(NamedTuple):
    """A disruption a scan gives rise to."""

    kind: str  # missing_scan | wrong_place | missing
    event_id: str
    words: str


@dataclass
class Chain:
    held: list[Held] = field(default_factory=list)
    status: str = "packed"
    since: datetime | None = None  # of the status
    doubts: list[Doubt] = field(default_factory=list)
    box: str = ""  # it lies in
    _while: dict[Doubt, tuple[int, str]] = field(default_factory=dict)  # holders so far and status (or any) a doubt lasts for

    @property
    def holder(self) -> Held | None:
        return self.held[-1] if self.held and self.held[-1].ended is None else None

    @property
    def last(self) -> str:
        """Who holds it, or did until it was lost."""
        return self.held[-1].code if self.held else ""

    @property
    def holders(self) -> list[Holder]:
        return [Holder(h.kind, h.code) for h in self.held]

    @property
    def has_gap(self) -> bool:
        return any(doubt.kind == "missing_scan" for doubt in self.doubts)

    def doubt(self, kind: str, scan: Seen, words: str, *, until: str = "") -> None:
        """Later scans may explain it: `moved`, once somebody else has the parcel; `changed`, also once it stands otherwise."""
        raised = Doubt(kind, scan.event_id, words)
        self.doubts.append(raised)
        if until:
            self._while[raised] = (len(self.held), self.status if until == "changed" else "")

    def forget_explained(self) -> None:
        here = len(self.held), self.status
        self.doubts = [d for d in self.doubts if d not in self._while or self._while[d] in (here, (here[0], ""))]

    def stand(self, status: str, at: datetime) -> None:
        self.status, self.since = status, at

    def give(self, kind: str, scan: Seen) -> None:
        giver = self.last
        self.end(scan.at)
        self.held.append(Held(kind, scan.place, giver, scan.event_id, scan.at, box=self.box))

    def end(self, at: datetime) -> None:
        if holder := self.holder:
            holder.ended = max(at, holder.began)

    def lie_in(self, box: str) -> None:
        """In this box from now on; empty: by itself."""
        self.box = box
        if holder := self.holder:
            holder.box = box


class Ground(NamedTuple):
    """What a chain is read against."""

    hubs: Set[str]
    road_ends: Mapping[str, datetime]
    bound: Bound


def read_chain(
    scans: Iterable[Seen], *, hubs: Set[str], road_ends: Mapping[str, datetime], bound: Bound | None = None, moves: Iterable[Seen] = ()
) -> Chain:
    """The custody chain of one parcel. `road_ends` gives when each departure named in the scans is at its last stop.

    `moves` are those of every box it was ever put into, settled: they count while it lies in that box.
    """
    chain, ground = Chain(), Ground(hubs, road_ends, bound or Bound())
    for scan in sorted([*settled(scans), *moves], key=moment):
        if scan.box and scan.action != Action.STOW:
            if scan.box == chain.box:
                _ride(chain, scan, ground)
        elif chain.status != "delivered" or scan.action == Action.DELIVER:
            _by_itself(chain, scan, ground)
        else:
            chain.doubt("wrong_place", scan, "签收之后还有扫码")
    chain.forget_explained()
    return chain


def _ride(chain: Chain, scan: Seen, ground: Ground) -> None:
    """Its box was scanned."""
    _STEPS[Action(scan.action)](chain, scan, ground)
    if scan.action in (Action.UNSTOW, Action.DISPATCH) or scan.place == ground.bound.collected_at:
        chain.lie_in("")


def _by_itself(chain: Chain, scan: Seen, ground: Ground) -> None:
    before, holder, holders = chain.box, chain.holder, len(chain.held)
    _STEPS[Action(scan.action)](chain, scan, ground)
    moved = len(chain.held) != holders or (holder is not None and holder.ended is not None)
    if before and before == chain.box and (moved or scan.action in (Action.UNLOAD, Action.RECEIVE)):
        chain.lie_in("")


def in_order(scans: Iterable[Seen]) -> list[Seen]:
    """As they happened: packing first."""
    return sorted(settled(scans), key=moment)


def settled(scans: Iterable[Seen]) -> list[Seen]:
    """What one wrong clock wrote keeps its own order, whatever the receipts it was held to."""
    scans = list(scans)
    latest: dict[str, datetime] = {}
    sure: dict[str, datetime] = {}
    for scan in sorted((s for s in scans if s.skewed), key=lambda s: (s.device, s.seq, s.said or s.at, s.event_id), reverse=True):
        sure[scan.event_id] = latest[scan.device] = min(scan.at, latest.get(scan.device, scan.at))
    return [s._replace(at=sure.get(s.event_id, s.at)) for s in scans]


def moment(scan: Seen) -> tuple[bool, datetime, str, int, datetime, int, str]:
    """By time; in the same moment by a device's numbers, without them as acts naturally follow each other."""
    packing_first = scan.action != Action.PACK
    said = scan.said if scan.skewed and scan.said else scan.at
    return packing_first, scan.at, scan.device if scan.seq else "", scan.seq, said, NATURAL[scan.told or scan.action], scan.event_id


def _pack(chain: Chain, scan: Seen, ground: Ground) -> None:
    chain.give("hub" if scan.place in ground.hubs else "station", scan)
    chain.stand("packed", scan.at)


def _stow(chain: Chain, scan: Seen, ground: Ground) -> None:
    """Only what is where the box is can be put into it; a parcel that is put into another box has left its former one."""
    fits = chain.last == scan.place and chain.holder is not None
    chain.lie_in(scan.box if fits else "")
    if not fits:
        chain.doubt("wrong_place", scan, "这件不在箱子这里，先不算装箱", until="changed")


def _unstow(chain: Chain, scan: Seen, ground: Ground) -> None:
    chain.lie_in("")


def _load(chain: Chain, scan: Seen, ground: Ground) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    if node := node_of_door(scan.place):
        _take_out(chain, scan, ground, node)
        return
    if holder and holder.kind == "departure":
        if scan.at < ground.road_ends.get(holder.code, scan.at):
            chain.doubt("wrong_place", scan, "两辆车都扫了这件，先扫的那辆在责")
            return
        chain.doubt("missing_scan", scan, "换车之间少一次卸车扫码")
    elif (holder is None and chain.status != "lost") or (holder and holder.kind == "carrier"):
        chain.doubt("missing_scan", scan, "装车之前不知道在谁手里")
    wrong = "" if chain.status == "returned" else ground.bound.why_not_aboard(scan.place, scan.at, chain.holders)
    chain.give("departure", scan)
    chain.stand("moving", scan.at)
    if wrong:
        chain.doubt("wrong_place", scan, wrong, until="moved" if ground.bound.suits(scan.place) else "")  # what got warm stays a question


def _take_out(chain: Chain, scan: Seen, ground: Ground, node: str) -> None:
    """To its receiver's door, from the node that serves it."""
    if chain.last != node or (chain.holder is None and chain.status != "lost"):
        chain.doubt("missing_scan", scan, "送上门之前少一次到站扫码")
    wrong = "" if chain.status == "returned" else ground.bound.why_not_out(node, chain.holders)
    chain.give("courier", scan)
    chain.stand("on_trunk", scan.at)
    if wrong:
        chain.doubt("wrong_place", scan, wrong, until="moved")


def _arrive(chain: Chain, scan: Seen, ground: Ground) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    if (holder is None and chain.status != "lost") or (holder and holder.kind not in ("departure", "courier")):
        chain.doubt("missing_scan", scan, "到站之前少一次装车扫码")
    at_hub = scan.place in ground.hubs
    chain.give("hub" if at_hub else "station", scan)
    chain.stand("at_hub" if at_hub else "moving", scan.at)


def _dispatch(chain: Chain, scan: Seen, ground: Ground) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    held, bound = chain.holders, ground.bound
    put_right = holder is not None and holder.kind == "carrier" and bound.why_not_with(holder.code, held)
    if not put_right and (holder is None or holder.kind != "hub"):
        chain.doubt("missing_scan", scan, "交干线之前没有到中心的扫码")
    wrong = bound.why_not_with(scan.place, held)
    chain.give("carrier", scan)
    chain.stand("on_trunk", scan.at)
    if wrong:
        chain.doubt("wrong_place", scan, wrong, until="moved" if bound.suits(scan.place) else "")


def _deliver(chain: Chain, scan: Seen, ground: Ground) -> None:
    if not _may_deliver(chain, scan.place, ground.bound):
        chain.doubt("wrong_place", scan, "这件不在这里，也不寄到这里，先不算送到", until="changed")
        return
    if chain.status == "delivered":  # told twice: the earlier counts
        chain.stand("delivered", min(_proven(scan, gap=chain.has_gap), chain.since or scan.at))
        return
    if chain.last != (scan.place or chain.last) or not chain.held:
        chain.doubt("missing_scan", scan, "送到之前少一次交接扫码")
    chain.end(scan.at)
    chain.stand("delivered", _proven(scan, gap=chain.has_gap))


def _may_deliver(chain: Chain, place: str, bound: Bound) -> bool:
    """A carrier or station it was bound for, a carrier that was given it, and in the county any station that had it.

    Without a place it is said of whoever had it. What once may be believed stays so whatever earlier scans come later.
    """
    had = [h for h in chain.held if place in ("", h.code)]
    return bound.ends_at(place) or any(
        bound.ends_at(h.code) or h.kind in ("carrier", "courier") or (bound.stays_here and h.kind != "departure") for h in had
    )


def _proven(scan: Seen, *, gap: bool) -> datetime:
    """When a delivery counts as made: at its own time; at receipt where scans are missing, the clock was wrong or it was told late."""
    told = scan.received or scan.at
    return told if gap or scan.skewed or told - scan.at > TOLD_LATE else scan.at


def _return(chain: Chain, scan: Seen, ground: Ground) -> None:
    """It stays where it was handed back; a carrier brings it back to a hub."""
    at_hub = scan.place in ground.hubs
    brought = at_hub and bool(chain.held) and chain.held[-1].kind == "carrier"
    if chain.last != scan.place and not brought:
        chain.doubt("wrong_place", scan, "这件不在这里，先不算退回", until="changed")
        return
    if brought or chain.holder is None:
        chain.give("hub" if at_hub else "station", scan)
    chain.stand("returned", scan.at)


def _lose(chain: Chain, scan: Seen, ground: Ground) -> None:
    holder = chain.holder
    if holder and scan.place not in ("", holder.code):
        if ground.bound.boards(scan.place):
            chain.doubt("missing", scan, "司机没见到这件，站里要找一找", until="changed")
        else:
            chain.doubt("wrong_place", scan, "这件不在这里，先不算丢失", until="changed")
        return
    chain.end(scan.at)
    chain.stand("lost", scan.at)
    chain.doubt("missing", scan, "找不到这件，要定责", until="changed")


_STEPS = {
    Action.PACK: _pack, Action.LOAD: _load, Action.UNLOAD: _arrive, Action.RECEIVE: _arrive, Action.DISPATCH: _dispatch,
    Action.DELIVER: _deliver, Action.RETURN: _return, Action.LOSE: _lose, Action.STOW: _stow, Action.UNSTOW: _unstow,
}  # fmt: skip
