"""A small crowded road: three villages in a row, two runs to the hub, a side village that only a feeder serves."""

from datetime import UTC, datetime

from fulfillment.batching.instance import Capacity, Departure, Instance, Node, Parcel, Stop, Trunk, Zone

START = datetime(2026, 5, 19, 16, 0, tzinfo=UTC)
ROOM = Capacity(50_000, 200_000, 4)


def run(name: str, at: float, nodes: str, *, line: str = "L1", mode: str = "bus", cap: Capacity = ROOM, gap: float = 20) -> Departure:
    """Calls at each letter's place every `gap` minutes from `at` on; loading closes as it leaves."""
    stops = tuple(Stop(node, at + gap * n, at + gap * n) for n, node in enumerate(nodes))
    return Departure(name, line, mode, frozenset(("ambient", "chilled")), 50, stops, cap)


def parcel(
    name: str, origin: str, ready: float, *, g: float = 2000, milli: float = 500, zone: str | None = "z", to: str | None = None
) -> Parcel:
    return Parcel(name, origin, ready, zone, to, "ambient", g, g * 2, milli, 2880, 2)


def county(*departures: Departure, parcels: tuple[Parcel, ...] = (), cutoff: float = 1020) -> Instance:
    zones = {"z": Zone(300, 90, 20)}
    tiers = frozenset(("ambient", "chilled"))
    trunks = (
        Trunk("k1@2026-05-20", "post", "h", cutoff, cutoff + 40, 10**6, tiers, zones),
        Trunk("k2@2026-05-21", "post", "h", cutoff + 1440, cutoff + 1480, 10**6, tiers, zones),
    )
    nodes = (Node("h", "hub"), *(Node(n, "station") for n in "abcd"))
    return Instance("", START, 2880, 5, 10, 15, 300, 4000, 3, nodes, departures, trunks, parcels)
