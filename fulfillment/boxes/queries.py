"""Where the boxes are, which were not seen for days, and which must go back empty."""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from fulfillment.batching.loads import LegLoad, by_segment, leg_loads
from fulfillment.batching.roads import Ride, Roads, read_roads
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.models import Custody
from supply.stations.models import Node

from .balance import Return, Run, returns, shortages
from .models import Box

UNSEEN = timedelta(days=7)  # a box away from home that long is looked for
DAYS = 2  # loads of today and tomorrow


class Stand(NamedTuple):
    """Boxes of a tier at one node: there, and lacking for what is planned to leave."""

    node: str
    name: str
    tier: str
    boxes: int
    lacking: int


class Lost(NamedTuple):
    """A box not at home and not seen for long."""

    code: str
    place: str
    since: datetime


class Lying(NamedTuple):
    """A parcel in a box; `to` is a city and district, never a person."""

    box: str
    code: str
    grams: int
    box_milli: int
    to: str


class Standing(NamedTuple):
    """A box at a place, and how many parcels lie in it."""

    code: str
    tier: str
    parcels: int


class Balance(NamedTuple):
    total: int
    aboard: int
    stands: list[Stand]
    returns: list[tuple[Return, Ride, str, str]]  # with the names of both ends
    lost: Sequence[Lost]


def balance(session: Session, tenant_id: int) -> Balance:
    """The county's boxes; a fixed number of queries."""
    counted = sql_select(col(Box.place), col(Box.tier), func.count()).where(col(Box.tenant_id) == tenant_id)
    standing = {(place, tier): int(n) for place, tier, n in session.execute(counted.group_by(col(Box.place), col(Box.tier)))}
    today = clock.today()
    roads = read_roads(session, tenant_id, today, DAYS)
    have = {key: n for key, n in standing.items() if key[0] in roads.names}
    loads = leg_loads(session, tenant_id, first=roads.first, last=roads.last)
    need = _needed(loads, roads)
    lacking = shortages(have, need)
    bring = returns(have, need, _runs(roads, loads)) if standing else []
    stands = [
        Stand(node, roads.names[node], tier, have.get((node, tier), 0), lacking.get((node, tier), 0))
        for node, tier in sorted(have.keys() | lacking.keys())
    ]
    return Balance(
        total=sum(standing.values()),
        aboard=sum(standing.values()) - sum(have.values()),
        stands=stands,
        returns=[(r, roads.rides[r.run], roads.names[r.origin], roads.names[r.target]) for r in bring],
        lost=_lost(session, tenant_id),
    )


def _needed(loads: Sequence[LegLoad], roads: Roads) -> dict[tuple[str, str], int]:
    """Boxes that are filled at each node for runs that have not left yet."""
    rides = {ride.id: ride for ride in roads.rides.values()}
    need: Counter[tuple[str, str]] = Counter()
    for load in loads:
        ride = rides.get(load.departure_id)
        if ride is not None and ride.calls[ride.index(load.board)].leaves_at > clock.now():
            need[ride.calls[ride.index(load.board)].node, load.tier] += load.boxes
    return dict(need)


def _runs(roads: Roads, loads: Sequence[LegLoad]) -> list[Run]:
    """The runs that have not begun, with the boxes they can still take."""
    taken, now, runs = by_segment(loads), roads.minute(clock.now()), []
    for departure in roads.departures:
        ride = roads.rides[departure.id]
        if departure.stops[0].dep < now:
            continue
        most = math.inf if departure.cap.boxes is None else departure.cap.boxes
        room = [most - (load.boxes if (load := taken.get((ride.id, position))) else 0) for position, *_ in ride.stops[:-1]]
        runs.append(Run(departure.id, departure.tiers, [(s.node, s.arr, s.dep) for s in departure.stops], room))
    return runs


def _lost(session: Session, tenant_id: int, limit: int = 50) -> Sequence[Lost]:
    away = (
        select(Box.code, Box.place, Box.since)
        .join(Node, col(Node.id) == col(Box.home_id))
        .where(Box.tenant_id == tenant_id, col(Box.place) != col(Node.code), col(Box.since) < clock.now() - UNSEEN)
    )
    return [Lost(*row) for row in session.exec(away.order_by(col(Box.since), col(Box.id)).limit(limit))]


def lying_in(session: Session, tenant_id: int, boxes: Collection[str]) -> list[Lying]:
    """What lies in these boxes now; one query."""
    query = (
        sql_select(*(col(c) for c in (Custody.box, Parcel.code, Parcel.grams, Parcel.box_milli, Consignment.city, Consignment.district)))
        .join_from(Custody, Parcel, col(Parcel.code) == col(Custody.parcel_code))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(col(Custody.tenant_id) == tenant_id, col(Custody.box).in_(boxes), col(Custody.ended_at).is_(None))
        .order_by(col(Custody.box), col(Parcel.id))
    )
    return [Lying._make((*facts, f"{city}{district}")) for *facts, city, district in session.execute(query)]


def standing_at(session: Session, tenant_id: int, place: str, limit: int = 50) -> list[Standing]:
    """The boxes at a node or on a departure, those with something in them first; one query."""
    lying = (col(Custody.box) == col(Box.code)) & col(Custody.ended_at).is_(None)
    counted = func.count(col(Custody.id))
    query = sql_select(col(Box.code), col(Box.tier), counted).outerjoin(Custody, lying)
    query = query.where(col(Box.tenant_id) == tenant_id, col(Box.place) == place).group_by(col(Box.id), col(Box.code), col(Box.tier))
    return [Standing(*row) for row in session.execute(query.order_by(counted.desc(), col(Box.id)).limit(limit))]
