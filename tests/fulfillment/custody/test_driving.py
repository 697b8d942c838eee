"""The driver's page: what is expected at a stop, one tap for what is not there, and Enter does what the stop is for."""

import re
from datetime import datetime

import pytest
from sqlmodel import col, select

from core import db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.custody.stops import boxes_of
from fulfillment.disruptions.models import Disruption
from fulfillment.timetable.board import find_run
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import bus, packed
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of

STARTS = re.compile(r'name="action" value="(\w+)"')


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


class Ride:
    """A driver on the run that takes planned parcels of the first village to the hub."""

    def __init__(self, county: SmallCounty, parcels: int) -> None:
        with db.writing() as session:
            made = [packed(session, county) for _ in range(parcels)]
            plan_day(session, county.county, DAY)
            legs = session.exec(select(PlannedLeg).where(col(PlannedLeg.parcel_id).in_([p.id for p in made]))).all()
            (departure,) = {leg.departure_id for leg in legs}
            self.run = session.get_one(Departure, departure).code
            self.board, self.alight = legs[0].board, legs[0].alight
            self.codes = [p.code for p in made]
        self.client, self.turn = signed_in(county, "driver", "line", county.lines[0].code), 0

    def at(self, stop: int) -> str:
        return self.client.get(f"/driver/runs/{self.run}?stop={stop}").text

    def scan(self, action: str, stop: int, code: str) -> str:
        self.turn += 1
        form = {"form_key": f"k{self.turn}", "stop": str(stop), "action": action, "code": code}
        return self.client.post(f"/driver/runs/{self.run}/scans", data=form).text


def counts(page: str) -> dict[str, int]:
    """What the two large buttons say."""
    return {deed: int(n) for deed, n in re.findall(r'value="(load|unload)"><span>\S+</span><b>(\d+)</b>', page)}


def test_what_is_expected_at_a_stop_is_listed_and_falls_as_it_is_scanned(rows: SmallCounty) -> None:
    ride = Ride(rows, 3)
    page = ride.at(ride.board)
    assert counts(page)["load"] == 3
    assert all(code in page for code in ride.codes)
    page = ride.scan("load", ride.board, ride.codes[0])
    assert counts(page)["load"] == 2
    assert f'class="code scanned">{ride.codes[0]}<' in page
    assert "车上 1 件" in page
    ride.scan("load", ride.board, ride.codes[1])
    assert counts(ride.at(ride.alight)) == {"unload": 3}, "one is still expected aboard"
    page = ride.scan("unload", ride.alight, ride.codes[0])
    assert counts(page) == {"unload": 2}
    assert ride.codes[0] not in page.split("dr-due")[1]


def test_enter_sets_down_where_nothing_is_taken_on(rows: SmallCounty) -> None:
    ride = Ride(rows, 1)
    assert STARTS.search(ride.at(ride.board))[1] == "load"  # type: ignore[index]
    assert STARTS.search(ride.at(ride.alight))[1] == "unload"  # type: ignore[index]
    assert 'value="load"' not in ride.at(ride.alight), "nothing boards at the last stop"


def test_loading_what_is_aboard_does_not_look_like_success(rows: SmallCounty) -> None:
    ride = Ride(rows, 1)
    assert "note--go" in ride.scan("load", ride.board, ride.codes[0])
    page = ride.scan("load", ride.board, ride.codes[0])
    assert "这件早就在车上了" in page
    assert "note--go" not in page


def test_a_box_that_is_not_there_is_said_so_with_one_tap(rows: SmallCounty) -> None:
    ride = Ride(rows, 2)
    gone, other = ride.codes
    tap = re.search(rf'name="code" value="{gone}"><button[^>]+value="(\w+)">没在', ride.at(ride.board))
    assert tap and tap[1] == "lose"
    page = ride.scan("lose", ride.board, gone)
    assert "没见到，已告诉调度" in page
    assert (counts(page)["load"], "已报没见到" in page) == (1, True)
    ride.scan("load", ride.board, other)
    assert "没见到" in ride.scan("lose", ride.alight, other)
    with db.reading() as session:
        standing = dict(session.exec(select(Parcel.code, Parcel.status)).all())
        open_ones = select(Disruption.subject_code, Disruption.kind).where(col(Disruption.closed_at).is_(None))
        assert set(session.exec(open_ones)) == {(gone, "missing"), (other, "missing")}
    assert standing == {gone: "packed", other: "lost"}, "what lies at the station is not the driver's to lose"


def test_a_run_that_is_not_the_parcels_is_answered_in_plum(rows: SmallCounty) -> None:
    ride = Ride(rows, 1)
    with db.reading() as session:
        other = bus(session, rows, start=1080).code
    assert other != ride.run
    form = {"form_key": "x", "stop": "1", "action": "load", "code": ride.codes[0]}
    page = ride.client.post(f"/driver/runs/{other}/scans", data=form).text
    assert "note--bad" in page
    assert "这件不交这里，该交1 路班车" in page


def test_what_a_run_carries_is_read_in_the_same_statements_however_many_boxes(rows: SmallCounty) -> None:
    def cost(ride: Ride) -> int:
        with db.reading() as session:
            run = find_run(session, rows.id, ride.run)
            assert run is not None
            return statements_of(lambda: boxes_of(session, run))

    few = cost(Ride(rows, 1))
    assert cost(Ride(rows, 12)) == few == 3
