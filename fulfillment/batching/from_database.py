"""The planning problem as the database stands: waiting parcels where their scans say they are, on what room is left.

Legs that are ridden, being ridden or about to be boarded are facts, and so is the closed trunk a sorted parcel waits for;
everything else may be planned anew, from now on. What other parcels take up is put in as fixed passengers (`#…`), one per
leg and tier, so that boxes are counted as they are.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, not_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from core import clock
from fulfillment.consignments.models import Consignment, ParcelStatus
from fulfillment.consignments.models import Parcel as ParcelRow
from fulfillment.custody.models import Custody
from fulfillment.disruptions.closures import StandIn, stand_ins
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import UNDONE
from fulfillment.network.rules import PACKING_MIN, hub_rules
from fulfillment.promise.stamp import roads_version
from fulfillment.timetable.models import Departure as DepartureRow
from supply.counties.models import County
from supply.stations.models import Node

from .answer import Worth
from .instance import FixedLeg, Instance, Parcel
from .loads import leg_loads
from .models import PlannedLeg
from .residual import aboard, trunks_left
from .roads import DAYS, Ride, Roads, instance_of, read_roads
from .settled import settled

WAITING = (ParcelStatus.EXPECTED, ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB)
FREEZE = timedelta(minutes=15)  # who boards this soon is not moved any more


@dataclass(frozen=True, slots=True)
class Watched:
    """A waiting parcel: its row, status and holder when read, and how many of its legs are facts."""

    id: int
    code: str
    status: str
    kept_legs: int
    due_at: datetime
    holder: str | None = None


@dataclass(frozen=True)
class Waiting:
    """A problem and what is needed to write its answer. `version` is the roads' number it was read at; `worth` an earlier plan's prices."""

    instance: Instance
    roads: Roads
    version: int
    watched: dict[str, Watched]
    fixed_fen: float  # what the fixed passengers cost in the model, the same in every plan
    worth: tuple[Worth, ...] = ()


class _Row(NamedTuple):
    """A waiting parcel as its table has it; `to` is a node's code inside the county."""

    id: int
    code: str
    status: str
    tier: str
    zone: str
    grams: int
    ml: int
    box_milli: int
    ready_at: datetime
    due_at: datetime
    shelf_until: datetime | None
    station_id: int
    to: str | None


@dataclass
class _Leg:
    departure: str
    board: int
    alight: int


def read_waiting(
    session: Session,
    county: County,
    day: date,
    *,
    ready_before: datetime | None = None,
    only: Collection[int] | None = None,
    without: Collection[str] = (),
    alter: Callable[[Roads], Roads] | None = None,
    ends: Mapping[str, str] | None = None,
    starts: Mapping[str, StandIn] | None = None,
    allows: Collection[tuple[str, str]] = (),
    alone: bool = False,
) -> Waiting:
    """Everything that waits on `day` and is ready before its end (or `ready_before`).

    only: ids of parcels that may be planned, all others staying where they are. without: departures that will not run.
    alter: the roads as they are about to be. ends: by node, where parcels that end there are to end. starts: by closed node, where
    parcels that lie there are to board, besides those where another stands in already. allows: parcels, each with a departure that it
    may ride though it was refused there. alone: without what others take up, for who asks what roads cost and not for room.
    """
    now, rules, version = clock.now(), hub_rules(county), roads_version(session, county.id)
    first = min(day, clock.business_date(now))
    roads = read_roads(session, county.id, first, (day - first).days + DAYS)
    if alter is not None:
        roads = alter(roads)
    if without:
        roads = replace(roads, departures=tuple(d for d in roads.departures if d.id not in without))
    mine = _watched(county.id, ready_before or clock.midnight(day + timedelta(days=1)), only)
    mine = and_(mine, not_(settled(session, county.id, now=now, hub_sort_min=rules.hub_sort_min)))
    rows = [row._replace(to=(ends or {}).get(row.to, row.to)) if row.to else row for row in _rows(session, mine)]
    held, ridden = _custody(session, mine)
    legs, refused = _active_legs(session, mine), _refused(session, county.id, allows)
    carried = {**stand_ins(session, county.id), **(starts or {})}
    parcels, watched = [], {}
    for row in rows:
        parcel, kept = _parcel(row, held.get(row.code), ridden[row.code], legs[row.id], roads, now, rules.hold_fen_per_h, without, carried)
        holder = held[row.code].holder_code if row.code in held else None
        watched[row.code] = Watched(row.id, row.code, row.status, kept, row.due_at, holder)
        if parcel is not None:
            parcels.append(replace(parcel, forbid=refused[row.code]) if row.code in refused else parcel)
    others = [] if alone else _passengers(session, county.id, mine, roads)
    left = trunks_left(session, county.id, roads, where=not_(mine))
    fares = {d.id: d.fee_fen + rules.handover_fee_fen for d in roads.departures}
    return Waiting(
        instance=instance_of(roads, rules, [*others, *parcels], trunks=left, now=roads.minute(now)),
        roads=roads,
        version=version,
        watched=watched,
        fixed_fen=math.fsum(fares[leg.departure] for p in others for leg in p.fixed_legs),
    )


