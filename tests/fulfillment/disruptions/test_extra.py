"""A cancelled departure that leaves parcels without a road: an extra run is offered with its price and driven in the same act."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.extra import NoVehicle
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.network.models import Vehicle
from fulfillment.network.rules import RUNS, run_fen
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed, person
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def only(rows: SmallCounty) -> str:
    """A bus with two parcels, and no other run that takes goods."""
    with db.writing() as session:
        for _ in range(2):
            packed(session, rows)
        plan_day(session, rows.county, DAY)
        (run,) = session.exec(select(Departure).join(PlannedLeg).distinct()).all()
        for departure in session.exec(select(Departure).where(Departure.code != run.code)):
            departure.cap_g = 0
            session.add(departure)
        board_changed(session, rows.id)
        return run.code


def spare(rows: SmallCounty) -> None:
    with db.writing() as session:
        session.add(
            Vehicle(
                tenant_id=rows.id, code="van", plate="浙B·9", kind="mail_van", bay_g=600_000, bay_ml=3_000_000, boxes=20,
                tiers=["ambient", "chilled"],
            )
        )  # fmt: skip


def driven(code: str) -> float:
    with db.reading() as session:
        run = session.exec(select(Departure).where(Departure.code == code)).one()
        return (run.ends_at - run.starts_at).total_seconds() / 60


def test_an_extra_run_is_offered_with_its_price_and_taken_in_the_same_act(rows: SmallCounty, only: str) -> None:
    assert preview(rows.county, CancelDeparture(only)).rescue is None, "no vehicle is free"
    spare(rows)
    seen = preview(rows.county, CancelDeparture(only))
    assert (seen.unplaced, seen.rescue is not None) == (2, True)
    assert seen.rescue
    assert (seen.rescue.unplaced, seen.rescue.offer.plate) == (0, "浙B·9")
    assert seen.rescue.offer.price_fen == RUNS.call_out_fen + run_fen(driven(only), RUNS)
    desk = signed_in(rows, "dispatcher")
    assert "加开一班：浙B·9" in desk.get(f"/ops/departures/{only}/cancellation").text
    assert desk.post(f"/ops/departures/{only}/cancellation", data={"reason": "车坏了", "run": "1", "form_key": "k"}).status_code == 303
    with db.reading() as session:
        (run,) = session.exec(select(Departure).join(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None)).distinct()).all()
        assert run.code != only
        assert run.starts_at == seen.rescue.offer.leaves_at
        assert session.exec(select(Departure.status).where(Departure.code == only)).one() == "cancelled"


def test_a_call_offers_the_extra_run_with_its_price_and_makes_it_once(rows: SmallCounty, only: str) -> None:
    desk, path, key = signed_in(rows, "dispatcher"), f"/api/v1/departures/{only}/cancellation", {"Idempotency-Key": "k"}
    body = {"reason": "车坏了", "extra_run": True}
    assert desk.get(f"{path}/preview").json()["extra_run"] is None
    refused = desk.post(path, json=body, headers=key)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_vehicle")
    spare(rows)
    seen = desk.get(f"{path}/preview").json()
    assert (seen["unplaced"], seen["extra_run"]["unplaced"], seen["extra_run"]["vehicle"]) == (2, 0, "浙B·9")
    done = desk.post(path, json=body, headers=key).json()
    made = done["extra_run"]
    assert {name: made[name] for name in ("vehicle", "leaves_at", "price_fen")} == {
        name: seen["extra_run"][name] for name in ("vehicle", "leaves_at", "price_fen")
    }
    assert (done["moved"], done["unplaced"]) == (2, 0)
    assert desk.post(path, json=body, headers=key).json() == done
    with db.reading() as session:
        ridden = session.exec(select(Departure.code).join(PlannedLeg).where(col(PlannedLeg.voided_at).is_(None))).all()
        assert ridden == [made["departure"]] * 2


def test_an_extra_run_is_offered_to_who_was_late_already_and_would_be_a_day_later_still(rows: SmallCounty) -> None:
    spare(rows)
    with db.writing() as session:
        parcel = packed(session, rows)
        parcel.due_at -= timedelta(days=1)
        session.add(parcel)
        plan_day(session, rows.county, DAY)
        (run,) = session.exec(select(Departure).join(PlannedLeg).distinct()).all()
        for departure in session.exec(select(Departure).where(Departure.code != run.code, Departure.service_date == DAY)):
            departure.cap_g = 0
            session.add(departure)
        board_changed(session, rows.id)
        code = run.code
    desk = signed_in(rows, "dispatcher")
    seen = desk.get(f"/api/v1/departures/{code}/cancellation/preview").json()
    assert (seen["late"], seen["unplaced"], seen["extra_run"]["late"]) == (1, 0, 1)
    assert seen["extra_run"]["price_fen"] == RUNS.call_out_fen + run_fen(driven(code), RUNS)
    assert "加开一班：浙B·9" in desk.get(f"/ops/departures/{code}/cancellation").text


def test_without_a_free_vehicle_nothing_is_cancelled(rows: SmallCounty, only: str) -> None:
    with pytest.raises(NoVehicle):
        apply(rows.county, CancelDeparture(only, "车坏了"), actor=person(rows, "dispatcher"), route="POST", extra=True)
    with db.reading() as session:
        assert session.exec(select(Departure.status).where(Departure.code == only)).one() == "open"
