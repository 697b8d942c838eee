"""An emergency run in the place of a cancelled departure: a free vehicle drives its stops again, for a price.

The vehicle is one that no departure of the day needs between leaving and being back, the smallest that is large enough; it leaves
when the cancelled one would have, or as soon as vehicle and driver can be there. The price is the county's for any run made for goods,
and the call-out on top; the kilometres told are the straight lines between stops and a usual detour.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from core.errors import Conflict
from core.status import began
from fulfillment.batching.instance import Capacity, Stop
from fulfillment.batching.instance import Departure as Planned
from fulfillment.batching.roads import Roads
from fulfillment.network.models import ServiceCalendar, StopTime, Trip, Vehicle
from fulfillment.network.rules import run_fen, run_rules
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import DEPARTURE, Departure, DepartureStatus
from fulfillment.timetable.running import MOST_LATE_MIN
from supply.counties.models import County
from supply.stations.models import Node

DETOUR, KM_A_DEGREE, KM_A_MIN = 1.3, 111.2, 0.5
MARGIN = timedelta(minutes=15)
PREVIEWED = "extra"  # stands for a run that is not made yet


class NoVehicle(Conflict):
    """No vehicle is free to drive an extra run."""

    code = "no_vehicle"


@dataclass(frozen=True)
class Offer:
    """An extra run that could be made: which vehicle, when it leaves its first stop, how far it drives and for how much."""

    vehicle_id: int
    plate: str
    leaves_at: datetime
    km: float
    price_fen: int


def offer(session: Session, county: County, departure: Departure) -> Offer | None:
    """What can be offered for a departure that does not run; None where no vehicle is free."""
    rules = run_rules(county)
    ready = clock.next_mark(clock.now() + timedelta(minutes=rules.ready_min))
    leaves = max(ready, departure.starts_at)
    back = leaves + 2 * (departure.ends_at - departure.starts_at)
    vehicle = _free(session, county, departure, leaves - MARGIN, back + MARGIN)
    if vehicle is None:
        return None
    drives = (departure.ends_at - departure.starts_at).total_seconds() / 60
    price = rules.call_out_fen + round(run_fen(drives, rules))
    return Offer(vehicle.id or 0, vehicle.plate or vehicle.code, leaves, _km(session, departure), price)


def add_run(session: Session, county: County, departure: Departure, found: Offer, *, by: str) -> Departure:
    """The extra run as a trip and departure of that day alone, with the vehicle's whole bay."""
    vehicle, code = session.get_one(Vehicle, found.vehicle_id), new_code("D")
    day, original = departure.service_date, session.get_one(Trip, departure.trip_id)
    calendar = ServiceCalendar(tenant_id=county.id, code=f"extra-{code}", weekdays=0, starts_on=day, ends_on=day, added=[day.isoformat()])
    session.add(calendar)
    session.flush()
    trip = Trip(
        tenant_id=county.id, code=f"extra-{code}", line_id=departure.line_id, calendar_id=calendar.id or 0, vehicle_id=vehicle.id,
        direction=original.direction,
    )  # fmt: skip
    session.add(trip)
    session.flush()
    later = round((found.leaves_at - departure.starts_at).total_seconds() / 60)
    for stop in _stops(session, departure):
        session.add(
            StopTime(
                trip_id=trip.id or 0, position=stop.position, tenant_id=county.id, node_id=stop.node_id, arr_min=stop.arr_min + later,
                dep_min=stop.dep_min + later,
            )
        )  # fmt: skip
    run = Departure(
        tenant_id=county.id, code=code, trip_id=trip.id or 0, line_id=departure.line_id, vehicle_id=vehicle.id, service_date=day,
        cap_g=vehicle.bay_g, cap_ml=vehicle.bay_ml, cap_boxes=vehicle.boxes, cap_chilled_ml=vehicle.chilled_ml, tiers=list(vehicle.tiers),
        closes_at=departure.closes_at + timedelta(minutes=later), starts_at=found.leaves_at,
        ends_at=departure.ends_at + timedelta(minutes=later),
    )  # fmt: skip
    session.add(run)
    session.flush()
    began(session, DEPARTURE, run.status, tenant_id=county.id, subject=run.code, by=by)
    board_changed(session, county.id)
    return run


def as_planned(session: Session, departure: Departure, found: Offer, roads: Roads) -> Planned | None:
    """The same in memory, for the preview; None where the roads do not know the cancelled departure."""
    old = next((d for d in roads.departures if d.id == departure.code), None)
    if old is None:
        return None
    vehicle = session.get_one(Vehicle, found.vehicle_id)
    shift = found.leaves_at - (departure.starts_at + timedelta(minutes=departure.delay_min))
    later = shift.total_seconds() / 60
    return replace(
        old, id=PREVIEWED, tiers=frozenset(vehicle.tiers), cap=Capacity(vehicle.bay_g, vehicle.bay_ml, vehicle.boxes, vehicle.chilled_ml),
        stops=tuple(Stop(stop.node, stop.arr + later, stop.dep + later) for stop in old.stops),
    )  # fmt: skip


def _free(session: Session, county: County, departure: Departure, since: datetime, until: datetime) -> Vehicle | None:
    """The smallest vehicle with a bay for these goods that no departure needs meanwhile; the one that failed is left out."""
    busy = {
        vehicle
        for vehicle, starts, ends, late in session.exec(
            select(Departure.vehicle_id, Departure.starts_at, Departure.ends_at, Departure.delay_min).where(
                Departure.tenant_id == county.id, col(Departure.status) != DepartureStatus.CANCELLED,
                col(Departure.starts_at) < until, col(Departure.ends_at) > since - timedelta(minutes=MOST_LATE_MIN),
            )
        )
        if starts + timedelta(minutes=late) < until and ends + timedelta(minutes=late) > since
    }  # fmt: skip
    vehicles = session.exec(select(Vehicle).where(Vehicle.tenant_id == county.id, Vehicle.bay_g > 0)).all()
    kind = next((v.kind for v in vehicles if v.id == departure.vehicle_id), "")
    water = kind == "ferry"
    free = [v for v in vehicles if v.id not in busy and v.id != departure.vehicle_id and (v.kind == "ferry") == water]
    fit = [v for v in free if set(departure.tiers) <= set(v.tiers)] or free
    return min(fit, key=lambda v: (v.bay_g < departure.cap_g, v.bay_g, v.id), default=None)


def _stops(session: Session, departure: Departure) -> list[StopTime]:
    return list(session.exec(select(StopTime).where(StopTime.trip_id == departure.trip_id).order_by(col(StopTime.position))))


def _km(session: Session, departure: Departure) -> float:
    """Along the stops; half a kilometre a minute where a place is not known."""
    stops = _stops(session, departure)
    nodes = {n.id: n for n in session.exec(select(Node).where(col(Node.id).in_({s.node_id for s in stops})))}
    total = 0.0
    for one, other in pairwise(stops):
        a, b = nodes[one.node_id], nodes[other.node_id]
        if a.lat is None or a.lon is None or b.lat is None or b.lon is None:
            total += (other.arr_min - one.dep_min) * KM_A_MIN
        else:
            total += DETOUR * KM_A_DEGREE * math.hypot(b.lat - a.lat, (b.lon - a.lon) * math.cos(math.radians(a.lat)))
    return round(total, 1)