def _watched(tenant_id: int, ready_before: datetime, only: Collection[int] | None) -> ColumnElement[bool]:
    mine = and_(col(ParcelRow.tenant_id) == tenant_id, col(ParcelRow.status).in_(WAITING), col(ParcelRow.ready_at) < ready_before)
    return mine if only is None else and_(mine, col(ParcelRow.id).in_(only))


def _rows(session: Session, mine: ColumnElement[bool]) -> list[_Row]:
    columns = [getattr(ParcelRow, name) for name in _Row._fields if name != "to"]
    query = (
        sql_select(*columns, col(Node.code))
        .join(Consignment, col(Consignment.id) == col(ParcelRow.consignment_id))
        .outerjoin(Node, col(Node.id) == col(Consignment.to_node_id))
    )
    return [_Row(*row) for row in session.execute(query.where(mine).order_by(col(ParcelRow.id)))]


def _custody(session: Session, mine: ColumnElement[bool]) -> tuple[dict[str, Custody], dict[str, set[str]]]:
    """Who holds each parcel now, and the departures it has been on and left."""
    held: dict[str, Custody] = {}
    ridden: dict[str, set[str]] = defaultdict(set)
    query = sql_select(Custody).join(ParcelRow, col(ParcelRow.code) == col(Custody.parcel_code)).where(mine)
    for custody in session.execute(query).scalars():
        if custody.ended_at is None:
            held[custody.parcel_code] = custody
        elif custody.holder_kind == "departure":
            ridden[custody.parcel_code].add(custody.holder_code)
    return held, ridden


def _active_legs(session: Session, mine: ColumnElement[bool]) -> dict[int, list[_Leg]]:
    legs: dict[int, list[_Leg]] = defaultdict(list)
    query = (
        sql_select(col(PlannedLeg.parcel_id), col(DepartureRow.code), col(PlannedLeg.board), col(PlannedLeg.alight))
        .join(ParcelRow, col(ParcelRow.id) == col(PlannedLeg.parcel_id))
        .join(DepartureRow, col(DepartureRow.id) == col(PlannedLeg.departure_id))
        .where(mine, col(PlannedLeg.voided_at).is_(None))
        .order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position))
    )
    for parcel_id, departure, board, alight in session.execute(query):
        legs[parcel_id].append(_Leg(departure, board, alight))
    return legs


def _refused(session: Session, tenant_id: int, allows: Collection[tuple[str, str]]) -> dict[str, frozenset[str]]:
    """Departures whose driver did not take a parcel: it is not planned onto them again unless that was undone, however it was closed."""
    rows = sql_select(col(Disruption.subject_code), col(Disruption.cause)).where(
        col(Disruption.tenant_id) == tenant_id,
        col(Disruption.kind) == "refused",
        col(Disruption.outcome).not_in(UNDONE),
        col(Disruption.opened_at) >= clock.now() - timedelta(days=DAYS),
    )
    found: dict[str, set[str]] = defaultdict(set)
    for parcel, departure in session.execute(rows):
        if (parcel, departure) not in allows:
            found[parcel].add(departure)
    return {parcel: frozenset(departures) for parcel, departures in found.items()}


