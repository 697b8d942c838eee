"""Which stations can take and give in a closed one's place: the nearest open ones where goods board.

The way is the straight line and a usual detour, driven at a moped's pace; how far it really is, nobody has measured.
"""

import math
from typing import NamedTuple

from sqlmodel import Session, col, select

from fulfillment.network.models import StopTime
from supply.counties.models import County
from supply.stations.models import Node, Station

from .closures import STATION, Span, spans

DETOUR, M_A_DEGREE = 1.3, 111_320
M_A_MIN = 250  # 15 km/h, with boxes on the back
USUAL_MIN = 20  # where nobody knows how far it is
FARTHEST_M = 15_000
OFFERED = 3


class Neighbour(NamedTuple):
    """`km` on the road, None where a place is not on the map."""

    code: str
    name: str
    km: float | None
    minutes: int


def neighbours(session: Session, county: County, code: str, span: Span) -> list[Neighbour]:
    """The nearest stations that are open all the while, nearest first; two queries."""
    closed = spans(session, county.id, STATION, span)
    called = select(StopTime.node_id).where(StopTime.tenant_id == county.id)
    rows = session.exec(
        select(Station.code, Station.name, Node.lat, Node.lon)
        .join(Node, col(Node.id) == col(Station.node_id))
        .where(Station.tenant_id == county.id, (col(Station.node_id).in_(called)) | (col(Station.code) == code))
        .order_by(col(Station.node_id))
    ).all()
    here = next((row for row in rows if row[0] == code), None)
    if here is None:
        return []
    ways = [(_metres(here[2:], row[2:]), row) for row in rows if row[0] != code and row[0] not in closed]
    near = sorted((way for way in ways if way[0] is not None and way[0] <= FARTHEST_M), key=lambda way: (way[0] or 0.0, way[1][0]))
    return [_neighbour(row[0], row[1], metres) for metres, row in near[:OFFERED]]


def way_between(session: Session, one: Station, other: Station) -> Neighbour:
    """`other` as a neighbour of `one`, however far."""
    a, b = (session.get_one(Node, station.node_id) for station in (one, other))
    return _neighbour(other.code, other.name, _metres((a.lat, a.lon), (b.lat, b.lon)))


def _neighbour(code: str, name: str, metres: float | None) -> Neighbour:
    return Neighbour(code, name, None, USUAL_MIN) if metres is None else Neighbour(code, name, round(metres / 1000, 1), _minutes(metres))


def _minutes(metres: float) -> int:
    return max(1, math.ceil(metres / M_A_MIN))


def _metres(a: tuple[float | None, ...], b: tuple[float | None, ...]) -> float | None:
    """On the road, by the straight line; None where a place is not on the map."""
    (a_lat, a_lon), (b_lat, b_lon) = a, b
    if a_lat is None or a_lon is None or b_lat is None or b_lon is None:
        return None
    return DETOUR * M_A_DEGREE * math.hypot(a_lat - b_lat, (a_lon - b_lon) * math.cos(math.radians(a_lat)))
