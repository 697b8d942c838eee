"""A road in plain words and as plain data: one item a ride, then the trunk that leaves the county."""

from core import clock
from fulfillment.batching.roads import Call, Ride, Roads, TrunkDay

KIND_WORDS = {
    "bus": "班车", "coach": "班车", "mail": "邮车", "freight": "货车", "ferry": "渡船", "courier": "同城车", "postman": "邮递员",
    "private": "顺路车", "drone": "无人机", "loop": "环线车",
}  # fmt: skip


def line_words(number: str, kind: str) -> str:
    """`12 路班车`, `邮 3 邮车`."""
    name = KIND_WORDS.get(kind, "车")
    return f"{number} 路{name}" if kind in ("bus", "coach") and number[-1:].isdigit() else f"{number} {name}"


def riding(roads: Roads, ride: Ride, board: Call, alight: Call) -> dict[str, object]:
    """One ride between two calls."""
    there, left = roads.names[alight.node], clock.local(board.leaves_at)
    return {
        "kind": ride.kind,
        "line": ride.number,
        "line_code": ride.line,
        "departure": ride.code,
        "from": roads.names[board.node],
        "to": there,
        "leaves_at": left.isoformat(),
        "arrives_at": clock.local(alight.arrives_at).isoformat(),
        "words": f"{left:%H:%M} 的{' ' if ride.number[:1].isascii() else ''}{line_words(ride.number, ride.kind)}到{there}",
    }


def trunking(roads: Roads, day: TrunkDay, arrives: float, zone: str) -> dict[str, object]:
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
