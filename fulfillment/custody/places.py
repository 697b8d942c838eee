"""The places scans may name: nodes, departures with their lines, trunks."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from fulfillment.network.models import DoorRound, Line, StopTime, Trip, Trunk
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node, NodeKind

from .doors import door_code, node_of_door


@dataclass
class Places:
    nodes: set[str] = field(default_factory=set)
    hubs: set[str] = field(default_factory=set)
    departures: dict[str, str] = field(default_factory=dict)  # code → line code
    road_ends: dict[str, datetime] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)  # departures that do not run
    trunks: dict[str, str] = field(default_factory=dict)  # code → carrier
    doors: dict[str, str] = field(default_factory=dict)  # code of a door round → its node
    tiers: dict[str, Collection[str]] = field(default_factory=dict)  # what departures and trunks take, by code
    _session: Session | None = None
    _tenant_id: int = 0
    _stops: dict[str, set[str]] = field(default_factory=dict)

    def stops_of_line(self, line: str) -> set[str]:
        """Codes of the nodes a line calls at."""
        if line not in self._stops and self._session is not None:
            rows = (
                select(Node.code)
                .join(StopTime, col(StopTime.node_id) == col(Node.id))
                .join(Trip, col(Trip.id) == col(StopTime.trip_id))
                .join(Line, col(Line.id) == col(Trip.line_id))
                .where(Line.tenant_id == self._tenant_id, Line.code == line)
                .distinct()
            )
            self._stops[line] = set(self._session.exec(rows).all())
        return self._stops.get(line, set())


def read_places(session: Session, tenant_id: int, named: Collection[str]) -> Places:
    """Those of the named places that exist here; hubs always. Four queries however many are named, one more where a door is."""
    places = Places(_session=session, _tenant_id=tenant_id)
    nodes = select(col(Node.code), col(Node.kind)).where(
        Node.tenant_id == tenant_id, (col(Node.code).in_(named)) | (Node.kind == NodeKind.HUB)
    )
    for code, kind in session.exec(nodes):
        places.nodes.add(code)
        if kind == NodeKind.HUB:
            places.hubs.add(code)
    runs = (
        sql_select(
            col(Departure.code),
            col(Line.code),
            col(Departure.ends_at),
            col(Departure.delay_min),
            col(Departure.status),
            col(Departure.tiers),
        )
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(col(Departure.tenant_id) == tenant_id, col(Departure.code).in_(named))
    )
    for code, line, ends_at, delay, status, tiers in session.execute(runs):
        places.departures[code] = line
        places.road_ends[code] = ends_at + timedelta(minutes=delay)
        places.tiers[code] = tiers
        if status == DepartureStatus.CANCELLED:
            places.cancelled.add(code)
    if at_doors := {node for place in named if (node := node_of_door(place))}:
        rounds = select(Node.code).join(DoorRound, col(DoorRound.node_id) == col(Node.id))
        served = session.exec(rounds.where(Node.tenant_id == tenant_id, col(Node.code).in_(at_doors)))
        places.doors = {door_code(node): node for node in served}
    lanes = select(col(Trunk.code), col(Trunk.carrier), col(Trunk.tiers)).where(Trunk.tenant_id == tenant_id, col(Trunk.code).in_(named))
    for code, carrier, tiers in session.exec(lanes):
        places.trunks[code], places.tiers[code] = carrier, tiers
    return places
