"""Random days of a county: whatever is cancelled, late, full, suspended, closed and undone, and in whatever order the scans come,
every parcel is accounted for once."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.errors import JishiError
from core.tasks import drain
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span, current
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import CancelDeparture, DelayDeparture, RefuseBoxes, SuspendLine
from fulfillment.disruptions.lifting import lift, run_after_all
from fulfillment.manifests.service import issue
from fulfillment.timetable.models import Departure
from fulfillment.timetable.tasks import follow
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.disruptions.accounting import account
from tests.fulfillment.shipping import event, packed, parcels_of, person, scan, ship, sold
from tests.fulfillment.web import county_with_roads

DEEDS = (
    "sell",
    "pack",
    "plan",
    "issue",
    "cancel",
    "delay",
    "refuse",
    "suspend",
    "close",
    "again",
    "lift",
    "load",
    "unload",
    "wait",
    "drain",
)
MINUTE = timedelta(minutes=1)
GOODS = ("tomato", "tea", "bamboo", "clam")
Step = tuple[str, int, int]
steps = st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 50), st.integers(0, 50)), min_size=3, max_size=14)


class Day:
    """A county's day as the steps make it; numbers choose among what there is."""

    def __init__(self, rows: SmallCounty) -> None:
        self.rows, self.now, self.codes = rows, NINE, set[str]()

    def take(self, step: Step) -> None:
        deed, a, b = step
        with clock.at(self.now), suppress(JishiError):  # refused in words is an answer
            getattr(self, deed)(a, b)
        with db.reading() as session:
            account(session, self.codes)

    def _departure(self, a: int, *, ridden: bool = True) -> str:
        with db.reading() as session:
            on = select(PlannedLeg.departure_id).where(col(PlannedLeg.voided_at).is_(None))
            found = (
                session.exec(select(Departure.code).where(col(Departure.id).in_(on)).order_by(col(Departure.id))).all() if ridden else []
            )
            found = found or session.exec(select(Departure.code).where(Departure.service_date == DAY).order_by(col(Departure.id))).all()
            return found[a % len(found)]

    def _do(self, incident) -> None:  # type: ignore[no-untyped-def]
        apply(self.rows.county, incident, actor=person(self.rows, "dispatcher"), route="POST")

    def sell(self, a: int, b: int) -> None:
        with db.writing() as session:
            (made,) = ship(session, self.rows, sold(session, self.rows, GOODS[a % 4], 1 + b % 3))
            self.codes |= {p.code for p in parcels_of(session, made)}

    def pack(self, a: int, b: int) -> None:
        with db.writing() as session:
            self.codes.add(packed(session, self.rows, GOODS[a % 4], 1).code)
        self.now += 2 * MINUTE

    def plan(self, a: int, b: int) -> None:
        with db.writing() as session:
            plan_day(session, self.rows.county, DAY)

    def issue(self, a: int, b: int) -> None:
        with db.writing() as session:
            issue(session, session.exec(select(Departure).where(Departure.code == self._departure(a))).one())

    def cancel(self, a: int, b: int) -> None:
        self._do(CancelDeparture(self._departure(a), "雾"))

    def delay(self, a: int, b: int) -> None:
        self._do(DelayDeparture(self._departure(a), b * 7, "修路"))

    def refuse(self, a: int, b: int) -> None:
        parcels = (sorted(self.codes)[b % len(self.codes)],) if self.codes and b % 2 else ()
        self._do(RefuseBoxes(self._departure(a), 0, parcels, "满了"))

    def suspend(self, a: int, b: int) -> None:
        self._do(SuspendLine(self.rows.lines[a % 2].code, Span(self.now, self.now + timedelta(hours=1 + b)), "风"))

    def close(self, a: int, b: int) -> None:
        self._do(CloseStation(self.rows.stations[a % 3].code, Span(self.now, self.now + timedelta(hours=1 + b)), "停电"))

    def again(self, a: int, b: int) -> None:
        with db.writing() as session:
            off = session.exec(select(Departure.code).where(Departure.status == "cancelled").order_by(col(Departure.id))).all()
            if off:
                run_after_all(session, self.rows.county, off[a % len(off)], by="U1")

    def lift(self, a: int, b: int) -> None:
        with db.writing() as session:
            if closed := current(session, self.rows.id):
                lift(session, self.rows.county, closed[a % len(closed)].code, by="U1")

    def load(self, a: int, b: int) -> None:
        """Onto the bus it is planned on, or, now and then, onto any; the scan may come late and out of order."""
        if self.codes:
            self._scan("load", sorted(self.codes)[a % len(self.codes)], self._departure(b), minutes=-(b % 40))

    def unload(self, a: int, b: int) -> None:
        if self.codes:
            places = (self.rows.hub.code, *(station.code for station in self.rows.stations))
            self._scan("unload", sorted(self.codes)[a % len(self.codes)], places[b % 2 * (b % 4)], minutes=-(a % 40))

    def _scan(self, action: str, code: str, place: str, *, minutes: int) -> None:
        with db.writing() as session:
            if packed_at := session.exec(select(Parcel.packed_at).where(Parcel.code == code)).one():
                scan(session, self.rows, event(action, code, place, at=max(packed_at + MINUTE, self.now + minutes * MINUTE)))

    def wait(self, a: int, b: int) -> None:
        self.now += timedelta(minutes=5 * (1 + a % 8))
        with clock.at(self.now):
            follow()

    def drain(self, a: int, b: int) -> None:
        drain()


@pytest.fixture
def day(database: str, nine) -> Day:  # type: ignore[no-untyped-def]
    return Day(county_with_roads())


@settings(max_examples=max(15, settings.default.max_examples // 10), suppress_health_check=list(HealthCheck))
@given(taken=steps)
def test_whatever_happens_every_parcel_is_accounted_for_once(day: Day, taken: list[Step]) -> None:
    """One county lives through all examples: each begins where the one before ended, a day that grows ever worse."""
    for step in taken:
        day.take(step)
