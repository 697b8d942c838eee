"""Villagers of the demonstration who wait: for an answer to trips asked for in the days to come, some of which go together, and at
request stops of today's and tomorrow's runs.

Who asks, from where and when comes from the seed. No order is made and nobody is told anything.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import cycle
from random import Random
from typing import NamedTuple

from sqlmodel import Session, col, select

from core.auth.service import add_user, find_user, grant
from core.permissions import Actor
from fulfillment.customised.models import Purpose
from fulfillment.customised.roads import RideMap, ride_map
from fulfillment.customised.service import Wanted, ask_trip
from fulfillment.hailing.service import call_stop
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure, DepartureStatus
from fulfillment.timetable.stops import CARRIES_PEOPLE
from supply.stations.models import Node, NodeKind

FIRST_VILLAGER = 13500000001
NAMES = ("葛阿婆", "陈大伯", "王阿姨", "胡老师", "林大妈", "潘师傅", "郑阿公", "应大嫂")
WAITED_AT = 2  # request stops of a run
PARTIES = (1, 1, 2, 3)
FARTHEST_MIN = 25  # from the station on the way to the one at its end


class Outing(NamedTuple):
    """What a village goes for: when, to what, so many people from the far end and from along the way."""

    days: int  # from today
    earliest: int
    latest: int
    purpose: Purpose
    parties: tuple[tuple[int, str], ...]


OUTINGS = (
    Outing(1, 8 * 60 + 30, 10 * 60, Purpose.CLINIC, ((2, "老人腿脚不便，要上下车帮一把"), (1, "去县医院复查"), (2, ""))),
    Outing(2, 12 * 60 + 30, 14 * 60, Purpose.MARKET, ((3, "带两筐鸡蛋"), (2, ""))),
    Outing(3, 15 * 60, 16 * 60 + 30, Purpose.FAMILY, ((4, "走亲，晚上不回来"),)),
)


def ask_for_trips(session: Session, tenant_id: int, today: date, dice: Random, consumer: Actor) -> int:
    """Some requests of the days after `today`, the demo's consumer among the askers; returns how many."""
    nodes = session.exec(select(Node).where(Node.tenant_id == tenant_id).order_by(col(Node.id))).all()
    hub = next(n for n in nodes if n.kind == NodeKind.HUB)
    villages = [n for n in nodes if n.kind == NodeKind.STATION]
    rides = ride_map(session, tenant_id)
    ends = [n for n in dice.sample(villages, len(villages)) if len(_on_the_way(n, hub, villages, rides)) > 1]
    villagers = iter(_villagers(session, tenant_id))
    asked = 0
    for outing, end in zip(OUTINGS, ends, strict=False):
        way = _on_the_way(end, hub, villages, rides)
        for n, (seats, note) in enumerate(outing.parties):
            start = way[min(n, len(way) - 1)]
            wanted = Wanted(
                start.id or 0, hub.id or 0, today + timedelta(days=outing.days), outing.earliest, outing.latest, seats, outing.purpose, note
            )
            ask_trip(session, consumer if asked == 0 else next(villagers), wanted)
            asked += 1
    return asked


def call_stops(session: Session, tenant_id: int, today: date, dice: Random, consumer: Actor) -> int:
    """Calls at request stops, the demo's consumer at one of tomorrow's; returns how many, none where the county has no such stops."""
    asked = (
        select(col(Departure.code), col(Departure.service_date), col(Node.code))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & col(StopTime.on_request))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(
            Departure.tenant_id == tenant_id, col(Departure.service_date).between(today, today + timedelta(days=1)),
            col(Departure.status) != DepartureStatus.CANCELLED, col(Line.kind).in_(CARRIES_PEOPLE),
        )
        .order_by(col(Departure.starts_at), col(Departure.id), col(StopTime.position))
    )  # fmt: skip
    stops: dict[tuple[date, str], list[str]] = defaultdict(list)
    for run, day, stop in session.exec(asked):
        stops[day, run].append(stop)
    villagers, called, is_first = cycle(_villagers(session, tenant_id)), 0, True
    for (day, run), places in stops.items():
        for place in dice.sample(places, min(len(places), WAITED_AT)):
            mine, is_first = is_first and day > today, is_first and day == today
            call_stop(session, consumer if mine else next(villagers), run, place, dice.choice(PARTIES))
            called += 1
    return called


def _on_the_way(end: Node, hub: Node, villages: Sequence[Node], rides: RideMap) -> list[Node]:
    """The villages of a drive to the hub, the farthest first; few minutes apart, so that their hours have a moment in common."""
    road = rides.road(end.id or 0, hub.id or 0)
    by_id = {n.id: n for n in villages}
    return (
        [by_id[node] for node, minute in zip(road.nodes, road.minutes, strict=True) if minute <= FARTHEST_MIN and node in by_id]
        if road
        else []
    )


def _villagers(session: Session, tenant_id: int) -> list[Actor]:
    actors = []
    for n, name in enumerate(NAMES):
        phone = str(FIRST_VILLAGER + n)
        user = find_user(session, phone) or add_user(session, phone, name)
        grant(session, user, "consumer", tenant_id=tenant_id, scope_kind="own")
        actors.append(Actor(tenant_id=tenant_id, user_id=user.id, user_code=user.code, name=user.name))
    return actors
