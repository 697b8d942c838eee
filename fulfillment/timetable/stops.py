"""Where people get on: the county's stops, found by the name of a stop, a village or a township as anybody would say it.

A village is found by the name of the station that stands in it: 葛家村 and 葛家驿站 are both 葛家. Whoever says only "the county
town" means the hubs. A place where no announced line calls is found too, with the stops one can walk to from there.
"""

import re
import unicodedata
from collections.abc import Sequence
from math import ceil, cos, hypot, radians
from typing import NamedTuple

from sqlalchemy import case
from sqlmodel import Session, col, select

from fulfillment.network.models import Line, StopTime, Trip
from supply.counties.models import Township
from supply.counties.profile_kinds import LineKind
from supply.stations.models import Node, NodeKind

CARRIES_PEOPLE = (LineKind.BUS, LineKind.COACH, LineKind.FERRY, LineKind.LOOP)
TERMINI = (NodeKind.HUB, NodeKind.TOWNSHIP, NodeKind.PIER)  # offered before anybody seeks a stop by name
CLOSED_TO_PEOPLE = (NodeKind.LOCKER, NodeKind.WAREHOUSE)
TOWN = ("县城", "城里", "县里", "城关", "城区", "county town", "town")
ENDINGS = re.compile(r"(?:县级共配中心|共配中心|服务站|公交站|车站|驿站|社区|街道|村|镇|乡|站)$")
LONGEST = 40  # letters of a name that anybody types
WALKED = 2_500  # metres in a straight line that a stop may be away to be told of
CHANGED = 1_000  # and to change there
M_PER_MIN = 75 / 1.3  # 4.5 km/h on a way 1.3 times the straight line
DEGREE_M = 111_320  # metres of a degree of latitude


class Stop(NamedTuple):
    id: int
    code: str
    name: str
    kind: str
    township: str
    lat: float | None
    lon: float | None
    is_called: bool  # an announced line for people calls here

    @property
    def plain(self) -> str:
        return plain(self.name)


class Nearby(NamedTuple):
    stop: Stop
    minutes: int  # on foot


def known_stops(session: Session, tenant_id: int) -> list[Stop]:
    """Every place of the county where people may stand, hubs first; one query."""
    called = (
        select(StopTime.node_id)
        .join(Trip, col(Trip.id) == col(StopTime.trip_id))
        .join(Line, col(Line.id) == col(Trip.line_id))
        .where(StopTime.tenant_id == tenant_id, col(Line.published).is_(True), col(Line.kind).in_(CARRIES_PEOPLE))
    )
    rows = session.exec(
        select(Node, Township.name, case((col(Node.id).in_(called), 1), else_=0))
        .outerjoin(Township, col(Township.id) == col(Node.township_id))
        .where(Node.tenant_id == tenant_id, col(Node.kind).not_in(CLOSED_TO_PEOPLE))
    )
    places = list(NodeKind)
    found = [Stop(n.id or 0, n.code, n.name, n.kind, town or "", n.lat, n.lon, bool(called)) for n, town, called in rows]
    return sorted(found, key=lambda s: (places.index(NodeKind(s.kind)), s.id))


def plain(name: str) -> str:
    """A name without what says which kind of place it is: 葛家村 → 葛家; a name that is nothing else stays whole."""
    short = "".join(unicodedata.normalize("NFKC", name).split())[:LONGEST].lower()
    while len(cut := ENDINGS.sub("", short)) < len(short) and cut:
        short = cut
    return short


def find_stops(stops: Sequence[Stop], words: str, county_name: str = "") -> list[Stop]:
    """The stops of a name: the very name first, then those that begin with it, contain it, or lie in the township of that name.

    Only the nearest kind of match is answered, so that 葛家 does not bring every stop of its township along.
    """
    if not (wanted := plain(words)):
        return []
    if wanted in {plain(name) for name in TOWN} or (county_name and wanted in (county_name, f"{county_name}县")):
        return [s for s in stops if s.kind == NodeKind.HUB]
    ways = (
        lambda s: s.plain == wanted,
        lambda s: s.plain.startswith(wanted),
        lambda s: wanted in s.plain or wanted in s.name,
        lambda s: wanted in s.township,
    )
    return next((found for way in ways if (found := [s for s in stops if way(s)])), [])


def by_code(stops: Sequence[Stop], code: str) -> Stop | None:
    return next((s for s in stops if s.code == code), None)


def walk(a: Stop, b: Stop, most_m: float = WALKED) -> int | None:
    """Minutes on foot between two places; None where it is too far or nobody knows where they lie."""
    if a.lat is None or a.lon is None or b.lat is None or b.lon is None or abs(a.lat - b.lat) * DEGREE_M > most_m:
        return None
    east = (a.lon - b.lon) * cos(radians(a.lat))
    metres = hypot(a.lat - b.lat, east) * DEGREE_M
    return ceil(metres / M_PER_MIN) if metres <= most_m else None


def nearby(stops: Sequence[Stop], here: Stop, most: int = 4) -> list[Nearby]:
    """The stops with a line that can be walked to, nearest first."""
    ways = [Nearby(s, minutes) for s in stops if s.code != here.code and s.is_called and (minutes := walk(here, s)) is not None]
    return sorted(ways, key=lambda n: (n.minutes, n.stop.id))[:most]


def change_walks(stops: Sequence[Stop]) -> dict[str, list[tuple[str, int]]]:
    """Between which stops people walk to change: a pier and the station above it."""
    called = [s for s in stops if s.is_called]
    found: dict[str, list[tuple[str, int]]] = {}
    for n, a in enumerate(called):
        for b in called[n + 1 :]:
            if (minutes := walk(a, b, CHANGED)) is not None:
                found.setdefault(a.code, []).append((b.code, minutes))
                found.setdefault(b.code, []).append((a.code, minutes))
    return found
