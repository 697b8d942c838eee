"""Promises measured afterwards: kept or late by what the scans prove, each late one with its cause, whatever became of it."""

from datetime import timedelta

import pytest
from sqlmodel import col, select, update

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.service import open_disruption
from fulfillment.kept.queries import kept_by, total
from fulfillment.timetable.models import Departure
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import ship, sold
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of

AFTER = timedelta(days=9)  # every promise of the day has ended by then
HOURS = timedelta(hours=3)


@pytest.fixture
def session(database):
    """Rows are put where they would stand after a long history, and never committed."""
    with db.writing() as opened:
        yield opened
        opened.rollback()


def consignment(session, county, name="tomato", *, late=None, **facts):
    """One planned consignment and what became of it, delivered `late` after its promised day, or hour, ended (None: not)."""
    (made,) = ship(session, county, sold(session, county, name, 1))
    plan_day(session, county.county, DAY)
    facts = {"packed_at": made.ships_at - timedelta(hours=1), **facts}
    if late is not None:
        facts |= {
            "status": "delivered",
            "delivered_at": (made.deliver_by if "to_node_id" in facts else clock.day_end(made.deliver_by)) + late,
        }
    session.exec(update(Consignment).where(Consignment.id == made.id).values(**facts))
    session.refresh(made)
    return made


def board(session, county, way="station"):
    with clock.at(clock.midnight(DAY) + AFTER):
        return kept_by(session, tenant_id=county.id, first=DAY, last=DAY + timedelta(days=8), way=way)


def parcel_of(session, made):
    return session.exec(select(Parcel).where(Parcel.consignment_id == made.id)).one()


@pytest.mark.parametrize("inside", [False, True], ids=["the day of a promise out of the county", "the minute of one inside"])
def test_what_comes_as_promised_is_kept_and_a_minute_more_is_late(session, county, inside):
    facts = {"to_node_id": county.stations[0].node_id} if inside else {}
    consignment(session, county, late=timedelta(0), **facts)
    consignment(session, county, late=timedelta(minutes=1), **facts)
    (here,) = board(session, county)
    assert (here.name, here.due, here.kept, here.late, here.undelivered) == ("葛家驿站", 2, 1, 1, 0)
    assert here.permille == 500


def test_who_is_not_there_when_the_promise_ends_is_late_already_and_before_that_not_due(session, county):
    made = consignment(session, county)
    with clock.at(clock.day_end(made.deliver_by) - timedelta(minutes=1)):
        assert kept_by(session, tenant_id=county.id, first=DAY, last=DAY + AFTER, way="station") == []
    (here,) = board(session, county)
    assert (here.due, here.late, here.undelivered) == (1, 1, 1)


def test_lost_is_late_for_good_and_returned_and_cancelled_are_not_judged(session, county):
    for status in ("lost", "returned", "cancelled"):
        consignment(session, county, status=status)
    all_of_them = total(board(session, county))
    assert (all_of_them.due, all_of_them.causes) == (1, {"lost": 1})


def test_each_late_one_has_the_first_cause_that_holds(session, county):
    consignment(session, county, late=HOURS, packed_at=clock.now() + timedelta(days=2))
    consignment(session, county, packed_at=None)
    cancelled, missed, no_room, _ = (consignment(session, county, late=HOURS) for _ in range(4))
    open_disruption(
        session, "missed", tenant_id=county.id, subject_kind="parcel", subject_code=parcel_of(session, missed).code, words="x", cause="D"
    )
    parcel_of(session, no_room).arrives_at = no_room.deliver_by + timedelta(days=1)
    run = session.exec(select(Departure).order_by(col(Departure.id).desc())).first()
    run.status = "cancelled"
    leg = session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel_of(session, cancelled).id)).first()
    session.add(PlannedLeg(**leg.model_dump(exclude={"id", "departure_id", "voided_at"}), departure_id=run.id, voided_at=clock.now()))
    session.flush()
    causes = total(board(session, county)).causes
    assert causes == {"packed_late": 2, "cancelled": 1, "missed": 1, "no_room": 1, "carrier": 1}


@pytest.mark.parametrize("way", ["station", "zone", "trunk", "line"])
def test_every_way_of_looking_counts_the_same_promises_in_one_query(session, county, way):
    consignment(session, county, late=timedelta(0))
    consignment(session, county, late=timedelta(days=1))
    consignment(session, county, name="bamboo")
    found = board(session, county, way)
    assert (total(found).due, total(found).late) == (3, 2)
    assert all(row.code for row in found), "every one has a lane with a name"
    assert statements_of(lambda: board(session, county, way)) == 1


def test_another_countys_promises_are_not_counted(session, county):
    consignment(session, county)
    with clock.at(clock.midnight(DAY) + AFTER):
        assert kept_by(session, tenant_id=99, first=DAY, last=DAY + AFTER, way="station") == []


def test_dispatcher_and_county_read_it_as_page_and_as_json_and_a_master_does_not(database, nine):
    county = county_with_roads()
    with db.writing() as session:
        ship(session, county, sold(session, county, "tomato", 1))
        plan_day(session, county.county, DAY)
    with clock.at(clock.midnight(DAY) + AFTER):
        for role in ("dispatcher", "admin"):
            client = signed_in(county, role)
            said = client.get("/ops/promises?days=30&by=trunk", headers={"accept": "text/html"})
            assert said.status_code == 200
            assert all(words in said.text for words in ("承诺兑现", "0.0%", "邮政下午干线", "打包晚了", "其中 1 单还没送到"))
            answer = client.get(f"/api/v1/promises?from={DAY}&to={DAY + timedelta(days=8)}&by=zone").json()
            assert (answer["total"]["due"], answer["total"]["kept"], answer["total"]["causes"]) == (1, 0, {"packed_late": 1})
            assert [row["code"] for row in answer["items"]] == ["z1"]
            assert client.get("/api/v1/promises?from=2026-05-20&to=2026-05-19").status_code == 422
            assert client.get("/api/v1/promises?from=1900-01-01").status_code == 422
            assert client.get("/ops/promises?days=7&by=x", headers={"accept": "text/html"}).status_code == 200
        master = signed_in(county, "master", "station", county.stations[0].code)
        assert master.get("/ops/promises").status_code == 403
        assert master.get("/api/v1/promises").status_code == 403
