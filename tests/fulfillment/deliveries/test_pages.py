"""Who has a parcel for its receiver hands it over with one tap, and nobody else's."""

import re
from datetime import datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from core import clock, db
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.deliveries import queries
from fulfillment.pickup.queries import ready_of
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY, NINE
from tests.fulfillment.shipping import TO, bus, event, packed, person, scan, ship, sold
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def on_trunk(county: SmallCounty, trunk: int, parcels: int = 1) -> list[str]:
    """Parcels planned for a trunk and handed to it the way sorters do it."""
    with db.writing() as session:
        made = [packed(session, county) for _ in range(parcels)]
        code = county.trunks[trunk].code
        for parcel in made:
            parcel.trunk_id = county.trunks[trunk].id
        scan(session, county, *[event("receive", p, county.hub.code) for p in made], *[event("dispatch", p, code) for p in made])
        return [p.code for p in made]


def status(code: str) -> str:
    with db.reading() as session:
        return session.exec(select(Parcel.status).where(Parcel.code == code)).one()


def tap(client: TestClient, path: str, action: str, code: str) -> str:
    """Press the button beside a parcel."""
    form = next(f for f in re.findall(r"<form.*?</form>", client.get(path).text, re.S) if f'name="code" value="{code}"' in f)
    assert f'action="{action}"' in form
    return client.post(action, data=dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))).text


def test_a_carrier_delivers_what_is_on_its_own_trunks_with_one_tap(rows: SmallCounty) -> None:
    (mine,), (foreign,) = on_trunk(rows, 0), on_trunk(rows, 1)
    firm = signed_in(rows, "partner", "partner", rows.trunks[0].carrier)
    page = firm.get("/partner").text
    assert mine in page and foreign not in page
    assert TO.name not in page and TO.phone not in page and "漕溪北路" not in page
    page = tap(firm, "/partner", "/partner/deliveries", mine)
    assert "送到了" in page and f'class="code scanned">{mine}<' in page
    assert (status(mine), status(foreign)) == ("delivered", "on_trunk")
    assert mine not in firm.get("/partner").text
    said = firm.post("/partner/deliveries", data={"form_key": "x", "code": foreign}).text
    assert "note--bad" in said
    assert status(foreign) == "on_trunk"


def test_what_a_carrier_was_not_given_is_kept_but_not_believed(rows: SmallCounty) -> None:
    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 1), to=TO._replace(zone="z0"))
        (parcel,) = pack(session, made, by="UMASTER")
        code = parcel.code
    firm = signed_in(rows, "partner", "partner", rows.trunks[0].carrier)
    said = firm.post("/partner/deliveries", data={"form_key": "x", "code": code}).text
    assert "note--bad" in said
    assert "先不算送到" in said
    assert status(code) == "packed"
    assert "note--bad" in firm.post("/partner/deliveries", data={"form_key": "y", "code": "你好"}).text


def test_a_dispatcher_may_deliver_on_every_trunk(rows: SmallCounty) -> None:
    (one,), (other,) = on_trunk(rows, 0), on_trunk(rows, 1)
    desk = signed_in(rows, "dispatcher")
    assert 'href="/partner"' in desk.get("/hub").text
    assert 'href="/partner"' not in signed_in(rows, "sorter", "hub", rows.hub.code).get("/hub").text
    for code in (one, other):
        tap(desk, "/partner", "/partner/deliveries", code)
    assert [status(one), status(other)] == ["delivered", "delivered"]


def test_a_bus_firm_sees_its_own_runs_with_goods(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
        plan_day(session, rows.county, DAY)
    page = signed_in(rows, "partner", "partner", rows.lines[0].operator).get("/partner").text
    assert "今天带货的班次" in page
    assert "往小县共配中心" in page
    assert 'name="code"' not in page, "it has no trunk"
    assert "今天自家的班次没有排上货" in signed_in(rows, "partner", "partner", "别家公交").get("/partner").text


def test_a_station_hands_out_what_is_bound_for_it(rows: SmallCounty) -> None:
    there = rows.stations[1]
    with db.writing() as session:
        (made,) = ship(session, rows, sold(session, rows, "tomato", 1), to=TO._replace(zone="z0", to_node_id=there.node_id))
        (parcel,) = pack(session, made, by="UMASTER")
        code = parcel.code
        assert parcel.status == "packed"
        carried = [
            event("load", code, bus(session, rows, direction="out", start=600).code, at=NINE + timedelta(hours=2)),
            event("unload", code, there.code, at=NINE + timedelta(hours=3)),
        ]
    assert code not in signed_in(rows, "master", "station", there.code).get("/station/arrivals").text
    with clock.at(NINE + timedelta(hours=4)):
        with db.writing() as session:
            scan(session, rows, *carried)
        assert code not in signed_in(rows, "master", "station", rows.stations[0].code).get("/station/arrivals").text
        with db.reading() as session:
            told = ready_of(session, [code])[code].code
        keeper = signed_in(rows, "master", "station", there.code)
        assert code in keeper.get("/station/arrivals").text
        keeper.post("/station/arrivals", data={"form_key": "k", "code": told})
    assert status(code) == "delivered"


def test_a_long_list_goes_on_and_costs_the_same_statements(rows: SmallCounty) -> None:
    def cost() -> int:
        with db.reading() as session:
            lanes = queries.lanes_of(session, person(rows, "dispatcher"))
            return statements_of(lambda: queries.on_trunks(session, rows.id, [lane.trunk.code for lane in lanes]))

    on_trunk(rows, 0)
    few = cost()
    with db.writing() as session:
        made = [packed(session, rows, name) for name in ("tea", "bamboo") for _ in range(30)]
        code = rows.trunks[0].code
        scan(session, rows, *[event("receive", p, rows.hub.code) for p in made], *[event("dispatch", p, code) for p in made])
    assert cost() == few
    firm = signed_in(rows, "partner", "partner", rows.trunks[0].carrier)
    page = firm.get("/partner").text
    assert "还要送到 61 件" in page
    following = re.search(r'href="(/partner\?cursor=[^"]+)"', page)
    assert following
    rest = firm.get(following[1]).text
    shown = [set(re.findall(r"/track/(JP\w+)", each)) for each in (page, rest)]
    assert (len(shown[0]), len(shown[1]), shown[0] & shown[1]) == (50, 11, set())
    assert firm.get("/partner?cursor=x").status_code == 422
