"""Who held a parcel from when to when, read from the set of its scans.

A pure function of the set: scans are put in order of corrected time, then device and sequence, then the natural order of
acts, so the order in which they arrived does not matter. A gap is named, never filled; a scan that cannot be true is named and left out.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from .models import Action

NATURAL = {action.value: n for n, action in enumerate(Action)}


class Seen(NamedTuple):
    """What the chain needs of a scan."""

    event_id: str
    device: str
    seq: int
    action: str
    place: str
    at: datetime


@dataclass
class Held:
    """One custody; `kind` is station, departure, hub or carrier."""

    kind: str
    code: str
    giver: str
    event_id: str
    began: datetime
    ended: datetime | None = None


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

    @property
    def holder(self) -> Held | None:
        return self.held[-1] if self.held and self.held[-1].ended is None else None

    def doubt(self, kind: str, scan: Seen, words: str) -> None:
        self.doubts.append(Doubt(kind, scan.event_id, words))

    def stand(self, status: str, at: datetime) -> None:
        self.status, self.since = status, at

    def give(self, kind: str, scan: Seen) -> None:
        giver = self.held[-1].code if self.held else ""
        self.end(scan.at)
        self.held.append(Held(kind, scan.place, giver, scan.event_id, scan.at))

    def end(self, at: datetime) -> None:
        if holder := self.holder:
            holder.ended = max(at, holder.began)


def read_chain(scans: Iterable[Seen], *, hubs: Set[str], road_ends: Mapping[str, datetime]) -> Chain:
    """The custody chain of one parcel. `road_ends` gives when each departure named in the scans is at its last stop."""
    chain = Chain()
    for scan in sorted(scans, key=_moment):
        if chain.status == "delivered":
            if scan.action != Action.DELIVER:
                chain.doubt("wrong_place", scan, "签收之后还有扫码")
            continue
        _STEPS[Action(scan.action)](chain, scan, hubs, road_ends)
    return chain


def _moment(scan: Seen) -> tuple[datetime, str, int, int, str]:
    return scan.at, scan.device, scan.seq, NATURAL[scan.action], scan.event_id


def _pack(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    chain.give("hub" if scan.place in hubs else "station", scan)
    chain.stand("packed", scan.at)


def _load(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    if holder and holder.kind == "departure":
        if scan.at < road_ends.get(holder.code, scan.at):
            chain.doubt("wrong_place", scan, "两辆车都扫了这件，先扫的那辆在责")
            return
        chain.doubt("missing_scan", scan, "换车之间少一次卸车扫码")
    elif holder is None or holder.kind == "carrier":
        chain.doubt("missing_scan", scan, "装车之前不知道在谁手里")
    chain.give("departure", scan)
    chain.stand("moving", scan.at)


def _arrive(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    if holder is None or holder.kind != "departure":
        chain.doubt("missing_scan", scan, "到站之前少一次装车扫码")
    at_hub = scan.place in hubs
    chain.give("hub" if at_hub else "station", scan)
    chain.stand("at_hub" if at_hub else "moving", scan.at)


def _dispatch(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    holder = chain.holder
    if holder and holder.code == scan.place:
        return
    if holder is None or holder.kind != "hub":
        chain.doubt("missing_scan", scan, "交干线之前没有到中心的扫码")
    chain.give("carrier", scan)
    chain.stand("on_trunk", scan.at)


def _deliver(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    if chain.holder is None:
        chain.doubt("missing_scan", scan, "签收之前不知道在谁手里")
    chain.end(scan.at)
    chain.stand("delivered", scan.at)


def _return(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    chain.give("hub" if scan.place in hubs else "station", scan)
    chain.stand("returned", scan.at)


def _lose(chain: Chain, scan: Seen, hubs: Set[str], road_ends: Mapping[str, datetime]) -> None:
    chain.end(scan.at)
    chain.stand("lost", scan.at)
    chain.doubt("missing", scan, "找不到这件，要定责")


_STEPS = {
    Action.PACK: _pack, Action.LOAD: _load, Action.UNLOAD: _arrive, Action.RECEIVE: _arrive, Action.DISPATCH: _dispatch,
    Action.DELIVER: _deliver, Action.RETURN: _return, Action.LOSE: _lose,
}  # fmt: skip
