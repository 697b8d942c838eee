"""Ways are found in kept runs: fast while nothing changed, and never behind what anybody struck out, in whatever process."""

import os
import subprocess
import sys
from datetime import datetime

import pytest

from core import db
from core.settings import ROOT, settings
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable import kept
from fulfillment.timetable.kept import DAYS_KEPT, stops_of, ways_of
from fulfillment.timetable.service import cancel_departure
from supply.stations.models import Node
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.web import county_with_roads, guest
from tests.statements import statements_of

ASKED = "/api/v1/travel/journeys?from=葛家&to=县城"
ELSEWHERE = """
import sys
from core import db
from fulfillment.timetable.service import cancel_departure
with db.writing() as session:
    cancel_departure(session, int(sys.argv[1]), sys.argv[2], reason="大雾封路", by="U1")
"""


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def first_way() -> str:
    """The departure that the first way begins with."""
    return str(guest().get(ASKED).json()["items"][0]["legs"][0]["departure"])


def test_what_another_process_strikes_out_or_delays_shows_on_the_very_next_search(rows: SmallCounty) -> None:
    taken = first_way()
    here = {**os.environ, "JISHI_HOME": str(settings.home), "JISHI_DATABASE_URL": settings.database_url or "", "PYTHONPATH": str(ROOT)}
    environment = {name: value for name, value in here.items() if value}
    subprocess.run([sys.executable, "-c", ELSEWHERE, str(rows.id), taken], check=True, env=environment, cwd=ROOT)
    assert first_way() != taken


def test_a_search_in_kept_runs_asks_for_the_roads_number_alone(rows: SmallCounty) -> None:
    def asked() -> int:
        with db.reading() as session:
            return statements_of(lambda: (stops_of(session, rows.id), ways_of(session, rows.id, DAY)))

    assert asked() == 4, "the number, the stops, the runs and their calls"
    assert [asked() for _ in range(3)] == [1] * 3
    with db.writing() as session:
        board_changed(session, rows.id)
    assert [asked() for _ in range(2)] == [4, 1]


def test_what_a_session_changed_and_took_back_was_never_there_for_others(rows: SmallCounty) -> None:
    taken = first_way()
    with db.writing() as session:
        cancel_departure(session, rows.id, taken, reason="试", by="U1")
        rides = ways_of(session, rows.id, DAY).rides
        assert next(r for r in rides if r.code == taken).is_cancelled
        session.rollback()
    assert first_way() == taken
    with db.reading() as session:
        assert not next(r for r in ways_of(session, rows.id, DAY).rides if r.code == taken).is_cancelled


def test_only_the_days_asked_last_are_kept(rows: SmallCounty) -> None:
    with db.reading() as session:
        for n in range(3):
            ways_of(session, rows.id, DAY.fromordinal(DAY.toordinal() + n))
        (own,) = (each for (url, tenant), each in kept._kept.items() if url == settings.url and tenant == rows.id)
    assert len(own.ways) == DAYS_KEPT
    assert DAY not in own.ways


def test_a_county_whose_days_were_never_opened_keeps_nothing(database: str, session, county: SmallCounty) -> None:
    assert stops_of(session, county.id)
    assert (settings.url, county.id) not in kept._kept


def test_a_stop_that_comes_with_a_timetable_is_found_at_once(rows: SmallCounty) -> None:
    assert guest().get("/api/v1/travel/stops?q=新村").json()["items"] == []
    with db.writing() as session:
        session.add(Node(tenant_id=rows.id, code="sm-new", name="新村", kind="hamlet"))
        board_changed(session, rows.id)  # as every import of a timetable says
    assert [i["code"] for i in guest().get("/api/v1/travel/stops?q=新村").json()["items"]] == ["sm-new"]
