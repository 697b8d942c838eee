"""The board of the front page lists what its heading says: ferries among islands, buses elsewhere."""

import re
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from core import clock, db
from fulfillment.network.models import Line
from fulfillment.promise.service import Promise
from shop.home.queries import boarding, boards_at
from supply.counties.models import County
from supply.counties.policy import to_policy
from supply.counties.profile_kinds import LineKind
from supply.counties.profile_rules import Words
from tests.county import SmallCounty, _policy


def county(carrier: str | None) -> County:
    words = Words(None, None, carrier) if carrier else None
    return County(id=910, code="x", name="小县", region="", brand="", policy=to_policy(_policy()._replace(words=words)))


def promise(*kinds: str) -> Promise:
    """One ride an hour, of these kinds."""
    first = clock.now().replace(microsecond=0)
    path: list[dict[str, object]] = [
        {"kind": kind, "departure": f"D{n}", "leaves_at": (first + timedelta(hours=n)).isoformat()} for n, kind in enumerate(kinds)
    ]
    return Promise(first, first, first, path)


@pytest.mark.parametrize(
    ("carrier", "kinds", "departure"),
    [
        ("ferry", ("postman", "ferry", "postman", "trunk"), "D1"),
        ("ferry", ("postman", "trunk"), None),
        ("ferry", ("bus", "ferry", "trunk"), "D1"),
        ("bus", ("bus", "trunk"), "D0"),
        ("bus", ("courier", "coach", "trunk"), "D1"),
        (None, ("mail", "trunk"), None),
        (None, ("trunk",), None),
    ],
)
def test_the_ride_shown_is_the_first_on_what_the_county_boards(carrier: str | None, kinds: tuple[str, ...], departure: str | None) -> None:
    told = promise(*kinds)
    ride = boarding(told, county(carrier))
    assert (ride["departure"] if ride else None) == departure
    assert boards_at(told, county(carrier)) == (datetime.fromisoformat(ride["leaves_at"]) if ride else None)


def run_as(county_rows: SmallCounty, first: LineKind, second: LineKind, carrier: str) -> None:
    """The county's two lines as these kinds of carriage, and what its pages speak of."""
    with db.writing() as session:
        for line, kind in zip(county_rows.lines, (first, second), strict=True):
            session.exec(select(Line).where(col(Line.id) == line.id)).one().kind = kind
        kept = session.get_one(County, county_rows.id)
        kept.policy = {**kept.policy, "words": {"motto": None, "searches": None, "carrier": carrier}}


def board(client: TestClient) -> str:
    return client.get("/").text.split('id="buses"')[1].split("</section>")[0]


def test_islands_list_ferries_alone(county_rows: SmallCounty, client: TestClient) -> None:
    run_as(county_rows, LineKind.FERRY, LineKind.POSTMAN, "ferry")
    shown = board(client)
    assert "赶下一班船" in shown
    assert " → 县城" in shown
    assert "高山西红柿" in shown  # of 葛家, on the first line
    assert "毛竹砧板" not in shown  # of 山前, on the second


def test_a_postman_is_no_bus(county_rows: SmallCounty, client: TestClient) -> None:
    run_as(county_rows, LineKind.POSTMAN, LineKind.BUS, "bus")
    shown = board(client)
    assert "山前 → 县城" in shown
    assert "毛竹砧板" in shown
    assert "高山西红柿" not in shown


def test_where_only_postmen_run_the_board_says_so_and_nothing_boards(county_rows: SmallCounty, client: TestClient) -> None:
    run_as(county_rows, LineKind.POSTMAN, LineKind.POSTMAN, "ferry")
    page = client.get("/").text
    assert "这会儿没有能带货的船班" in board(client)
    assert "上船" not in page.split('id="h1"')[1].split("</h1>")[0]


def test_a_bus_is_not_listed_once_its_goods_can_no_longer_be_ordered(county_rows: SmallCounty, client: TestClient) -> None:
    def first_listed(at: datetime) -> datetime:
        with clock.at(at):
            hour, minute = re.findall(r"(\d\d):(\d\d) 前下单", board(client))[0]
        return clock.on(clock.business_date(at), int(hour) * 60 + int(minute))

    last = first_listed(clock.on(clock.today(), 10 * 60))
    assert first_listed(last - timedelta(seconds=3)) == last
    assert first_listed(last + timedelta(seconds=3)) > last
