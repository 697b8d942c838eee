"""Read an instance file in the published format (`jishi plan --instance`).

Every refusal is an InstanceError whose message names the item, so that whoever wrote the file can find the line:
`departures[3] "d4": stop 2: dep 410 before arr 415`. Unknown fields are ignored: the format may grow.
"""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from .instance import (
    NODE_KINDS,
    TIERS,
    Capacity,
    Departure,
    FixedLeg,
    Instance,
    InstanceError,
    Node,
    Parcel,
    Stop,
    Trunk,
    Zone,
    stop_label,
    stops_called,
)

_MISSING = object()
HALF_A_CHARACTER = re.compile("[\ud800-\udfff]")  # a lone surrogate: JSON can spell it, UTF-8 cannot
_LARGEST = 1e12  # beyond it sums of doubles stop being exact to the gram
_Built = TypeVar("_Built", Node, Departure, Trunk, Parcel)


def read_instance(path: Path | str) -> Instance:
    """The instance in a JSON file; InstanceError if it cannot be read or does not make sense."""
    try:
        return parse_instance(_json(path))
    except RecursionError as error:  # in reading it, or later in showing what was wrong with it
        raise InstanceError(f"{path}: nested too deeply") from error


def _json(path: Path | str) -> object:
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except OSError as error:
        raise InstanceError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InstanceError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except InstanceError as error:
        raise InstanceError(f"{path}: {error}") from error
    except ValueError as error:  # JSONDecodeError, and integers too long to convert
        raise InstanceError(f"{path}: not JSON: {error}") from error


def parse_instance(data: object) -> Instance:
    """The instance in parsed JSON (dicts and lists); InstanceError naming the item otherwise."""
    top = _Item(data, "instance")
    nodes = tuple(_items(top, "nodes", lambda item: Node(item.id(), item.one_of("kind", NODE_KINDS))))
    node_ids = {n.id for n in nodes}
    hubs = [n.id for n in nodes if n.kind == "hub"]
    departures = tuple(_items(top, "departures", lambda item: _departure(item, node_ids)))
    trunks = tuple(_items(top, "trunks", lambda item: _trunk(item, hubs)))
    timetable = {d.id: d for d in departures}
    choices = Counter([*timetable, *(t.id for t in trunks)])
    parcels = tuple(_items(top, "parcels", lambda item: _parcel(item, node_ids, timetable, choices)))
    return Instance(
        county=top.text("county"),
        start=_start(top),
        horizon_min=top.number("horizon_min", low=0),
        transfer_min=top.number("transfer_min", low=0),
        hub_sort_min=top.number("hub_sort_min", low=0),
        handover_fee_fen=top.number("handover_fee_fen", low=0),
        late_fen_per_day=top.number("late_fen_per_day", low=0),
        unserved_fen=top.number("unserved_fen", low=0),
        max_handovers=top.whole("max_handovers", default=3),
        nodes=nodes,
        departures=departures,
        trunks=trunks,
        parcels=parcels,
    )


def _departure(item: "_Item", nodes: Collection[str]) -> Departure:
    stops: list[Stop] = []
    for i, raw in enumerate(item.entries("stops")):
        stop = _Item(raw, f"{item.name}: stop {i}")
        node, arr, dep = stop.one_of("node", nodes), stop.number("arr"), stop.number("dep")
        if dep < arr:
            raise InstanceError(f"{stop.name}: dep {dep:g} before arr {arr:g}")
        if stops and arr < stops[-1].dep:
            raise InstanceError(f"{stop.name}: arr {arr:g} before dep {stops[-1].dep:g} of stop {i - 1}")
        stops.append(Stop(node, arr, dep))
    if len(stops) < 2:
        raise InstanceError(f"{item.name}: stops: needs at least 2, has {len(stops)}")
    cap = _Item(item.get("cap"), f"{item.name}: cap")
    departure = Departure(
        id=item.id(),
        line=item.text("line"),
        mode=item.text("mode"),
        tiers=item.tiers(),
        fee_fen=item.number("fee_fen", low=0),
        stops=tuple(stops),
        cap=Capacity(
            g=cap.number("g", low=0),
            ml=cap.number("ml", low=0),
            boxes=None if cap.get("boxes", None) is None else cap.whole("boxes"),
            chilled_ml=None if cap.get("chilled_ml", None) is None else cap.number("chilled_ml", low=0),
        ),
    )
    if any("#" in stop.node for stop in stops):
        _told_apart(item, departure)
    return departure


