"""A road in plain words and as plain data: one item a ride, then the trunk that leaves the county."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core import clock, i18n
from fulfillment.batching.roads import Call, Ride, Roads, TrunkDay
from fulfillment.network.words import KIND_WORDS, line_words

from .api_shapes import PathLeg
from .serving import End

HOUR = timedelta(hours=1)


def leg_words(leg: Mapping[str, Any]) -> str:
    """One item of a kept path in the page's language."""
    if i18n.locale() == "zh":
        return str(leg["words"])
    left = f"{datetime.fromisoformat(str(leg['leaves_at'])):%H:%M}"
    if leg["kind"] == "trunk":
        return f"{left} {leg['line']}"
    if is_to_the_door(leg):
        return i18n.gettext("{time} {who}送上门").format(time=left, who=i18n.gettext(KIND_WORDS[leg["kind"]]))
    line = line_words(str(leg["line"]), str(leg["kind"]))
    return i18n.gettext("{time} 的 {line}到{place}").format(time=left, line=line, place=leg["to"])


def riding(roads: Roads, ride: Ride, board: Call, alight: Call) -> PathLeg:
    """One ride between two calls."""
    there, left = roads.names[alight.node], clock.local(board.leaves_at)
    with i18n.speaking("zh"):  # a path is kept with the order and read by everybody: `leg_words` tells it to each
        line = line_words(ride.number, ride.kind)
    return {
        "kind": ride.kind,
        "line": ride.number,
        "line_code": ride.line,
        "departure": ride.code,
        "from": roads.names[board.node],
        "to": there,
        "leaves_at": left.isoformat(),
        "arrives_at": clock.local(alight.arrives_at).isoformat(),
        "words": f"{left:%H:%M} 的{' ' if ride.number[:1].isascii() else ''}{line}到{there}",
    }


def trunking(roads: Roads, day: TrunkDay, arrives: float, zone: str) -> PathLeg:
    """The lane out of the hub."""
    left = clock.local(day.leaves_at)
    return {
        "kind": "trunk",
        "line": day.name,
        "line_code": day.code,
        "departure": None,
        "from": roads.names[day.hub],
        "to": zone,
        "leaves_at": left.isoformat(),
        "arrives_at": clock.local(roads.instant(arrives)).isoformat(),
        "words": f"{left:%H:%M} {day.name}",
    }


def to_the_door(end: End, there: datetime) -> PathLeg:
    """The last stretch, from the node that serves an address to its door."""
    assert end.door is not None
    left = clock.local(end.door.leaves_at(there))
    return {
        "kind": end.door.kind,
        "line": "",
        "line_code": "",
        "departure": None,
        "from": end.name,
        "to": "",
        "leaves_at": left.isoformat(),
        "arrives_at": (left + timedelta(minutes=end.door.minutes)).isoformat(),
        "words": f"{left:%H:%M} {KIND_WORDS[end.door.kind]}送上门",
    }


def is_to_the_door(leg: Mapping[str, Any]) -> bool:
    """Whether an item of a path is the last stretch, which no line runs."""
    return not leg["line_code"]


def how_soon(deliver_by: datetime, now: datetime) -> str:
    """What the timetable holds for an order of `now`: within the `hour`, the same `day`, or `later`."""
    if deliver_by - now <= HOUR:
        return "hour"
    return "day" if clock.business_date(deliver_by) == clock.business_date(now) else "later"
