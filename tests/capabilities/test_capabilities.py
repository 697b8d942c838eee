"""Every capability of data/capabilities.md on a small county that is data alone: its effect is seen from outside, or it is named here as not there."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from core import clock, db, tasks
from core.settings import ROOT, settings
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.subsidies.tasks import award_all
from fulfillment.timetable.service import follow_the_clock
from shop.orders.access import order_token
from shop.orders.models import Order, OrderLine
from supply.lots.models import Lot
from tests.capabilities.world import AFAR, HERE, JUNE, World, load_world
from tests.fulfillment.conftest import DAY, NINE
from tests.shop.claims.claiming import photo

CODES = re.findall(r"^- \*\*([A-Z]\d+) ", (ROOT / "data" / "capabilities.md").read_text(encoding="utf-8"), re.M)
WITHOUT_EFFECT = {
    "N2": "nothing ranks candidate villages",
    "N3": "the line map shows no volumes and no gaps",
    "B7": "stock lies at stations; the hub has no bins",
    "S3": "no round lists and no contract growing",
    "S5": "no group buying",
    "S6": "no fairs",
    "S7": "no gifts, no paid keeping",
    "S8": "no orders from outside markets",
    "S9": "villagers are ordered for; no inputs bought together, no village shops restocked",
    "G1": "one board stands, not the four scenes with targets",
    "G2": "no acceptance checks, no inspections",
    "G3": "no appraisal",
    "G7": "no notice board for loads and vehicles",
    "P1": "no plan targets",
}
"""Capabilities whose codes a profile may name without anything happening yet, and what is missing."""

Check = Callable[[World], None]
CHECKS: dict[str, Check] = {}


def capability(code: str) -> Callable[[Check], Check]:
    def keep(check: Check) -> Check:
        CHECKS[code] = check
        return check

    return keep


def test_every_capability_is_either_shown_or_said_to_be_missing() -> None:
    assert len(CODES) == len(set(CODES)) >= 40
    assert set(CODES) == CHECKS.keys() | WITHOUT_EFFECT.keys()
    assert not CHECKS.keys() & WITHOUT_EFFECT.keys()


@capability("N1")
def three_tiers(w: World) -> None:
    stations = {s["code"]: s for s in w.get("/api/v1/stations")["items"]}
    assert stations.keys() == {"du-dong", "du-gejia", "du-haitou", "du-dao"}
    assert stations["du-dao"]["township"] == "岛乡"
    assert [s["code"] for s in w.get("/api/v1/stations?township=岛乡")["items"]] == ["du-dao"]


@capability("N4")
def a_fourth_tier(w: World) -> None:
    with clock.at(clock.on(DAY, 8 * 60)):
        told = w.quoted("高山西红柿", {**HERE, "detail": "东镇里岙 3 号"})
    assert told["path"][-1]["kind"] == "postman"
    assert told["path"][-1]["to"] == "里岙村组点"


@capability("L1")
def buses_carry_goods_after_their_passengers(w: World) -> None:
    (early, _) = [run for run in w.runs("du-l1") if run["direction"] == "in"]
    assert early["capacity"]["g"] == 75_000, "half of the bay is the passengers'"
    with clock.at(clock.on(DAY, 10 * 60)):
        assert w.road("高山西红柿", AFAR)[0] == "bus"


@capability("L2")
def mail_runs_at_its_time_over_its_points(w: World) -> None:
    (run,) = [run for run in w.runs("du-m1") if run["direction"] == "in"]
    stops = [(stop["node"], datetime.fromisoformat(stop["leaves_at"]).strftime("%H:%M")) for stop in run["stops"]]
    assert stops == [("du-haitou", "16:30"), ("du-gejia", "16:44"), ("du-dong", "16:57"), ("du-hub", "17:10")]
    with clock.at(clock.on(DAY, 15 * 60 + 5)):
        assert w.road("高山西红柿", AFAR)[0] == "mail", "the last bus has gone"


@capability("L3")
def ferries_sail_by_the_weather_and_goods_go_on_by_bus(w: World) -> None:
    with clock.at(clock.on(DAY, 5 * 60)):
        assert w.road("岛乡虾皮", AFAR)[:2] == ["ferry", "bus"]
        form = {
            "form_key": "w1",
            "area": "岛乡海面",
            "wind": "8",
            "visibility_m": "",
            "starts_at": f"{DAY}T06:00",
            "ends_at": f"{DAY}T12:00",
            "note": "",
        }
        answer = w.client("dispatcher").post("/ops/weather", data=form)
        assert answer.status_code == 303, answer.text[:2000]
        assert w.client("dispatcher").get("/ops/weather").status_code == 200
        assert "F1" in w.get("/ops/weather", "dispatcher")


@capability("L4")
def what_must_be_cold_rides_only_what_keeps_cold(w: World) -> None:
    with clock.at(clock.on(DAY, 10 * 60)):
        assert w.road("海头蛏子", AFAR)[0] == "mail", "the bus that leaves earlier keeps nothing cold"
        assert "chilled" not in {tier for run in w.runs("du-l1") for tier in run["capacity"]["tiers"]}


@capability("L5")
def trunks_by_road_rail_and_air(w: World) -> None:
    to = {"road": AFAR, "rail": {**AFAR, "province": "北京市", "city": "北京市"}, "air": {**AFAR, "province": "广东省", "city": "广州市"}}
    told = {mode: w.quoted("高山西红柿", address)["path"] for mode, address in to.items()}
    assert {mode: path[-1]["line"] for mode, path in told.items()} == {"road": "邮政干线", "rail": "高铁快运", "air": "杨梅航班"}
    assert told["rail"][-1]["from"] == "东部共配中心"
    assert datetime.fromisoformat(told["air"][-1]["leaves_at"]).date() == DAY + timedelta(days=1), "it flies on Thursdays"


@capability("L6")
def request_stops_and_loops(w: World) -> None:
    (run,) = w.runs("du-o1")
    assert (run["direction"], run["stops"][0]["node"], run["stops"][-1]["node"]) == ("loop", "du-hub", "du-hub")
    asked = {stop["node"] for run in w.runs("du-l1") for stop in run["stops"] if stop["on_request"]}
    assert asked == {"du-wan"}


@capability("L7")
def from_station_to_station_within_the_hour_only_if_the_timetable_holds_it(w: World) -> None:
    near = {**HERE, "detail": "东镇海头村 3 号"}
    told = {}
    for minute in (9 * 60 + 10, 9 * 60 + 25, 20 * 60):
        with clock.at(clock.on(DAY, minute)):
            told[minute] = w.quoted("高山西红柿", near)
    quick, quicker, night = told.values()
    assert [leg["kind"] for leg in quicker["path"]] == ["courier"], "not over the hub"
    assert (quick["within"], quicker["within"], night["within"]) == ("day", "hour", "later")
    assert datetime.fromisoformat(quicker["deliver_by"]) <= clock.on(DAY, 10 * 60 + 25)


@capability("L8")
def some_departures_take_goods_in_set_hours_only(w: World) -> None:
    room = {datetime.fromisoformat(run["stops"][0]["leaves_at"]).hour: run["capacity"]["g"] for run in w.runs("du-q1")}
    assert room[13] == 0 < room[21]
    with clock.at(clock.on(DAY, 12 * 60)):
        assert all(leg["line"] != "夜1" for leg in w.quoted("海头蛏子", AFAR)["path"])


@capability("L9")
def produce_lines_open_and_close_by_date(w: World) -> None:
    assert w.runs("du-n1") == []
    assert [run["date"] for run in w.runs("du-n1", JUNE)] == [JUNE.isoformat()]


@capability("B1")
def parcels_of_all_stations_are_planned_together(w: World) -> None:
    for product in ("高山西红柿", "东镇年糕", "海头蛏子"):
        w.bought(product, AFAR)
    plan = w.get(f"/api/v1/plans/{w.planned()}", "dispatcher")
    assert (plan["placed"], plan["unplaced"]) == (3, [])
    assert plan["bound_fen"] <= plan["cost_fen"]


@capability("B2")
def a_zone_is_counted_for_its_firm(w: World) -> None:
    parcel = w.bought("高山西红柿", AFAR)
    w.planned()
    w.scan("load", parcel, w.ride(parcel))
    (zone,) = w.get("/api/v1/contract-zones?month=2026-05", "dispatcher")["items"]
    assert (zone["operator"], zone["pieces_out"], zone["fee_fen"]) == ("多县邮政", 1, 60)


@capability("B3")
def boxes_are_counted_on_every_run_and_at_every_node(w: World) -> None:
    assert {run["capacity"]["boxes"] for run in w.runs("du-m1")} == {20}
    desk = w.client("dispatcher")
    assert desk.post("/ops/boxes", data={"form_key": "b1", "node": "du-gejia", "tier": "ambient", "count": "3"}).status_code == 303
    assert "葛家驿站" in desk.get("/ops/boxes").text
    w.bought("高山西红柿", AFAR)
    w.planned()
    assert sum(run["load"]["boxes"] for line in ("du-l1", "du-m1", "du-c1") for run in w.runs(line)) >= 1


@capability("B4")
def one_code_from_the_station_to_the_door(w: World) -> None:
    parcel = w.delivered("高山西红柿", AFAR)
    told = w.get(f"/api/v1/track/{parcel}")
    assert told["status"] == "delivered"
    assert "多县共配中心" in str(told)


@capability("B5")
def a_manifest_is_signed_at_each_end_and_what_differs_is_kept(w: World) -> None:
    parcels = [w.bought("高山西红柿", AFAR) for _ in range(2)]
    w.planned()
    run = w.ride(parcels[0])
    desk = w.client("dispatcher")
    assert desk.post(f"/ops/departures/{run}/manifests").status_code == 303
    (sheet,) = w.get(f"/api/v1/departures/{run}/manifests", "dispatcher")["items"]
    (told,) = [r for name in ("du-l1", "du-m1", "du-c1") for r in w.runs(name) if r["id"] == run]
    path = f"/api/v1/manifests/{sheet['code']}/signatures"
    ends = (("master", "station", sheet["node"], []), ("driver", "line", told["line"], parcels[:1]))
    for role, kind, scope, missing in ends:
        answer = w.client(role, kind, scope).post(path, json={"missing": missing, "reason": "没见到" if missing else ""})
        assert answer.status_code == 201, answer.text
    assert w.client("driver", "line", "du-n1").post(path, json={}).status_code == 404, "not their line"
    with clock.at(datetime.fromisoformat(told["stops"][-1]["arrives_at"])):
        with db.writing() as session:
            follow_the_clock(session, w.id)
        answer = w.client("sorter").post(path, json={"side": "received", "missing": parcels[:1], "reason": "没卸下来"})
        assert answer.status_code == 201, answer.text
    (sheet,) = w.get(f"/api/v1/departures/{run}/manifests", "dispatcher")["items"]
    told = [(s["side"], s["parcels"], s["missing"]) for s in sheet["signatures"]]
    assert told == [("given", 2, []), ("taken", 1, parcels[:1]), ("received", 1, parcels[:1])]
    assert parcels[0] in w.get("/ops", "dispatcher"), "the dispatcher sees what was missing"


@capability("B6")
def a_promise_is_measured_by_its_lane(w: World) -> None:
    w.bought("高山西红柿", AFAR)
    with clock.at(NINE + timedelta(days=5)):
        board = w.get("/api/v1/promises?by=station", "dispatcher")
    assert [(row["code"], row["due"], row["late"]) for row in board["items"]] == [("du-gejia", 1, 1)]


@capability("S1")
def every_station_has_its_shopfront(w: World) -> None:
    assert "葛家的站" in w.get("/s/du-gejia")


@capability("S2")
def villages_with_their_one_product(w: World) -> None:
    page = w.get("/villages")
    assert "西红柿" in page and "蛏子" in page


@capability("S4")
def an_order_link_with_price_and_quota(w: World) -> None:
    body = {"variants": [{"sku": w.skus["高山西红柿"], "price_fen": 3000}], "quota": 9, "commission_bp": 300}
    body |= {"starts_at": NINE.isoformat(), "ends_at": (NINE + timedelta(hours=2)).isoformat()}
    answer = w.client("seller", "own").post("/api/v1/links", json=body)
    assert answer.status_code == 201, answer.text
    assert "高山西红柿" in w.get(f"/l/{answer.json()['code']}")


@capability("S10")
def a_lot_is_traced(w: World) -> None:
    with db.reading() as session:
        lot = session.exec(select(Lot.code)).first()
    assert w.get(f"/api/v1/lots/{lot}")


@capability("I1")
def a_master_earns_for_every_packed_parcel(w: World) -> None:
    w.bought("高山西红柿", AFAR)
    told = w.get("/api/v1/stations/du-gejia/income", "master", "station", "du-gejia")
    assert {row["source"] for row in told["sums"]} >= {"handling", "sale"}


@capability("I2")
def a_grower_earns_by_what_was_sold(w: World) -> None:
    w.bought("高山西红柿", AFAR)
    with db.reading() as session:
        grower = session.exec(select(IncomeEntry.party_code).where(IncomeEntry.party_kind == "grower")).first()
    assert grower
    assert "高山西红柿" in w.get("/account/income", "grower", "own", grower)


@capability("I3")
def subsidies_are_reckoned_explained_and_exported(w: World) -> None:
    parcel = w.delivered("高山西红柿", AFAR)
    with clock.at(clock.midnight(DAY.replace(month=6, day=1))):
        with db.writing() as session:
            follow_the_clock(session, w.id)
            mature(session, tenant_id=w.id)
        award_all(w.id, DAY.replace(day=1))
        (piece,) = w.get("/api/v1/subsidies/du-out/awards", "finance")["items"]
        assert (piece["cause"], piece["amount_fen"], piece["words"]) == (parcel, 20, "出村件补贴：寄出一件，补 0.20 元"), (
            "of its second year"
        )
        monthly, once = (w.get(f"/api/v1/subsidies/{code}/awards", "finance")["items"] for code in ("du-clean", "du-year"))
        assert monthly and {(a["period"], a["amount_fen"]) for a in monthly} == {("2026-05", 200_000)}
        assert once and {(a["period"], a["amount_fen"]) for a in once} == {("", 1_000_000)}
        told = w.get("/api/v1/subsidies/report?quarter=2026Q2", "finance")
        assert told["amount_fen"] == sum(a["amount_fen"] for a in (piece, *monthly, *once))
        sheet = w.get("/county/subsidies/report.csv?quarter=2026Q2", "finance")
        assert "出村件补贴" in sheet and "0.20" in sheet
        income = w.get("/api/v1/stations/du-gejia/income", "master", "station", "du-gejia")
    assert "subsidy" in {row["source"] for row in income["sums"]}


@capability("I5")
def village_services_are_counted_and_paid(w: World) -> None:
    master = w.client("master", "station", "du-gejia")
    road = "/api/v1/stations/du-gejia/services/done"
    for body in ({"service": "express-out", "quantity": 2, "in_cash": True}, {"service": "express-in", "quantity": 3}):
        assert master.post(road, json=body).status_code == 201
    counted = {c["code"]: (c["quantity"], c["cash_fen"], c["county_fen"]) for c in w.get(road, "finance")["counts"]}
    assert counted == {"express-out": (2, 200, 0), "express-in": (3, 0, 60)}
    told = w.get("/api/v1/stations/du-gejia/income", "master", "station", "du-gejia")
    assert [(s["entries"], s["amount_fen"]) for s in told["sums"] if s["source"] == "service"] == [(2, 260)]


@capability("I4")
def a_bus_company_is_paid_for_what_it_carried(w: World) -> None:
    parcel = w.bought("高山西红柿", AFAR)
    w.planned()
    for minute, (action, place) in enumerate((("load", w.ride(parcel)), ("receive", "du-hub"))):
        with clock.at(NINE + timedelta(minutes=minute)):
            w.scan(action, parcel, place)
    with clock.at(NINE + timedelta(days=31)):
        closed = w.client("finance").post("/api/v1/partners/多县公交/months/2026-05/closing").json()
        assert (closed["total_fen"], closed["pieces"]) == (70, 1)
        (cost,) = closed["costs"]
        assert (cost["pieces"], cost["before_fen"], cost["piece_fen"]) == (1, 250, 70)
        own = w.get("/api/v1/partners/多县公交/months/2026-05", "partner", "partner", "多县公交")
        assert own["total_fen"] == 70


@capability("G5")
def what_came_spoiled_is_made_good_by_the_countys_rule_and_in_its_time(w: World) -> None:
    parcel = w.delivered("高山西红柿", AFAR)
    with db.reading() as session:
        number = session.exec(select(Consignment.source_code).join(Parcel).where(Parcel.code == parcel)).one()
        line, paid = session.exec(select(OrderLine.code, OrderLine.goods_fen).join(Order).where(Order.number == number)).one()
    buyer, token = w.client(), {"X-Order-Token": order_token(number)}
    rule = w.get(f"/api/v1/products/{w.get('/api/v1/products?q=高山西红柿')['items'][0]['id']}")["claim_rule"]
    road = f"/api/v1/orders/{number}"
    with clock.at(NINE + timedelta(hours=rule["window_h"] - 1)):
        photos = [
            buyer.post(f"{road}/photos", content=photo(60 * n), headers={**token, "content-type": "image/jpeg"}).json()["photo"]
            for n in range(rule["photos"])
        ]
        said = {"line": line, "reason": "spoiled", "damaged_pct": rule["tiers"][-1]["damaged_pct"]}
        bare = buyer.post(f"{road}/claims", json=said, headers=token)
        assert bare.status_code == 422, "without its photos nothing is claimed"
        made = buyer.post(f"{road}/claims", json={**said, "photos": photos}, headers=token).json()
        assert made["award_fen"] == paid * rule["tiers"][-1]["refund_pct"] // 100
        decided = w.client("finance").post(f"/api/v1/claims/{made['id']}/decision", json={"decision": "approve"})
        assert decided.json()["status"] == "approved"
        tasks.drain()
    order = buyer.get(road, headers=token).json()
    assert order["refunded_fen"] == made["award_fen"]
    with clock.at(NINE + timedelta(hours=rule["window_h"] + 1)):
        late = buyer.post(f"{road}/claims", json={**said, "photos": photos}, headers=token)
        assert (late.status_code, late.json()["code"]) == (409, "not_claimable")


@capability("G4")
def the_timetable_is_open_data(w: World) -> None:
    assert len(w.runs("du-c1")) == 20
    assert "/api/v1/departures" in w.get("/openapi.json")


@capability("G6")
def passengers_find_their_way_in_the_same_timetable(w: World) -> None:
    with clock.at(clock.on(DAY, 6 * 60 + 30)):
        ways = w.get("/api/v1/travel/journeys?from=du-haitou&to=du-hub")["items"]
    assert ways and ways[0]["legs"][0]["line"]["number"] == "1"


@pytest.mark.parametrize("code", sorted(CHECKS))
def test_a_county_that_names_a_capability_has_it(code: str, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)  # the sandbox cashier is open
    with clock.at(clock.midnight(DAY)), db.writing() as session:
        world = load_world(session)
    with clock.at(NINE):
        CHECKS[code](world)