def _parcel(
    row: _Row,
    held: Custody | None,
    ridden: set[str],
    legs: list[_Leg],
    roads: Roads,
    now: datetime,
    hold_fen: float,
    without: Collection[str],
    carried: Mapping[str, StandIn],
) -> tuple[Parcel | None, int]:
    """The parcel as the planner sees it, and how many of its planned legs stay. None: on a vehicle nobody knows."""
    done = 0
    while done < len(legs) and legs[done].departure in ridden:
        done += 1
    ahead = legs[done] if done < len(legs) else None
    origin, since = roads.node_codes[row.station_id], row.ready_at
    fixed: tuple[FixedLeg, ...] = ()
    if row.status == ParcelStatus.EXPECTED and row.ready_at < now:
        since = now + timedelta(minutes=PACKING_MIN)
    ride = roads.rides.get(held.holder_code) if held is not None and held.holder_code not in without else None
    if held is not None and held.holder_kind == "departure" and ride is None:
        # its vehicle does not run after all, or ran days ago: it is where it was handed over, and still that giver's
        if held.giver_code not in roads.names:
            return None, len(legs)
        origin, since = held.giver_code, max(row.ready_at, now)
    elif held is not None and ride is not None:
        known = ahead is not None and ahead.departure == ride.code and ride.calls_at(ahead.board, ahead.alight)
        leg = ahead if ahead is not None and known else _unplanned(ride, roads)
        fixed = (FixedLeg(ride.code, ride.index(leg.board), ride.index(leg.alight)),)
        origin, since = ride.calls[fixed[0].board].node, held.began_at
        done += 1 if leg is ahead else 0
    elif held is not None:
        origin, since = held.holder_code, held.began_at  # sorting counts from when it came, boarding from now
    if not fixed and origin in carried:
        stand_in = carried[origin]
        origin, since = stand_in.node, max(since, stand_in.since) + timedelta(minutes=stand_in.minutes)
    waits = held is not None and ride is None and held.holder_kind != "departure"
    if waits and ahead is not None and (frozen := _boards_soon(ahead, origin, roads, now, without)):
        fixed, done = (frozen,), done + 1
    ready = roads.minute(since)
    shelf = None if row.shelf_until is None else max(0.0, roads.minute(row.shelf_until) - ready)
    parcel = Parcel(
        id=row.code, origin=origin, ready=ready, zone=None if row.to else row.zone, to=row.to, tier=row.tier, g=row.grams, ml=row.ml,
        box_milli=row.box_milli, due=roads.minute(row.due_at), hold_fen_per_h=hold_fen, shelf_min=shelf, fixed_legs=fixed,
    )  # fmt: skip
    return parcel, done


def _unplanned(ride: Ride, roads: Roads) -> _Leg:
    """Loaded onto a vehicle it was not planned on: it is taken to the hub if the vehicle goes there, else to the end."""
    hubs = {n.id for n in roads.nodes if n.kind == "hub"}
    end = next((c for c in ride.calls[1:] if c.node in hubs), ride.calls[-1])
    return _Leg(ride.code, ride.calls[0].position, end.position)


def _boards_soon(leg: _Leg, node: str, roads: Roads, now: datetime, without: Collection[str]) -> FixedLeg | None:
    ride = roads.rides.get(leg.departure)
    if ride is None or leg.departure in without or not ride.calls_at(leg.board, leg.alight):
        return None
    board = ride.index(leg.board)
    leaves = ride.calls[board].leaves_at
    soon = ride.calls[board].node == node and now <= leaves <= now + FREEZE
    return FixedLeg(leg.departure, board, ride.index(leg.alight)) if soon else None


def _passengers(session: Session, tenant_id: int, mine: ColumnElement[bool], roads: Roads) -> list[Parcel]:
    """What parcels that are not planned now take up, one per leg and tier."""
    loads = leg_loads(session, tenant_id, first=roads.first, last=roads.last, where=not_(mine))
    passengers = []
    for n, (ride, span, load) in enumerate(aboard(loads, roads)):
        leg = FixedLeg(ride.code, *span)
        _, board, _, leaves = ride.stops[leg.board]
        passengers.append(
            Parcel(
                id=f"#{n}", origin=board, ready=roads.minute(ride.begin) + leaves, zone=None, to=ride.stops[leg.alight][1], tier=load.tier,
                g=load.grams, ml=load.ml, box_milli=load.box_milli, due=math.inf, hold_fen_per_h=0, fixed_legs=(leg,),
            )
        )  # fmt: skip
    return passengers
