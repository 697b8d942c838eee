"""The track page and the sorter's word say what is so: no bus that is behind, no promise that has passed without a word."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from core import clock, db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.custody.destinations import destination
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import event, packed, scan
from tests.fulfillment.web import county_with_roads, guest, signed_in


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def parcel(rows: SmallCounty) -> Parcel:
    """Packed and planned onto a bus and a trunk."""
    with db.writing() as session:
        made = packed(session, rows)
        plan_day(session, rows.county, DAY)
        session.refresh(made)
        assert made.trunk_id
    return made


def road(parcel: Parcel) -> list[str]:
    return [step["words"] for step in guest().get(f"/api/v1/track/{parcel.code}").json()["events"] if step["state"] != "done"]


def receive(county: SmallCounty, parcel: Parcel) -> None:
    with db.writing() as session:
        scan(session, county, event("receive", parcel, county.hub.code))


def test_a_parcel_that_reached_the_hub_without_a_load_scan_is_not_sent_back_onto_its_bus(rows: SmallCounty, parcel: Parcel) -> None:
    assert any(words.startswith("坐 ") for words in road(parcel))
    with clock.at(NINE + timedelta(hours=3)):
        receive(rows, parcel)
        with db.reading() as session:
            assert destination(session, parcel).kind == "trunk"
        assert not any(words.startswith(("坐 ", "到小县")) for words in road(parcel)[1:])


def test_what_waits_in_the_hub_without_a_plan_is_said_to_wait(rows: SmallCounty, parcel: Parcel) -> None:
    receive(rows, parcel)
    with clock.at(NINE + timedelta(days=1, hours=12)):  # its trunk has left without it
        with db.reading() as session:
            goes = destination(session, parcel)
        assert (goes.kind, goes.word) == ("ask", "问调度")
        assert "没赶上" in goes.note
        assert "等下一班干线" in road(parcel)


def test_a_bus_that_has_arrived_without_the_parcel_is_no_plan_any_more(rows: SmallCounty, parcel: Parcel) -> None:
    with db.reading() as session:
        run = session.exec(select(Departure).join(PlannedLeg, PlannedLeg.departure_id == Departure.id)).one()
    with clock.at(run.ends_at + timedelta(minutes=1)):
        assert not any(words.startswith("坐 ") for words in road(parcel))


def test_a_promise_that_has_passed_is_said_to_be_late_with_what_was_promised(rows: SmallCounty, parcel: Parcel) -> None:
    receive(rows, parcel)
    assert "晚" not in guest().get(f"/track/{parcel.code}").text
    assert guest().get(f"/api/v1/track/{parcel.code}").json()["late"] is False
    with clock.at(parcel.due_at + timedelta(days=5)):
        page = guest().get(f"/track/{parcel.code}").text
        promised = f"{clock.local(parcel.due_at).month} 月 {clock.local(parcel.due_at).day} 日"
        assert f'<p class="bad">该到了，还没送到。比答应的晚，原来说{promised}</p>' in page
        assert "预计" not in page
        assert guest().get(f"/api/v1/track/{parcel.code}").json()["late"] is True


def test_the_sorter_reads_where_a_zone_lies_not_its_code(rows: SmallCounty, parcel: Parcel) -> None:
    sorter = signed_in(rows, "sorter", "hub", rows.hub.code)
    page = sorter.post("/hub/scans", data={"form_key": "h", "code": parcel.code}).text
    assert "江浙沪" in page
    assert ">z1" not in page and "z1 " not in page


def test_wrong_hands_are_answered_in_plum_with_the_right_ones_also_when_tapped_twice(rows: SmallCounty, parcel: Parcel) -> None:
    right = next(t for t in rows.trunks if t.id == parcel.trunk_id)
    wrong = next(t for t in rows.trunks if t.id != parcel.trunk_id)
    sorter = signed_in(rows, "sorter", "hub", rows.hub.code)
    sorter.post("/hub/scans", data={"form_key": "h1", "code": parcel.code})
    for _ in range(2):
        page = sorter.post("/hub/scans", data={"form_key": "h2", "code": parcel.code, "trunk": wrong.code}).text
        assert "已交" not in page
        assert f"这件不交这里，该交{right.name}" in page
        assert f'bad">{right.name}</h2>' in page
    assert "已交" in sorter.post("/hub/scans", data={"form_key": "h3", "code": parcel.code, "trunk": right.code}).text
