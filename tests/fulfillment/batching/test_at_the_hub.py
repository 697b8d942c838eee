"""What lies sorted at the hub keeps its trunk, however late in the day somebody plans; what missed it gets one that still leaves."""

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from fulfillment.batching.from_database import read_waiting
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.batching.solve import solve
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import event, packed, person, scan
from tests.fulfillment.web import county_with_roads

POST, COLD = 0, 1  # trunks: 17:00 → 17:40 and 20:00 → 20:40; sorting takes 40 minutes


def at(hour: int, minute: int = 0, day: int = 0) -> datetime:
    return clock.on(DAY, day * 1440 + hour * 60 + minute)


def planned(session: Session, county: SmallCounty) -> tuple[Parcel, Departure]:
    """A parcel for the post of 17:40, and the bus it is to ride."""
    parcel = packed(session, county)
    plan_day(session, county.county, DAY)
    ride = select(Departure).join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id)).where(PlannedLeg.parcel_id == parcel.id)
    return parcel, session.exec(ride).one()


def in_the_hub(session: Session, county: SmallCounty, parcel: Parcel, run: Departure, *, since: datetime) -> None:
    scan(session, county, event("load", parcel, run.code, at=run.starts_at), event("unload", parcel, county.hub.code, at=since))


def trunk_of(session: Session, county: SmallCounty, parcel: Parcel) -> tuple[int, datetime | None]:
    session.refresh(parcel)
    return next(n for n, trunk in enumerate(county.trunks) if trunk.id == parcel.trunk_id), parcel.trunk_at


@pytest.mark.parametrize(("hour", "minute"), [(16, 5), (16, 30), (16, 59), (17, 0), (17, 1), (17, 40)])
def test_what_is_sorted_in_time_keeps_its_trunk_until_it_leaves(session: Session, county: SmallCounty, hour: int, minute: int) -> None:
    parcel, run = planned(session, county)
    before = trunk_of(session, county, parcel)
    assert before == (POST, at(17, 40))
    with clock.at(at(hour, minute)):
        in_the_hub(session, county, parcel, run, since=at(16))
        plan = plan_day(session, county.county, DAY)
        assert (trunk_of(session, county, parcel), plan.facts["moved"]) == (before, 0)


@pytest.mark.parametrize(("now", "since", "trunk"), [
    (at(17, 41), at(16), (COLD, at(20, 40))),  # left behind
    (at(17, 5), at(16, 30), (COLD, at(20, 40))),  # came too late to be sorted for it
    (at(20, 1), at(16), (POST, at(17, 40, day=1))),  # no bag of tonight is open any more
])  # fmt: skip
def test_what_missed_its_trunk_gets_one_that_is_still_open(session: Session, county: SmallCounty, now, since, trunk) -> None:
    parcel, run = planned(session, county)
    with clock.at(now):
        in_the_hub(session, county, parcel, run, since=since)
        plan_day(session, county.county, DAY)
        assert trunk_of(session, county, parcel) == trunk


def test_a_parcel_nobody_scanned_off_its_bus_is_not_put_on_what_has_left(session: Session, county: SmallCounty) -> None:
    parcel, run = planned(session, county)
    with clock.at(at(18)):
        scan(session, county, event("load", parcel, run.code, at=run.starts_at))
        plan_day(session, county.county, DAY)
        assert trunk_of(session, county, parcel) == (COLD, at(20, 40))


def test_a_parcel_in_a_closed_bag_takes_up_its_trunk_but_is_nobodys_to_plan(session: Session, county: SmallCounty) -> None:
    parcel, run = planned(session, county)
    before = trunk_of(session, county, parcel)
    with clock.at(at(17, 10)):
        in_the_hub(session, county, parcel, run, since=at(16))
        waiting = read_waiting(session, county.county, DAY)
        assert parcel.code not in waiting.watched
        full = {t.id: t.cap_g for t in waiting.roads.trunks}
        left = {t.id: t.cap_g for t in waiting.instance.trunks}
        assert {k: full[k] - left[k] for k in full if full[k] != left[k]} == {f"{county.trunks[POST].code}@{DAY}": parcel.grams}
        assert solve(waiting.instance).unserved == 0
    assert trunk_of(session, county, parcel) == before


def test_nobody_boards_before_the_plan_is_made(session: Session, county: SmallCounty) -> None:
    parcel = packed(session, county)
    with clock.at(at(15, 20)):
        waiting = read_waiting(session, county.county, DAY)
        (answer,) = [p for p in solve(waiting.instance).parcels if p.id == parcel.code]
        ride = waiting.roads.rides[answer.legs[0].departure]
        assert ride.calls[waiting.roads.stop_index(ride, answer.legs[0].board)].leaves_at > at(15, 35)


def test_a_bus_can_be_cancelled_whose_parcel_came_another_way_and_is_in_its_bag(database: str, nine: datetime) -> None:
    county = county_with_roads()
    with db.writing() as session:
        parcel, run = planned(session, county)
        code, run_code = parcel.code, run.code
    with clock.at(at(17, 10)):
        with db.writing() as session:
            scan(session, county, event("receive", code, county.hub.code, at=at(16)))
        done = apply(county.county, CancelDeparture(run_code, "塌方"), actor=person(county, "dispatcher"), route="POST")
    assert (done["parcels"], done["unplaced"]) == (0, 0)
    with db.reading() as session:
        kept = session.exec(select(Parcel)).one()
        assert (kept.trunk_id, kept.trunk_at) == (county.trunks[POST].id, at(17, 40))
