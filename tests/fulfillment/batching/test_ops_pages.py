"""The dispatcher's forms and figures: what cannot be taken is drawn again, what was planned is shown as it stands now."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from core.tasks import drain
from fulfillment.batching.models import BatchPlan, PlannedLeg
from fulfillment.batching.queries import standing
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import open_disruption
from fulfillment.manifests.models import Manifest
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import event, packed, scan
from tests.fulfillment.web import county_with_roads, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    import shop.wiring  # noqa: F401 - who answers what

    return county_with_roads()


def planned(session: Session, rows: SmallCounty) -> tuple[str, Departure]:
    """A packed parcel and its bus."""
    parcel = packed(session, rows)
    plan_day(session, rows.county, DAY)
    legs = select(Departure).join(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id)
    return parcel.code, session.exec(legs).one()


def test_a_wave_is_chosen_or_typed_either_way_and_a_wrong_one_is_drawn_again(rows: SmallCounty) -> None:
    desk = signed_in(rows, "dispatcher")
    assert '<option value="1700">17:00 邮政下午干线</option>' in desk.get(f"/ops?day={DAY}").text
    for n, wave in enumerate(("1700", "17:00", "17：00", " 17:00 ")):
        assert desk.post("/ops/plans", data={"date": DAY.isoformat(), "wave": wave, "form_key": f"k{n}"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(BatchPlan.wave)).all() == ["1700"] * 4
    for wave in ("17:01", "下午", "9" * 300):
        wrong = desk.post("/ops/plans", data={"date": DAY.isoformat(), "wave": wave})
        assert wrong.status_code == 422
        assert 'id="e-wave"' in wrong.text
        assert "1700、2000" in wrong.text
        assert "发车板" in wrong.text


def test_a_reason_of_spaces_is_asked_for_again(rows: SmallCounty) -> None:
    with db.writing() as session:
        _, run = planned(session, rows)
    desk = signed_in(rows, "dispatcher")
    for reason in ("   ", "", "雾" * 201):
        wrong = desk.post(f"/ops/departures/{run.code}/cancellation", data={"reason": reason})
        assert wrong.status_code == 422
        assert "停了这班会怎样" in wrong.text
        assert 'id="e-reason"' in wrong.text
        assert reason in wrong.text
    with db.reading() as session:
        assert session.exec(select(Departure.status).where(Departure.code == run.code)).one() == "open"


def test_an_outcome_too_long_is_kept_in_its_field(rows: SmallCounty) -> None:
    with db.writing() as session:
        code = open_disruption(session, "missing", tenant_id=rows.id, subject_kind="parcel", subject_code="JPX", words="找不到").code
    desk = signed_in(rows, "dispatcher")
    typed = "问过了" * 90
    wrong = desk.post(f"/ops/disruptions/{code}/closing", data={"outcome": typed})
    assert wrong.status_code == 422
    assert f'value="{typed}"' in wrong.text
    assert f'id="e-{code}"' in wrong.text
    with db.reading() as session:
        assert session.exec(select(Disruption.closed_at)).one() is None


def test_a_deadline_of_another_day_says_the_day(rows: SmallCounty) -> None:
    with db.writing() as session:
        for n, days in enumerate((0, -6)):
            row = open_disruption(session, "missing", tenant_id=rows.id, subject_kind="parcel", subject_code=f"JP{n}", words="找不到")
            row.deadline = clock.on(DAY, 18 * 60 + 40) + timedelta(days=days)
    shown = signed_in(rows, "dispatcher").get("/ops").text.split("按时限")[1]
    assert "<small>5 月 14 日</small> 18:40" in shown
    assert ">18:40</time>" in shown


def test_a_cancelled_run_has_no_manifest_and_takes_nothing_more(rows: SmallCounty) -> None:
    with db.writing() as session:
        _, run = planned(session, rows)
    desk = signed_in(rows, "dispatcher")
    assert desk.post(f"/ops/departures/{run.code}/manifests").status_code == 303
    assert desk.post(f"/ops/departures/{run.code}/cancellation", data={"reason": "大雾"}).status_code == 303
    with db.reading() as session:
        assert session.exec(select(Manifest.voided_at)).one()
    sheet = desk.get(f"/ops/departures/{run.code}/manifest").text
    assert "停班" in sheet
    assert "第 1 版" not in sheet
    driver = signed_in(rows, "driver", "line", rows.lines[0].code)
    ahead = driver.get("/driver").text.split("跑过的")[0]
    assert run.code in ahead
    assert "停班" in ahead
    assert 'value="load"' not in driver.get(f"/driver/runs/{run.code}").text


def test_the_days_plan_stays_in_sight_after_a_repair(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = packed(session, rows)
        parcel.shelf_until, last = clock.now(), parcel.code
        session.add(parcel)
        session.flush()
        _, run = planned(session, rows)
    desk = signed_in(rows, "dispatcher")
    before = desk.get(f"/ops?day={DAY}").text
    assert "1 / 2" in before
    assert last in before
    assert desk.post(f"/ops/departures/{run.code}/cancellation", data={"reason": "大雾"}).status_code == 303
    after = desk.get(f"/ops?day={DAY}").text
    assert "1 / 2" in after
    assert last in after
    assert "后来改坐" in after
    with db.reading() as session:
        now = standing(session, rows.id)
        assert now
        assert (now.placed, now.mended, [left.code for left in now.left]) == (1, 1, [last])


def test_one_stranded_at_the_hub_is_named_though_it_rode_there_as_planned(rows: SmallCounty) -> None:
    with db.writing() as session:
        code, run = planned(session, rows)
        parcel = session.exec(select(Parcel).where(Parcel.code == code)).one()
        scan(session, rows, event("load", parcel, run.code), event("unload", parcel, rows.hub.code, at=clock.now() + timedelta(minutes=1)))
        parcel.shelf_until = clock.now()
        session.add(parcel)
        session.flush()
        plan_day(session, rows.county, DAY)
    with db.reading() as session:
        now = standing(session, rows.id)
        assert now
        assert (now.placed, [left.code for left in now.left]) == (0, [code])


def test_who_lost_its_road_since_the_plan_counts_as_not_placed(rows: SmallCounty) -> None:
    with db.writing() as session:
        code, run = planned(session, rows)
        for departure in session.exec(select(Departure).where(col(Departure.id) != run.id)):
            departure.cap_g = 0
            session.add(departure)
        board_changed(session, rows.id)
    desk = signed_in(rows, "dispatcher")
    assert "1 / 1" in desk.get(f"/ops?day={DAY}").text
    desk.post(f"/ops/departures/{run.code}/cancellation", data={"reason": "大雾"})
    drain()
    shown = desk.get(f"/ops?day={DAY}").text
    assert "0 / 1" in shown
    assert code in shown


def test_an_unplaced_parcels_station_is_a_code_with_its_name_beside(rows: SmallCounty) -> None:
    with db.writing() as session:
        parcel = packed(session, rows)
        parcel.shelf_until = clock.now()
        session.add(parcel)
        plan = plan_day(session, rows.county, DAY)
    (left,) = signed_in(rows, "dispatcher").get(f"/api/v1/plans/{plan.code}").json()["unplaced"]
    assert (left["station"], left["station_name"]) == (rows.stations[0].code, rows.stations[0].name)