def _told_apart(item: "_Item", departure: Departure) -> None:
    """A node called `a#1` and the second stop at `a` bear one name in a leg: then nobody could read an answer."""
    for i in range(len(departure.stops)):
        label = stop_label(departure, i)
        if len(stops_called(departure, label)) > 1:
            raise InstanceError(f"{item.name}: stop {i}: {_shown(label)} may mean another stop of it too; name the node otherwise")


def _trunk(item: "_Item", hubs: list[str]) -> Trunk:
    if item.get("hub", None) is not None:
        hub = item.one_of("hub", hubs)
    elif len(hubs) == 1:
        hub = hubs[0]
    else:
        raise InstanceError(f"{item.name}: hub: must be named, the county has {len(hubs)} hubs")
    zones = {}
    raw_zones = item.get("zones")
    if not isinstance(raw_zones, dict):
        raise InstanceError(f"{item.name}: zones: must be an object")
    for name, raw in raw_zones.items():
        zone = _Item(raw, f"{item.name}: zone {_shown(name)}")
        if not name or HALF_A_CHARACTER.search(name):
            raise InstanceError(f"{item.name}: zones: {_shown(name)} is no name of a zone")
        zones[name] = Zone(*(zone.number(key, low=0) for key in ("base_fen", "per_kg_fen", "hours")))
    cutoff, dep = item.number("cutoff"), item.number("dep")
    if dep < cutoff:
        raise InstanceError(f"{item.name}: dep {dep:g} before cutoff {cutoff:g}")
    return Trunk(item.id(), item.text("carrier"), hub, cutoff, dep, item.number("cap_g", low=0), item.tiers(), zones)


def _parcel(item: "_Item", nodes: Collection[str], timetable: dict[str, Departure], choices: Counter[str]) -> Parcel:
    zone, to = item.get("zone", None), item.get("to", None)
    if (zone is None) == (to is None):
        raise InstanceError(f'{item.name}: needs either "zone" or "to"')
    origin = item.one_of("origin", nodes)
    shelf = None if item.get("shelf_min", None) is None else item.number("shelf_min", low=0)
    return Parcel(
        id=item.id(),
        origin=origin,
        ready=item.number("ready"),
        zone=None if zone is None else item.text("zone"),
        to=None if to is None else item.one_of("to", nodes),
        tier=item.one_of("tier", TIERS),
        g=item.number("g", low=0),
        ml=item.number("ml", low=0),
        box_milli=item.number("box_milli", low=0),
        due=math.inf if item.get("due") is None else item.number("due"),
        hold_fen_per_h=item.number("hold_fen_per_h", low=0),
        shelf_min=shelf,
        pin=_choices(item, "pin", choices),
        forbid=_choices(item, "forbid", choices),
        fixed_legs=_fixed_legs(item, origin, timetable),
    )


def _choices(item: "_Item", key: str, known: Counter[str]) -> frozenset[str]:
    """Departures and trunks named by a parcel; a name that both bear says nothing."""
    chosen = item.subset(key, known)
    if both := sorted(name for name in chosen if known[name] > 1):
        raise InstanceError(f"{item.name}: {key}: {_shown(both[0])} is a departure and a trunk")
    return chosen


def _fixed_legs(item: "_Item", origin: str, timetable: dict[str, Departure]) -> tuple[FixedLeg, ...]:
    """Legs that join end to end from the origin; their times are facts and are not judged."""
    legs: list[FixedLeg] = []
    at = origin
    for i, raw in enumerate(item.entries("fixed_legs", optional=True)):
        leg = _Item(raw, f"{item.name}: fixed leg {i}")
        departure = timetable[leg.one_of("departure", timetable)]
        board, alight = (_stop_index(leg, key, departure) for key in ("board", "alight"))
        if alight <= board:
            raise InstanceError(f"{leg.name}: alights before it boards")
        if departure.stops[board].node != at:
            boards = _shown(departure.stops[board].node)
            raise InstanceError(f"{leg.name}: boards at {boards} but the parcel is at {_shown(at)}")
        at = departure.stops[alight].node
        legs.append(FixedLeg(departure.id, board, alight))
    return tuple(legs)


