"""Which stations can take and give in a closed one's place: the nearest open ones where goods board.

The way between two stations on one line is as long as the line runs from one to the other; where none joins them it is the straight
line and a usual detour at a moped's pace: how far it really is, nobody has measured.
"""

import math
from typing import NamedTuple

from sqlalchemy import case
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from core import i18n
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.network.words import line_words
from supply.counties.models import County
from supply.stations.models import Node, Station

from .closures import STATION, Span, spans

_ = i18n.gettext
DETOUR, M_A_DEGREE = 1.3, 111_320
M_A_MIN = 250  # 15 km/h, with boxes on the back
USUAL_MIN = 20  # where nobody knows how far it is
FARTHEST_MIN = 60
OFFERED = 3


class Ride(NamedTuple):
    """How a line joins two stations: its quickest run, and how many stops on the other one is (1: the next)."""

    minutes: int
    stops: int
    line: str
    number: str
    kind: str


class Neighbour(NamedTuple):
    """`km` by the straight line, None where a place is not on the map; `ride` None where no line joins them."""

    code: str
    name: str
    km: float | None
    minutes: int
    ride: Ride | None = None

    @property
    def words(self) -> str:
        """The way in the page's language."""
        if self.ride is None:
            return _("没有同线的车，直线约 %(km)s 公里，%(n)s 分钟") % {"km": self.km, "n": self.minutes}
        line = line_words(self.ride.number, self.ride.kind)
        if self.ride.stops == 1:
            return _("同一条线上（%(line)s），下一站，%(n)s 分钟") % {"line": line, "n": self.minutes}
        return _("同一条线上（%(line)s），隔 %(stops)s 站，%(n)s 分钟") % {"line": line, "stops": self.ride.stops - 1, "n": self.minutes}


def neighbours(session: Session, county: County, code: str, span: Span) -> list[Neighbour]:
    """The nearest stations that are open all the while, nearest first; three queries."""
    closed = spans(session, county.id, STATION, span)
    called = select(StopTime.node_id).where(StopTime.tenant_id == county.id)
    rows = session.execute(
        sql_select(*(col(c) for c in (Station.code, Station.name, Node.lat, Node.lon, Node.id)))
        .join(Node, col(Node.id) == col(Station.node_id))
        .where(col(Station.tenant_id) == county.id, (col(Station.node_id).in_(called)) | (col(Station.code) == code))
        .order_by(col(Station.node_id))
    ).all()
    here = next((row for row in rows if row[0] == code), None)
    if here is None:
        return []
    rides = _rides(session, here[4] or 0)
    open_ones = [row for row in rows if row[0] != code and row[0] not in closed]
    ways = [_neighbour(other, name, _metres(here[2:4], (lat, lon)), rides.get(node or 0)) for other, name, lat, lon, node in open_ones]
    near = [way for way in ways if (way.ride or way.km is not None) and way.minutes <= FARTHEST_MIN]
    return sorted(near, key=lambda way: (way.minutes, way.code))[:OFFERED]


def way_between(session: Session, one: Station, other: Station) -> Neighbour:
    """`other` as a neighbour of `one`, however far."""
    a, b = (session.get_one(Node, station.node_id) for station in (one, other))
    ride = _rides(session, one.node_id).get(other.node_id)
    return _neighbour(other.code, other.name, _metres((a.lat, a.lon), (b.lat, b.lon)), ride)


def _rides(session: Session, node: int) -> dict[int, Ride]:
    """By node how a line runs there from this one or back, the quickest of its lines; one query."""
    here, there = aliased(StopTime), aliased(StopTime)
    minutes = case(
        (col(there.position) > col(here.position), col(there.arr_min) - col(here.dep_min)), else_=col(here.arr_min) - col(there.dep_min)
    )
    stops = func.min(func.abs(col(there.position) - col(here.position)))
    query = (
        sql_select(col(there.node_id), func.min(minutes), stops, col(Line.code), col(Line.number), col(Line.kind))
        .join_from(here, there, (col(there.trip_id) == col(here.trip_id)) & (col(there.node_id) != col(here.node_id)))
        .join(Trip, col(Trip.id) == col(here.trip_id))
        .join(Line, col(Line.id) == col(Trip.line_id))
        .where(col(here.node_id) == node)
        .group_by(col(there.node_id), col(Line.code), col(Line.number), col(Line.kind))
    )
    found: dict[int, Ride] = {}
    for other, quickest, least, line, number, kind in sorted(session.execute(query), key=lambda row: (row[1], row[2], row[3])):
        found.setdefault(other, Ride(max(1, quickest), least, line, number, kind))
    return found


def _neighbour(code: str, name: str, metres: float | None, ride: Ride | None) -> Neighbour:
    km = None if metres is None else round(metres / 1000, 1)
    minutes = ride.minutes if ride else USUAL_MIN if metres is None else max(1, math.ceil(metres / M_A_MIN))
    return Neighbour(code, name, km, minutes, ride)


def _metres(a: tuple[float | None, ...], b: tuple[float | None, ...]) -> float | None:
    """On the road, by the straight line; None where a place is not on the map."""
    (a_lat, a_lon), (b_lat, b_lon) = a, b
    if a_lat is None or a_lon is None or b_lat is None or b_lon is None:
        return None
    return DETOUR * M_A_DEGREE * math.hypot(a_lat - b_lat, (a_lon - b_lon) * math.cos(math.radians(a_lat)))
