"""Which vehicle could drive a special run: one with the seats that no other run needs at that time. Two queries."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from fulfillment.network.models import Vehicle
from fulfillment.timetable.models import Departure, DepartureStatus

from .roads import ROAD, SEA

TURN = timedelta(minutes=20)  # between two runs of a vehicle: to get there and let people out
DRIVEN_BY = {ROAD: ("bus", "coach"), SEA: ("ship", "ferry")}  # kinds of vehicle


class Span(NamedTuple):
    begins: datetime
    ends: datetime


class Fleet(NamedTuple):
    vehicles: list[Vehicle]  # smallest first, of equals those that take goods
    busy: dict[int, list[Span]]  # by vehicle id

    def is_free(self, vehicle: Vehicle, day: date, begins: int, ends: int) -> bool:
        """Whether nothing else needs it between two minutes of a day, the turn included."""
        first, last = clock.on(day, begins) - TURN, clock.on(day, ends) + TURN
        return not any(span.begins < last and span.ends > first for span in self.busy.get(vehicle.id or 0, ()))

    def free(self, mode: str, seats: int, day: date, begins: int, ends: int) -> list[Vehicle]:
        """Those that could drive, the smallest that is large enough first."""
        fits = (v for v in self.vehicles if v.kind in DRIVEN_BY[mode] and v.seats >= seats)
        return [v for v in fits if self.is_free(v, day, begins, ends)]

    def largest(self, mode: str) -> int:
        """Seats of the largest vehicle, 0 where there is none."""
        return max((v.seats for v in self.vehicles if v.kind in DRIVEN_BY[mode]), default=0)


def fleet(session: Session, tenant_id: int, days: Collection[date]) -> Fleet:
    """The county's vehicles for people, and when they run on these service days and the nights before."""
    kinds = [kind for each in DRIVEN_BY.values() for kind in each]
    vehicles = session.exec(
        select(Vehicle).where(Vehicle.tenant_id == tenant_id, col(Vehicle.kind).in_(kinds), Vehicle.seats > 0).order_by(col(Vehicle.code))
    ).all()
    runs = session.exec(
        select(Departure.vehicle_id, Departure.starts_at, Departure.ends_at, Departure.delay_min).where(
            Departure.tenant_id == tenant_id, col(Departure.service_date).in_({*days, *(day - timedelta(days=1) for day in days)}),
            Departure.status != DepartureStatus.CANCELLED, col(Departure.vehicle_id).in_([v.id for v in vehicles]),
        )
    )  # fmt: skip
    busy: dict[int, list[Span]] = {}
    for vehicle, starts, ends, delay in runs:
        if vehicle is not None:
            busy.setdefault(vehicle, []).append(Span(starts, ends + timedelta(minutes=delay)))
    return Fleet(sorted(vehicles, key=lambda v: (v.seats, not v.bay_g)), busy)