def _stop_index(leg: "_Item", key: str, departure: Departure) -> int:
    label = leg.text(key)
    visits = stops_called(departure, label)
    if len(visits) != 1:
        why = "does not stop there" if not visits else f"stops there {len(visits)} times, say {_shown(label + '#stop')}"
        raise InstanceError(f"{leg.name}: {key} {_shown(label)}: departure {_shown(departure.id)} {why}")
    return visits[0]


def _start(top: "_Item") -> datetime:
    try:
        start = datetime.fromisoformat(top.text("start"))
    except ValueError as error:
        raise InstanceError(f"instance: start: {str(error)[:80]}") from error
    if start.tzinfo is None:
        raise InstanceError(f"instance: start: {start.isoformat()} has no UTC offset")
    return start


def _items(top: "_Item", key: str, build: Callable[["_Item"], _Built]) -> list[_Built]:
    """Every entry of a top-level list built; ids are unique within the list."""
    built, seen = [], set()
    for i, raw in enumerate(top.entries(key)):
        item = _Item(raw, f"{key}[{i}]")
        item.name = f"{key}[{i}] {_shown(item.id())}"
        if item.id() in seen:
            raise InstanceError(f"{item.name}: id is used twice")
        seen.add(item.id())
        built.append(build(item))
    return built


class _Item:
    """One JSON object and the name it is reported by."""

    def __init__(self, raw: object, name: str) -> None:
        if not isinstance(raw, dict):
            raise InstanceError(f"{name}: must be an object")
        self.raw: dict[str, Any] = raw
        self.name = name

    def get(self, key: str, default: object = _MISSING) -> object:
        value = self.raw.get(key, default)
        if value is _MISSING:
            raise InstanceError(f"{self.name}: {key}: is missing")
        return value

    def id(self) -> str:
        return self.text("id")

    def text(self, key: str) -> str:
        value = self.get(key)
        if not isinstance(value, str) or not value:
            raise InstanceError(f"{self.name}: {key}: must be text, is {_shown(value)}")
        if HALF_A_CHARACTER.search(value):
            raise InstanceError(f"{self.name}: {key}: {_shown(value)} is half a character")
        return value

    def one_of(self, key: str, known: Collection[str]) -> str:
        value = self.text(key)
        if value not in known:
            raise InstanceError(f"{self.name}: {key}: {_shown(value)} is not known")
        return value

    def number(self, key: str, low: float | None = None) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not -_LARGEST <= value <= _LARGEST:
            raise InstanceError(f"{self.name}: {key}: must be a number, is {_shown(value)}")
        if low is not None and value < low:
            raise InstanceError(f"{self.name}: {key}: {value:g} is below {low:g}")
        return value

    def whole(self, key: str, default: int | None = None) -> int:
        if default is not None and key not in self.raw:
            return default
        value = self.number(key, low=0)
        if value != int(value):
            raise InstanceError(f"{self.name}: {key}: must be a whole number, is {value:g}")
        return int(value)

    def entries(self, key: str, optional: bool = False) -> list[Any]:
        value = self.raw.get(key) if optional else self.get(key)
        if value is None and optional:
            return []
        if not isinstance(value, list):
            raise InstanceError(f"{self.name}: {key}: must be a list, is {_shown(value)}")
        return value

    def tiers(self) -> frozenset[str]:
        return self._known_set("tiers", self.entries("tiers"), TIERS)

    def subset(self, key: str, known: Collection[str]) -> frozenset[str]:
        return self._known_set(key, self.entries(key, optional=True), known)

    def _known_set(self, key: str, values: list[Any], known: Collection[str]) -> frozenset[str]:
        for value in values:
            if not isinstance(value, str) or value not in known:
                raise InstanceError(f"{self.name}: {key}: {_shown(value)} is not known")
        return frozenset(values)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, float | int) or isinstance(value, bool) else str(value)[:40]
    text = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)  # half characters, line ends, turns of direction
    return text if len(text) <= 40 else text[:37] + "..."


def _refuse_constant(name: str) -> float:
    raise InstanceError(f"{name} is not a number in JSON")
