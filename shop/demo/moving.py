"""The road in the replayed history: masters pack, the dispatcher batches, buses load and unload by scan, trunks deliver.

Every hand-over is a scan by whoever stands there. What is planned is what happens, but for parcels not packed in time.
"""

from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from core.errors import JishiError
from core.permissions import Actor
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, ConsignmentStatus, Parcel, ParcelStatus
from fulfillment.consignments.service import pack
from fulfillment.custody.models import Action, Custody
from fulfillment.custody.service import ScanEvent, record_scans
from fulfillment.custody.upload import LARGEST_BATCH
from fulfillment.network.models import Line, StopTime, Trip, Trunk
from fulfillment.timetable.models import Departure
from supply.stations.models import Node, Station

from .story import Story

PLANS_AT = tuple(hour * 60 + 40 for hour in (9, 12, 14, 16))  # ten minutes after the hour's packing
PACKS_AFTER = timedelta(minutes=20)  # from the payment
MOVABLE = (ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB)


class Scanned(NamedTuple):
    action: Action
    code: str
    place: str
    at: datetime


class Stop(NamedTuple):
    arr_min: int
    dep_min: int
    node: str
    line: str


class Road:
    """Books what the plans say; its methods are moments."""

    def __init__(self) -> None:
        self.numbers = count(1)  # of the scanner's events
        self.stops: set[tuple[int, int, bool]] = set()  # booked: departure, position, whether it boards there
        self.trunks: set[tuple[int, datetime]] = set()
        self.stops_of: dict[int, dict[int, Stop]] = {}  # by trip and position
        self.aboard: dict[tuple[str, int], list[str]] = {}  # departure and where they alight: parcels
        self.scanned: dict[Actor, list[Scanned]] = defaultdict(list)  # not uploaded yet
        self.underway: list[tuple[datetime, str, str]] = []  # with a carrier: delivered when, parcel, trunk

    def book_day(self, story: Story, day: date) -> None:
        for minute in PLANS_AT:
            story.book(clock.on(day, minute), self.plan)

    def pack_waiting(self, story: Story, session: Session) -> None:
        """Every open station packs what was paid a while ago; what cannot be packed waits for its master."""
        now = clock.local(clock.now())
        minute = now.hour * 60 + now.minute
        waiting = session.exec(
            select(Consignment, Station.code)
            .join(Station, col(Station.node_id) == col(Consignment.station_id))
            .where(
                Consignment.tenant_id == story.county.id, Consignment.status == ConsignmentStatus.AWAITING_PACK,
                Consignment.created_at <= clock.now() - PACKS_AFTER, Station.opens_min <= minute, Station.closes_min > minute,
            )
            .order_by(col(Consignment.id))
        ).all()  # fmt: skip
        for consignment, station in waiting:
            try:
                with session.begin_nested():
                    pack(session, consignment, by=story.people.masters[station].user_code)
            except JishiError:
                continue

    def plan(self, story: Story, session: Session) -> None:
        """The dispatcher batches what waits today, and everyone on the road knows where to be."""
        self._upload(session)
        plan = plan_day(session, story.county, clock.today(), by=story.people.dispatcher.user_code)
        plan.seconds = 0.0  # how long this machine took is no part of the county's history
        session.add(plan)
        session.flush()
        self._book_rides(story, session)
        self._book_trunks(story, session)

    def _book_trunks(self, story: Story, session: Session) -> None:
        """Each trunk's leaving is a moment, once."""
        lanes = (
            select(Parcel.trunk_id, Parcel.trunk_at)
            .where(Parcel.tenant_id == story.county.id, col(Parcel.trunk_at) >= clock.now(), col(Parcel.status).in_(MOVABLE))
            .distinct()
            .order_by(col(Parcel.trunk_at), col(Parcel.trunk_id))
        )
        for trunk_id, leaves_at in session.exec(lanes):
            if trunk_id is not None and leaves_at is not None and (trunk_id, leaves_at) not in self.trunks:
                self.trunks.add((trunk_id, leaves_at))
                story.book(leaves_at - timedelta(minutes=5), partial(self._dispatch, trunk_id, leaves_at))

    def _book_rides(self, story: Story, session: Session) -> None:
        """Each boarding and alighting that is planned is a moment of its departure at that stop, once."""
        legs = (
            select(Departure, PlannedLeg.board, PlannedLeg.alight)
            .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
            .where(Departure.tenant_id == story.county.id, col(PlannedLeg.voided_at).is_(None), col(Departure.ends_at) >= clock.now())
            .distinct()
            .order_by(col(Departure.id), col(PlannedLeg.board), col(PlannedLeg.alight))
        )
        for departure, board, alight in session.exec(legs).all():
            for moment, position in ((self._load, board), (self._unload, alight)):
                known = (departure.id or 0, position, moment == self._load)
                if known in self.stops:
                    continue
                self.stops.add(known)
                stop = self._stop(session, departure, position)
                minute = stop.dep_min - 0.7 if moment == self._load else stop.arr_min
                story.book(clock.on(departure.service_date, minute), partial(moment, departure, position, stop.node, stop.line))

    def _load(self, departure: Departure, position: int, node: str, line: str, story: Story, session: Session) -> None:
        """What is packed and lies here goes aboard."""
        if any(scan.place == node for scans in self.scanned.values() for scan in scans):
            self._upload(session)  # what came by an earlier bus goes on by this one
        loaded = session.exec(
            select(Parcel.code, PlannedLeg.alight)
            .join(PlannedLeg, col(PlannedLeg.parcel_id) == col(Parcel.id))
            .join(Custody, (col(Custody.parcel_code) == col(Parcel.code)) & col(Custody.ended_at).is_(None))
            .where(
                PlannedLeg.departure_id == departure.id, PlannedLeg.board == position, col(PlannedLeg.voided_at).is_(None),
                col(Parcel.status).in_(MOVABLE), Custody.holder_code == node,
            )
            .order_by(col(Parcel.id))
        ).all()  # fmt: skip
        for code, alight in loaded:
            self.scanned[_driver(story, line)].append(Scanned(Action.LOAD, code, departure.code, clock.now()))
            self.aboard.setdefault((departure.code, alight), []).append(code)

    def _unload(self, departure: Departure, position: int, node: str, line: str, story: Story, session: Session) -> None:
        """Scanned now; the scanners upload once somebody needs to know: a later bus here, a trunk, the dispatcher, the hour."""
        codes = self.aboard.pop((departure.code, position), [])
        self.scanned[_driver(story, line)] += [Scanned(Action.UNLOAD, code, node, clock.now()) for code in codes]

    def _dispatch(self, trunk_id: int, leaves_at: datetime, story: Story, session: Session) -> None:
        """Hand over to the carrier what reached the hub in time, and book each delivery near the arrival planned for it."""
        self._upload(session)
        trunk = session.get_one(Trunk, trunk_id)
        parcels = session.exec(
            select(Parcel)
            .where(Parcel.trunk_id == trunk_id, Parcel.trunk_at == leaves_at, Parcel.status == ParcelStatus.AT_HUB)
            .order_by(col(Parcel.id))
        ).all()
        self.scanned[story.people.sorter] += [Scanned(Action.DISPATCH, parcel.code, trunk.code, clock.now()) for parcel in parcels]
        self._upload(session)
        for parcel in parcels:
            takes = (parcel.arrives_at or leaves_at + timedelta(hours=24)) - leaves_at
            arrives = leaves_at + takes * story.dice.uniform(0.82, 1.03)
            heappush(self.underway, (arrives.replace(microsecond=0), parcel.code, trunk.code))

    def deliver(self, story: Story, session: Session) -> None:
        """The carriers upload what they delivered since the last time, each at its own minute."""
        while self.underway and self.underway[0][0] <= clock.now():
            at, code, trunk = heappop(self.underway)
            self.scanned[story.people.partner].append(Scanned(Action.DELIVER, code, trunk, at))
        self._upload(session)

    def _stop(self, session: Session, departure: Departure, position: int) -> Stop:
        """A trip's stops are read once."""
        if departure.trip_id not in self.stops_of:
            query = (
                sql_select(*(col(c) for c in (StopTime.position, StopTime.arr_min, StopTime.dep_min, Node.code, Line.code)))
                .join(Node, col(Node.id) == col(StopTime.node_id))
                .join(Trip, col(Trip.id) == col(StopTime.trip_id))
                .join(Line, col(Line.id) == col(Trip.line_id))
                .where(col(StopTime.trip_id) == departure.trip_id)
            )
            self.stops_of[departure.trip_id] = {place: Stop(*rest) for place, *rest in session.execute(query)}
        return self.stops_of[departure.trip_id][position]

    def _upload(self, session: Session) -> None:
        """Everybody sends what they scanned since the last time, at most 500 events at once."""
        for actor, scans in self.scanned.items():
            events = [
                ScanEvent(
                    id=new_code("E"), device=f"{actor.user_code}-phone", seq=next(self.numbers), at=scan.at.isoformat(),
                    action=scan.action, code=scan.code, place=scan.place, by=actor.user_code,
                )
                for scan in scans
            ]  # fmt: skip
            for start in range(0, len(events), LARGEST_BATCH):
                outcomes = record_scans(session, events[start : start + LARGEST_BATCH], actor=actor)
                if refused := [outcome for outcome in outcomes if outcome.result != "accepted"]:
                    raise RuntimeError(f"the replayed road is not the real one: {refused[:3]}")
        self.scanned.clear()


def _driver(story: Story, line: str) -> Actor:
    """Who scans on a line's vehicles: its driver, else the dispatcher for them."""
    return story.people.driver if line in story.people.driver.scopes("driver") else story.people.dispatcher
