"""What the interface really answers is what /openapi.json says: the main road, the staff's calls, and refusals of every kind.

Every client here is watched (tests.documented): a field too many, a status or a code that is not described fails the test, and so does
a call that no road below goes through.
"""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlmodel import select

from core import clock, db, tasks
from core.auth import service as people
from core.auth.models import SignIn
from core.auth.passwords import hash_password
from core.settings import settings
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, LotBinding, Parcel
from fulfillment.consignments.service import pack
from fulfillment.disruptions.service import open_disruption
from fulfillment.income.models import IncomeEntry
from fulfillment.manifests.service import issue
from fulfillment.network.models import StopTime, Trip
from fulfillment.promise.stamp import board_changed
from fulfillment.services.models import ServiceDone
from fulfillment.settlement.service import run_named
from fulfillment.subsidies import service as subsidies
from fulfillment.timetable.models import Departure
from shop.app import create_app
from shop.payments.sandbox import SIGNATURE, notice, sign
from shop.search import service as search
from shop.sharing.service import settle_shares
from supply.counties.models import County
from supply.lots.models import Lot
from supply.stations.models import VillageService
from tests.county import SmallCounty
from tests.documented import description, watched
from tests.fulfillment.contracts.zones import contract
from tests.fulfillment.manifests.test_naming import planned
from tests.fulfillment.partners.carrying import BUS, carry
from tests.fulfillment.settlement.owing import earn
from tests.fulfillment.shipping import event, scan
from tests.fulfillment.subsidies.programmes import programme
from tests.shop.claims.claiming import photo
from tests.shop.orders.test_api import ADDRESS, CONTACT
from tests.shop.visitor import visitor

PASSWORD = "a long enough sentence"
HASHED = hash_password(PASSWORD)
PHONES = iter(range(13800000000, 13899999999))
Staff = dict[str, TestClient]


@pytest.fixture
def county(county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> SmallCounty:
    monkeypatch.setattr(settings, "demo", True)
    search.rebuild()
    return county_rows


@pytest.fixture
def staff(county: SmallCounty) -> Staff:
    """A program for each role, by its Bearer."""
    app, own = create_app(), {"master": ("station", county.stations[0].code), "seller": ("own", "")}
    clients = {}
    with db.writing() as session:
        for name in ("dispatcher", "master", "seller", "consumer", "finance", "second"):
            role = "finance" if name == "second" else name
            user = people.add_user(session, str(next(PHONES)), f"某{name}")
            kind, code = own.get(role, ("county", ""))
            people.grant(session, user, role, tenant_id=county.id, scope_kind=kind, scope_code=code)
            started, token = people.start_session(session, tenant_id=county.id, user=user, bearer=True)
            session.get_one(SignIn, started.id).second_factor_at = clock.now()
            clients[name] = watched(TestClient(app, headers={"authorization": f"Bearer {token}"}, follow_redirects=False))
    return clients


def got(answer, status: int = 200):
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


def refused(answer, status: int, code: str):
    told = got(answer, status)
    assert (told["code"], told["status"], told["type"]) == (code, status, f"urn:jishi:{code}")
    return told


def ordered(client: TestClient, county: SmallCounty, *wanted: tuple[str, int], phone: str | None = None, **more):
    asked = {"items": [{"sku": county.variants[name].sku, "qty": qty} for name, qty in wanted], "address": ADDRESS, **more}
    quote = got(client.post("/api/v1/quotes", json=asked))
    return client.post(
        "/api/v1/orders",
        json={**asked, "contact": {"name": "王", "phone": phone or str(next(PHONES))}, "expected_total_fen": quote["total_fen"]},
    )


def paid(client: TestClient, order: dict) -> str:
    token = {"X-Order-Token": order["token"]}
    started = got(client.post(f"/api/v1/orders/{order['number']}/payments", json={"provider": "sandbox"}, headers=token), 201)
    got(client.post(f"/api/v1/payments/{started['payment_id']}/sandbox", json={"outcome": "paid"}), 202)
    tasks.drain()
    return started["payment_id"]


def browse(client: TestClient, county: SmallCounty) -> None:
    page = got(client.get("/api/v1/products", params={"limit": 2}))
    got(client.get("/api/v1/products", params={"cursor": page["next"], "q": "茶", "in_season": "false"}))
    got(client.get("/en/api/v1/products?q=*"))
    refused(client.get("/api/v1/products?limit=0"), 422, "invalid")
    refused(client.get("/api/v1/products?cursor=x"), 422, "invalid")
    refused(client.get("/api/v1/products?sort=%00"), 400, "bad_path")
    for product in county.products:
        got(client.get(f"/api/v1/products/{product.code}"))
    refused(client.get("/api/v1/products/P0"), 404, "product_unknown")
    assert len(got(client.get("/api/v1/search/suggest?q=gao"))["items"]) == 1
    got(client.get("/api/v1/stations?limit=1"))
    got(client.get(f"/api/v1/stations/{county.stations[0].code}"))
    refused(client.get("/api/v1/stations/0"), 404, "station_unknown")
    assert got(client.get("/api/v1/departures"))["items"]
    refused(client.get("/api/v1/departures?date=2026-02-30"), 422, "invalid")
    with db.reading() as session:
        lot = session.exec(select(Lot.code)).first()
    for accept in ("application/json", "application/ld+json"):
        got(client.get(f"/api/v1/lots/{lot}", headers={"accept": accept}))
        refused(client.get("/api/v1/lots/L0", headers={"accept": accept}), 404, "lot_unknown")


def the_main_road(county: SmallCounty, staff: Staff):
    client, address = visitor(program=True), {**ADDRESS, "province": "火星"}
    browse(client, county)
    order = got(ordered(client, county, ("tomato", 2), ("clam", 1)), 201)
    token, where = {"X-Order-Token": order["token"]}, f"/api/v1/orders/{order['number']}"
    got(client.get(where, headers=token))
    payment = paid(client, order)
    refused(client.post(f"/api/v1/payments/{payment}/sandbox", json={"outcome": "failed"}), 409, "charge_decided")
    refused(client.post(f"{where}/payments", json={"provider": "sandbox"}, headers=token), 409, "not_payable")
    shown = got(client.get(where, headers=token))
    assert shown["parcels"] and shown["payments"] and shown["events"]
    with db.writing() as session:
        for consignment in session.exec(select(Consignment).where(Consignment.source_code == order["number"])).all():
            pack(session, consignment, by="U1")
    for parcel in shown["parcels"]:
        assert got(client.get(f"/api/v1/track/{parcel['code'].lower()}"))["status"] == "packed"
    refused(client.get("/api/v1/track/JP0"), 404, "parcel_unknown")
    refused(client.post(f"{where}/cancellation", headers=token), 409, "already_packed")
    with db.reading() as session:
        bound = session.exec(select(Lot.code).join(LotBinding, LotBinding.lot_id == Lot.id)).first()
    got(client.get(f"/api/v1/lots/{bound}", headers={"accept": "application/ld+json"}))
    other = got(ordered(client, county, ("tea", 1)), 201)
    paid(client, other)
    where, token = f"/api/v1/orders/{other['number']}", {"X-Order-Token": other["token"]}
    for _ in range(2):
        assert got(client.post(f"{where}/cancellation", json={"reason": "不要了"}, headers=token))["refunds"]
    refused(visitor(program=True).get(where), 404, "order_unknown")
    items = [{"sku": county.variants["tea"].sku, "qty": 1}]
    refused(client.post("/api/v1/quotes", json={"items": items, "address": address}), 409, "no_road")
    refused(client.post("/api/v1/quotes", json={"items": [{**items[0], "qty": 900}], "address": ADDRESS}), 409, "sold_out")
    changed = {"items": items, "address": ADDRESS, "contact": CONTACT, "expected_total_fen": 1}
    assert refused(client.post("/api/v1/orders", json=changed), 409, "total_changed")["total_fen"] > 1
    assert len(refused(client.post("/api/v1/orders", json={**changed, "contact": {}}), 422, "invalid")["errors"]) == 2
    assert refused(client.post("/en/api/v1/orders", json=changed), 409, "total_changed")


def what_any_call_may_refuse(county: SmallCounty, staff: Staff):
    client = visitor(program=True)
    refused(client.post("/api/v1/quotes", content=b"x" * 1_100_000, headers={"content-type": "application/json"}), 413, "too_large")
    refused(client.post("/api/v1/quotes", content=b'{"a": "\xff"}', headers={"content-type": "application/json"}), 400, "bad_request")
    refused(client.post("/api/v1/quotes", content=b"{", headers={"content-type": "application/json"}), 422, "invalid")
    refused(client.get("/api/v1/plans/B0"), 401, "sign_in_needed")
    refused(staff["consumer"].get("/api/v1/plans/B0"), 403, "forbidden")
    for _ in range(6):
        got(ordered(client, county, ("tea", 1), phone="13912345678"), 201)
    assert refused(ordered(client, county, ("tea", 1), phone="13912345678"), 429, "too_many")["retry_after_s"] > 0
    first = {"Idempotency-Key": "k"}
    body = {"date": clock.today().isoformat()}
    got(staff["dispatcher"].post("/api/v1/plans", json=body, headers=first), 202)
    refused(staff["dispatcher"].post("/api/v1/plans", json={**body, "wave": "1700"}, headers=first), 422, "idempotency_key_reused")
    refused(staff["dispatcher"].post("/api/v1/plans", json=body, headers={"Idempotency-Key": "k" * 201}), 422, "invalid")


def signing_in_and_out(county: SmallCounty, staff: Staff):
    with db.writing() as session:
        people.add_user(session, "13911112222", "王小明", password_hash=HASHED)
    client, body = visitor(program=True), {"phone": "139 1111 2222", "password": PASSWORD}
    got(client.post("/api/v1/auth/sessions", json=body, headers={"origin": "http://testserver"}), 201)
    bearer = got(client.post("/api/v1/auth/sessions", json={**body, "token": True}, headers={"origin": "http://testserver"}), 201)["token"]
    refused(client.post("/api/v1/auth/sessions", json=body, headers={"sec-fetch-site": "cross-site"}), 403, "cross_site")
    refused(client.request("DELETE", "/api/v1/auth/sessions/current", headers={"sec-fetch-site": "cross-site"}), 403, "cross_site")
    got(client.delete("/api/v1/auth/sessions/current", headers={"authorization": f"Bearer {bearer}"}), 204)
    client.cookies.clear()
    refused(client.post("/api/v1/auth/sessions", json={**body, "password": "wrong"}), 401, "sign_in_wrong")
    for _ in range(4):
        client.post("/api/v1/auth/sessions", json={**body, "password": "wrong"})
    refused(client.post("/api/v1/auth/sessions", json=body), 429, "sign_in_closed")
    got(client.post("/api/v1/auth/codes", json={"phone": "13911113333"}), 202)
    refused(client.post("/api/v1/auth/codes", json={"phone": "13911113333"}), 429, "too_many")
    refused(client.post("/api/v1/auth/codes", json={"phone": "1"}), 422, "invalid")


def the_gateways_notices(county: SmallCounty, staff: Staff):
    client, headers = visitor(program=True), {"content-type": "application/json"}
    body = notice("0" * 32, "paid", amount_fen=1)
    said = client.post("/api/v1/webhooks/sandbox", content=body, headers={**headers, SIGNATURE: sign(body.encode())})
    assert (said.status_code, said.text) == (200, "success")
    refused(client.post("/api/v1/webhooks/sandbox", content=body, headers=headers), 400, "bad_signature")
    refused(client.post("/api/v1/webhooks/nobody", content=body, headers=headers), 404, "provider_unknown")


def the_sellers_calls(county: SmallCounty, staff: Staff):
    seller, now = staff["seller"], clock.now()
    body = {
        "variants": [{"sku": county.variants["tea"].sku, "price_fen": 8000}], "quota": 5, "commission_bp": 500,
        "starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=2)).isoformat(), "session": "今晚",
    }  # fmt: skip
    first, again = (got(seller.post("/api/v1/links", json=body, headers={"Idempotency-Key": "k"}), 201) for _ in range(2))
    assert first == again
    second = got(seller.post("/api/v1/links", json=body), 201)
    page = got(seller.get("/api/v1/links?limit=1"))
    assert got(seller.get("/api/v1/links", params={"cursor": page["next"]}))["items"][0]["code"] == first["code"]
    client = visitor(program=True)
    got(client.get(f"/api/v1/links/{first['code']}"))
    order = got(ordered(client, county, ("tea", 2), link=second["code"]), 201)
    paid(client, order)
    assert got(seller.get(f"/api/v1/links/{second['code']}/stats"))["units"] == 2
    refused(client.get("/api/v1/links/0"), 404, "link_unknown")
    refused(seller.post("/api/v1/links", json={**body, "quota": 0}), 422, "invalid")


def the_counters_and_the_dispatchers_calls(county: SmallCounty, staff: Staff):
    client, master, desk = visitor(program=True), staff["master"], staff["dispatcher"]
    order = got(ordered(client, county, ("tomato", 1)), 201)
    paid(client, order)
    with db.writing() as session:
        pack(session, session.exec(select(Consignment).where(Consignment.source_code == order["number"])).one(), by="U1")
    station = county.stations[0].code
    income = got(master.get(f"/api/v1/stations/{station}/income", params={"group": "month"}))
    assert income["items"] and income["sums"]
    for row in income["items"]:
        got(master.get(f"/api/v1/income/{row['id']}"))
    refused(master.get("/api/v1/income/I0"), 404, "not_found")
    refused(master.get(f"/api/v1/stations/{county.stations[1].code}/income"), 404, "not_found")
    refused(master.get(f"/api/v1/stations/{station}/income?from=2026-05-02&to=2026-05-01"), 422, "invalid")
    plan = got(desk.post("/api/v1/plans", json={"date": clock.today().isoformat()}), 202)
    assert got(desk.get(f"/api/v1/plans/{plan['id']}"))["status"] == "solving"
    tasks.drain()
    done = got(desk.get(f"/api/v1/plans/{plan['id']}"))
    assert done["status"] in ("optimal", "feasible", "empty")
    refused(desk.get("/api/v1/plans/B0"), 404, "plan_unknown")
    refused(desk.post("/api/v1/plans", json={"date": "2000-01-01"}), 422, "invalid")
    with db.reading() as session:
        tomorrow = clock.today() + timedelta(days=1)
        run = session.exec(select(Departure.code).where(Departure.service_date == tomorrow)).first()
    got(desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}))
    refused(desk.post(f"/api/v1/departures/{run}/cancellation", json={"reason": "大雾"}), 409, "status_moved")
    refused(desk.post("/api/v1/departures/D0/cancellation", json={"reason": "大雾"}), 404, "departure_unknown")
    device = got(master.post("/api/v1/devices", json={"name": "手持"}), 201)
    scanner = watched(TestClient(create_app(), headers={"authorization": f"Bearer {device['token']}"}))
    one = {"id": "e1", "at": clock.now().isoformat(), "action": "load", "code": "JP0", "place": "nowhere"}
    assert got(scanner.post("/api/v1/scans", json={"events": [one]}))["items"][0]["result"] == "rejected"
    refused(scanner.post("/api/v1/scans", json={"events": [{**one, "id": f"e{n}"} for n in range(501)]}), 422, "invalid")
    refused(staff["consumer"].post("/api/v1/scans", json={"events": [one]}), 403, "forbidden")
    refused(scanner.post("/api/v1/devices", json={"name": "x"}), 401, "sign_in_needed")
    got(master.delete(f"/api/v1/devices/{device['device']}"), 204)
    refused(master.delete("/api/v1/devices/DV0"), 404, "device_unknown")


def the_travellers_calls(county: SmallCounty, staff: Staff):
    client, rider = visitor(program=True), staff["consumer"]
    here, hub = county.stations[0].code, county.hub.code
    assert got(client.get("/api/v1/travel/stops", params={"q": "葛家"}))["items"]
    got(client.get("/api/v1/travel/next", params={"stop": here}))
    got(client.get("/api/v1/travel/journeys", params={"from": here, "to": hub}))
    refused(client.get("/api/v1/travel/next?stop=nowhere"), 404, "stop_unknown")
    body = {
        "start": here,
        "goal": hub,
        "date": (clock.today() + timedelta(days=2)).isoformat(),
        "earliest": "08:00",
        "latest": "09:00",
        "seats": 2,
    }
    made = got(rider.post("/api/v1/travel/requests", json=body), 201)
    assert [item["id"] for item in got(rider.get("/api/v1/travel/requests"))["items"]] == [made["id"]]
    got(rider.post(f"/api/v1/travel/requests/{made['id']}/withdrawal"))


def somebody_waits_at_a_request_stop(county: SmallCounty, staff: Staff):
    rider, here = staff["consumer"], county.stations[0]
    with db.writing() as session:
        tomorrow = clock.today() + timedelta(days=1)
        inward = select(Departure).join(Trip, Trip.id == Departure.trip_id).where(Trip.direction == "in")
        run = session.exec(inward.where(Departure.line_id == county.lines[0].id, Departure.service_date == tomorrow)).first()
        session.execute(update(StopTime).where(StopTime.trip_id == run.trip_id, StopTime.node_id == here.node_id).values(on_request=True))
        board_changed(session, county.id)
        code = run.code
    made = got(rider.post("/api/v1/travel/calls", json={"departure": code, "stop": here.code, "people": 2}), 201)
    assert [item["id"] for item in got(rider.get("/api/v1/travel/calls"))["items"]] == [made["id"]]
    assert got(staff["dispatcher"].get(f"/api/v1/departures/{code}/calls"))["items"]
    refused(staff["dispatcher"].get("/api/v1/departures/D0/calls"), 404, "departure_unknown")
    got(rider.post(f"/api/v1/travel/calls/{made['id']}/withdrawal"))
    refused(rider.post("/api/v1/travel/calls/SC0/withdrawal"), 404, "stop_call_unknown")


def the_weather_and_what_lines_do(county: SmallCounty, staff: Staff):
    desk, line = staff["dispatcher"], county.lines[1].code
    begins = clock.now() + timedelta(days=3)
    report = {"wind": 8, "starts_at": begins.isoformat(), "ends_at": (begins + timedelta(hours=6)).isoformat()}
    made = got(desk.post("/api/v1/weather", json=report), 201)
    assert [item["id"] for item in got(desk.get("/api/v1/weather"))["items"]] == [made["id"]]
    got(desk.post(f"/api/v1/weather/{made['id']}/withdrawal"))
    refused(desk.post("/api/v1/weather/W0/withdrawal"), 404, "report_unknown")
    day = (clock.today() + timedelta(days=6)).isoformat()
    got(desk.post(f"/api/v1/lines/{line}/rulings", json={"runs": False, "starts": day, "ends": day, "reason": "修路"}), 201)
    assert got(desk.get(f"/api/v1/lines/{line}/rulings"))["rulings"]
    refused(desk.get("/api/v1/lines/none/rulings"), 404, "line_unknown")


def what_is_handed_over_and_counted(county: SmallCounty, staff: Staff):
    desk = staff["dispatcher"]
    with db.writing() as session:
        zone = contract(session, county, "甲快运", county.stations[0]).code
        run = session.exec(select(Departure.code).where(Departure.service_date == clock.today())).first()
    got(desk.get(f"/api/v1/departures/{run}/manifests"))
    refused(desk.get("/api/v1/departures/D0/manifests"), 404, "departure_unknown")
    assert [z["code"] for z in got(desk.get("/api/v1/contract-zones"))["items"]] == [zone]
    got(desk.get(f"/api/v1/contract-zones/{zone}/pieces"))
    refused(desk.get("/api/v1/contract-zones/Z0/pieces"), 404, "zone_unknown")


def what_is_signed(county: SmallCounty, staff: Staff):
    desk, here = staff["master"], county.stations[0]
    with db.writing() as session:
        inward = select(Departure).join(Trip, Trip.id == Departure.trip_id).where(Trip.direction == "in")
        runs = session.exec(inward.where(Departure.line_id == county.lines[0].id)).all()
        run = min(runs, key=lambda run: abs(run.starts_at - clock.now()))
        stops = session.exec(select(StopTime).where(StopTime.trip_id == run.trip_id).order_by(StopTime.position)).all()
        board = next(stop.position for stop in stops if stop.node_id == here.node_id)
        (parcel,) = planned(session, county, run)
        leg = session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id)).one()
        leg.board, leg.alight = board, stops[-1].position
        session.flush()
        manifest = next(m.code for m in issue(session, run) if m.stop == board)
    assert [m["code"] for m in got(desk.get("/api/v1/manifests"))["items"]] == [manifest]
    group = {"alight": stops[-1].position, "tier": "ambient"}
    assert got(desk.post(f"/api/v1/manifests/{manifest}/boxes", json={**group, "boxes": []}))["revision"] == 1
    refused(desk.post(f"/api/v1/manifests/{manifest}/boxes", json={**group, "boxes": ["X0"]}), 409, "box_elsewhere")
    refused(desk.post(f"/api/v1/manifests/{manifest}/boxes", json={**group, "tier": "frozen", "boxes": []}), 422, "invalid")
    refused(desk.post("/api/v1/manifests/M0/boxes", json={**group, "boxes": []}), 404, "manifest_unknown")
    got(desk.post(f"/api/v1/manifests/{manifest}/signatures", json={}), 201)
    refused(desk.post(f"/api/v1/manifests/{manifest}/boxes", json={**group, "boxes": []}), 409, "manifest_signed")
    refused(desk.post("/api/v1/manifests/M0/signatures", json={}), 404, "manifest_unknown")


def a_box_that_was_not_taken(county: SmallCounty, staff: Staff):
    desk = staff["dispatcher"]
    with db.writing() as session:
        tomorrow = clock.today() + timedelta(days=1)
        run = session.exec(select(Departure.code).where(Departure.service_date == tomorrow, Departure.status == "scheduled")).first()
        open_disruption(
            session, "refused", tenant_id=county.id, subject_kind="parcel", subject_code="JP0000000000DX", cause=run, words="装不下"
        )
    (refusal,) = got(desk.get(f"/api/v1/departures/{run}/refusals"))["items"]
    got(desk.get(f"/api/v1/refusals/{refusal['id']}/withdrawal/preview"))
    got(desk.post(f"/api/v1/refusals/{refusal['id']}/withdrawal"))
    refused(desk.post("/api/v1/refusals/X0/withdrawal"), 404, "refusal_unknown")


def the_dispatchers_deeds_and_their_undoing(county: SmallCounty, staff: Staff):
    desk, line, station = staff["dispatcher"], county.lines[0].code, county.stations[1].code
    with db.reading() as session:
        tomorrow = clock.today() + timedelta(days=1)
        runs = session.exec(select(Departure.code).where(Departure.service_date == tomorrow, Departure.status == "scheduled")).all()
    run = f"/api/v1/departures/{runs[0]}"
    got(desk.get(f"{run}/stowage"))
    got(desk.get(f"{run}/delay/preview", params={"minutes": 20}))
    got(desk.post(f"{run}/delay", json={"minutes": 20, "reason": "修路"}))
    got(desk.post(f"{run}/refusals", json={"reason": "车满了"}))
    got(desk.get(f"/api/v1/departures/{runs[-1]}/cancellation/preview"))
    got(desk.post(f"/api/v1/departures/{runs[-1]}/cancellation", json={"reason": "看错了"}))
    got(desk.delete(f"/api/v1/departures/{runs[-1]}/cancellation"))
    later = {"begins_at": (clock.now() + timedelta(days=2)).isoformat(), "reason": "大风"}
    got(desk.get(f"/api/v1/lines/{line}/suspensions/preview", params={"begins_at": later["begins_at"]}))
    got(desk.post(f"/api/v1/lines/{line}/suspensions", json=later))
    got(desk.get(f"/api/v1/stations/{station}/closures/preview", params={"begins_at": later["begins_at"]}))
    got(desk.post(f"/api/v1/stations/{station}/closures", json={**later, "reason": "装修"}))
    closures = got(desk.get("/api/v1/closures"))["items"]
    assert [closure["kind"] for closure in closures] == ["departure", "line", "station"]
    for closure in closures:
        got(desk.delete(f"/api/v1/closures/{closure['id']}"))
    got(desk.get("/api/v1/promises"))


def the_trials(county: SmallCounty, staff: Staff):
    desk, today = staff["dispatcher"], clock.today().isoformat()
    body = {"date": today, "changes": [{"kind": "drop_run", "run": county.lines[0].code}]}
    scenario = got(desk.post("/api/v1/what-if", json=body), 202)
    with db.writing() as session:
        session.execute(update(Parcel).values(ready_at=clock.now() - timedelta(days=2)))  # what was sent today is not looked at yet
    look = got(desk.post("/api/v1/proposals"), 202)
    got(desk.get("/api/v1/what-if"))
    got(desk.get(f"/api/v1/what-if/{scenario['id']}"))
    got(desk.get(f"/api/v1/proposals/{look['id']}"))


def what_is_claimed(county: SmallCounty, staff: Staff):
    client, master, desk = visitor(program=True), staff["master"], staff["dispatcher"]
    order = got(ordered(client, county, ("clam", 1), ("tomato", 1)), 201)
    paid(client, order)
    theirs = {"X-Order-Token": order["token"]}
    at = f"/api/v1/orders/{order['number']}"
    lines = {line["qty"] and line["product"]: line["code"] for line in got(client.get(at, headers=theirs))["lines"]}
    clam, tomato = lines[county.products[2].code], lines[county.products[0].code]
    refused(master.post(f"/api/v1/lines/{tomato}/weighing", json={"grams": 250_000}), 409, "weight_doubtful")
    assert got(master.post(f"/api/v1/lines/{tomato}/weighing", json={"grams": 2400}))["refund_fen"] == 144
    refused(master.post(f"/api/v1/lines/{tomato}/weighing", json={"grams": 2300}), 409, "not_weighable")
    refused(client.post(f"{at}/claims", json={"line": clam, "reason": "spoiled", "damaged_pct": 50}, headers=theirs), 409, "not_claimable")
    with db.writing() as session:
        sent = session.exec(select(Consignment).where(Consignment.source_code == order["number"])).all()
        parcels = [parcel for each in sent for parcel in pack(session, each, by="U1")]
        scan(session, county, *(event(deed, p, county.trunks[0].code) for p in parcels for deed in ("dispatch", "deliver")))
    shots = [
        got(client.post(f"{at}/photos", content=photo(60 * n), headers={**theirs, "content-type": "image/jpeg"}), 201)["photo"]
        for n in range(3)
    ]
    refused(client.post(f"{at}/photos", content=b"GIF89a", headers={**theirs, "content-type": "image/jpeg"}), 422, "invalid")
    body = {"line": clam, "reason": "spoiled", "damaged_pct": 50, "photos": shots}
    made = got(client.post(f"{at}/claims", json=body, headers=theirs), 201)
    assert got(client.post(f"{at}/claims/{made['id']}/withdrawal", headers=theirs))["status"] == "withdrawn"
    refused(client.post(f"{at}/claims/CL0/withdrawal", headers=theirs), 404, "claim_unknown")
    again = got(client.post(f"{at}/claims", json={**body, "photos": shots, "reason": "not_arrived"}, headers=theirs), 409)
    assert again["code"] == "not_claimable"
    shots = [
        got(client.post(f"{at}/photos", content=photo(10 + 60 * n), headers={**theirs, "content-type": "image/jpeg"}), 201)["photo"]
        for n in range(3)
    ]
    made = got(client.post(f"{at}/claims", json={**body, "photos": shots}, headers=theirs), 201)
    assert [each["id"] for each in got(desk.get("/api/v1/claims"))["items"]] == [made["id"]]
    decide = f"/api/v1/claims/{made['id']}/decision"
    refused(desk.post(decide, json={"decision": "approve", "amount_fen": 99_999, "note": "多"}), 409, "refund_too_much")
    assert got(desk.post(decide, json={"decision": "approve"}))["status"] == "approved"
    refused(desk.post(decide, json={"decision": "approve"}), 409, "claim_decided")
    got(desk.get(f"/api/v1/claims/{made['id']}"))
    assert len(got(client.get(f"{at}/claims", headers=theirs))["items"]) == 2
    tasks.drain()


def what_staff_give_back(county: SmallCounty, staff: Staff):
    client, master, desk = visitor(program=True), staff["master"], staff["dispatcher"]
    order = got(ordered(client, county, ("tomato", 1)), 201)
    paid(client, order)
    at = f"/api/v1/orders/{order['number']}"
    (line,) = got(client.get(at, headers={"X-Order-Token": order["token"]}))["lines"]
    left = refused(desk.post(f"{at}/refunds", json={"line": line["code"], "left_fen": 0, "reason": "x"}), 409, "refund_moved")["left_fen"]
    asked = {"line": line["code"], "left_fen": left, "amount_fen": 500, "reason": "少了两个", "bearer": "master"}
    for _ in range(2):
        given = got(master.post(f"{at}/refunds", json=asked, headers={"Idempotency-Key": "r1"}), 201)
    assert (given["status"], given["left_fen"]) == ("given", left - 500)
    refused(desk.post(f"{at}/refunds", json=asked), 409, "refund_moved")
    refused(desk.post(f"{at}/refunds", json={**asked, "line": "JL0"}), 422, "line_unknown")
    refused(desk.post("/api/v1/orders/JS0/refunds", json=asked), 404, "order_unknown")
    refused(desk.post(f"{at}/refunds", json={**asked, "left_fen": left - 500, "amount_fen": left}), 409, "refund_too_much")
    waits = got(master.post(f"{at}/refunds", json={**asked, "left_fen": left - 500, "bearer": "grower"}), 201)
    assert waits["status"] == "waiting"
    refused(master.post(f"{at}/refunds", json={**asked, "left_fen": left - 500}), 409, "line_busy")
    decide = f"/api/v1/refund-requests/{waits['id']}/decision"
    assert got(desk.post(decide, json={"decision": "approve"}))["status"] == "given"
    refused(desk.post(decide, json={"decision": "approve"}), 409, "refund_request_decided")
    refused(desk.post("/api/v1/refund-requests/RQ0/decision", json={"decision": "approve"}), 404, "refund_request_unknown")
    tasks.drain()


def what_is_carried_and_closed(county: SmallCounty, staff: Staff):
    one, desk = staff["finance"], staff["dispatcher"]
    this = f"{clock.today():%Y-%m}"
    with db.writing() as session:
        carry(session, county)
    assert {each["firm"] for each in got(one.get("/api/v1/partners"))["items"]} >= {BUS}
    at = f"/api/v1/partners/{BUS}/months"
    assert {u["name"] for u in got(one.get(f"{at}/{this}"))["unpriced"]} == {"1 路班车"}
    assert got(one.get(f"{at}/{this}/legs"))["items"]
    refused(one.post(f"{at}/{this}/closing"), 409, "month_not_over")
    refused(one.get(f"/api/v1/partners/没这家/months/{this}"), 404, "firm_unknown")
    refused(one.get(f"{at}/2026-13"), 422, "invalid")
    assert desk.get("/api/v1/partners").status_code == 403
    terms = {"kind": "bus", "basis": "piece", "price": 80, "starts": f"{this}-01"}
    agreed = got(one.post(f"/api/v1/partners/{BUS}/contracts", json=terms), 201)
    assert got(one.get(f"/api/v1/partners/{BUS}/contracts"))["items"] == [agreed]
    refused(one.post(f"/api/v1/partners/{BUS}/contracts", json=terms), 409, "agreed_already")
    last = f"{clock.today().replace(day=1) - timedelta(days=1):%Y-%m}"
    closed = got(one.post(f"{at}/{last}/closing"))
    assert (closed["status"], closed["total_fen"]) == ("closed", 0)
    assert got(one.post(f"{at}/{last}/closing"))["code"] == closed["code"]
    refused(one.post(f"/api/v1/partners/{BUS}/contracts", json={**terms, "starts": f"{last}-01"}), 409, "month_closed")


def what_is_settled(county: SmallCounty, staff: Staff):
    one, two, master = staff["finance"], staff["second"], staff["master"]
    with db.writing() as session:
        for name, fen in (("A1", 3000), ("A2", 500)):
            earn(session, county, "station", county.stations[0].code, fen, name)
        second = session.exec(select(IncomeEntry.code).where(IncomeEntry.key == "A2:x")).one()
    asked = got(master.post(f"/api/v1/income/{second}/disputes", json={"reason": "少算了"}), 201)
    refused(master.post(f"/api/v1/income/{second}/disputes", json={"reason": "再说一次"}), 409, "already_disputed")
    refused(master.post("/api/v1/income/I0/disputes", json={"reason": "没有"}), 404, "not_found")
    assert [each["code"] for each in got(one.get("/api/v1/disputes"))["items"]] == [asked["code"]]
    assert got(one.get("/api/v1/settlements/preview"))["payout_fen"] == 3000
    day = {"until": clock.today().isoformat()}
    run = got(one.post("/api/v1/settlements", json=day), 201)
    refused(one.post("/api/v1/settlements", json=day), 409, "nothing_to_settle")
    refused(one.post(f"/api/v1/settlements/{run['code']}/approval"), 403, "same_person")
    got(one.post(f"/api/v1/settlements/{run['code']}/void", json={"reason": "先答疑问"}))
    refused(one.post(f"/api/v1/settlements/{run['code']}/void", json={"reason": "再来"}), 409, "status_moved")
    answered = got(one.post(f"/api/v1/disputes/{asked['code']}/answer", json={"answer": "补上", "granted_fen": 60}))
    assert answered["status"] == "granted"
    refused(one.post("/api/v1/disputes/DP0/answer", json={"answer": "没有"}), 404, "dispute_unknown")
    run = got(one.post("/api/v1/settlements", json=day), 201)
    statement = got(one.get(f"/api/v1/settlements/{run['code']}"))["statements"][0]
    assert statement["payout_fen"] == 3500, "what finance added waits for the next minute, and the next run"
    pay = f"/api/v1/statements/{statement['code']}/payment"
    refused(one.post(pay, json={}), 409, "not_exported")
    got(two.post(f"/api/v1/settlements/{run['code']}/approval"))
    own = f"/api/v1/settlements/{run['code']}"
    assert [each["payout_fen"] for each in got(one.get(f"{own}/files"))["items"]] == [0, 0, 3500]
    refused(one.post(f"{own}/shares"), 409, "cannot_share")
    assert got(one.get(f"{own}/shares"))["begun"] is False
    with db.writing() as session:  # as where the county shares out
        settle_shares(session, session.get_one(County, county.id), run_named(session, run["code"], tenant_id=county.id), by="U1")
    assert got(one.post(f"{own}/shares"))["begun"] is True
    assert got(one.post(f"{own}/shares/ending"))["open"] == 0
    assert got(one.post(f"{own}/shares/list"))["csv"].count("\n") == 1
    refused(one.post(f"{own}/payments", json={}), 409, "not_exported")
    assert statement["code"] in got(one.post(f"{own}/files/hand"))["csv"]
    assert got(one.post(pay, json={"reference": "B1"}))["status"] == "paid"
    assert got(one.post(f"{own}/payments", json={}))["status"] == "paid"
    told = got(one.post(f"{own}/bank-lists", json={"rows": f"{statement['code']},35.00\nST0,1.00"}))
    assert told["confirmed"] == [statement["code"]] and got(one.get(own))["status"] == "reconciled"
    refused(one.post("/api/v1/settlements/SR0/payments", json={}), 404, "run_unknown")
    assert len(got(one.get("/api/v1/settlements"))["items"]) == 2
    assert [each["code"] for each in got(master.get("/api/v1/statements"))["items"]] == [statement["code"]]
    assert len(got(master.get(f"/api/v1/statements/{statement['code']}"))["items"]) == 2
    refused(master.get("/api/v1/statements/ST0"), 404, "statement_unknown")
    refused(one.get("/api/v1/settlements/SR0"), 404, "run_unknown")


def what_is_subsidised(county: SmallCounty, staff: Staff):
    desk = staff["finance"]
    with db.writing() as session:
        today = clock.today()
        fund = programme(session, county, code="sm-grant", basis="grant", share_bp=5_000, starts=today, ends=today)
        proof = subsidies.enter_evidence(
            session, fund, party_kind="station", party_code=county.stations[0].code, document="保单 1", what="", on_date=today,
            amount_fen=9_000, grade="", period="", by="U1",
        )  # fmt: skip
        subsidies.confirm_evidence(session, proof, by="U2")
    (told,) = got(desk.get("/api/v1/subsidies"))["items"]
    assert (told["taken_fen"], told["left_fen"], told["version_state"]) == (4_500, 95_500, "in_force")
    (made,) = got(desk.get("/api/v1/subsidies/sm-grant/awards"))["items"]
    assert (made["cause"], made["amount_fen"], made["state"]) == (proof.code, 4_500, "awarded")
    refused(desk.get("/api/v1/subsidies/sm-none/awards"), 404, "subsidy_unknown")
    refused(desk.get("/api/v1/subsidies/sm-grant/awards?cursor=x"), 422, "invalid")
    report = got(desk.get("/api/v1/subsidies/report"))
    assert (report["amount_fen"], [row["awards"] for row in report["items"]], len(report["evidence"])) == (4_500, [1], 1)
    refused(desk.get("/api/v1/subsidies/report?quarter=2026Q5"), 422, "invalid")


def what_a_station_does_for_its_village(county: SmallCounty, staff: Staff):
    station, master = county.stations[0].code, staff["master"]
    with db.writing() as session:
        session.add(VillageService(tenant_id=county.id, code="express-out", name="打印复印", unit="页", fee_fen=50))
        session.add(VillageService(tenant_id=county.id, code="express-in", name="快递代收", unit="件", county_fee_fen=50))
    road = f"/api/v1/stations/{station}/services/done"
    refused(master.post(road, json={"service": "none"}), 404, "service_unknown")
    refused(master.post(road, json={"service": "express-in", "in_cash": True}), 422, "invalid")
    refused(
        master.post(f"/api/v1/stations/{county.stations[1].code}/services/done", json={"service": "express-in"}), 404, "station_unknown"
    )
    made = [got(master.post(road, json={"service": code, "in_cash": code == "express-out"}), 201) for code in ("express-out", "express-in")]
    assert len(got(master.get(road))["items"]) == 2
    got(master.post(f"{road}/{made[0]['code']}/undoing"))
    with db.writing() as session:
        session.execute(update(ServiceDone).values(business_date=clock.today() - timedelta(days=1)))
    refused(master.post(f"{road}/{made[1]['code']}/undoing"), 409, "counted_already")
    refused(master.get(f"{road}?from=2026-05-02&to=2026-05-01"), 422, "invalid")


def what_a_station_takes_in_cash(county: SmallCounty, staff: Staff):
    station, master, finance = county.stations[0].code, staff["master"], staff["finance"]
    road = f"/api/v1/stations/{station}/cash"
    body, key = {"purpose": "send", "amount_fen": 900, "what": "寄到杭州"}, {"Idempotency-Key": "cash1"}
    made = [got(master.post(road, json=body, headers=key), 201)["code"] for _again in range(2)]
    assert made[0] == made[1]
    wrong = got(master.post(road, json={**body, "amount_fen": 1}), 201)["code"]
    for _again in range(2):
        assert got(master.post(f"{road}/{wrong}/undoing"))["undone_at"]
    refused(master.post(f"{road}/CT0/undoing"), 404, "taking_unknown")
    refused(master.post(road, json={**body, "amount_fen": 0}), 422, "invalid")
    refused(master.post(f"{road}/closes", json={"counted_fen": 0}), 422, "invalid")
    held = got(master.get(road))["held_fen"]
    assert got(master.post(f"{road}/closes", json={"counted_fen": held}), 201)["expected_fen"] == held
    refused(master.post(f"{road}/closes", json={"counted_fen": held}), 409, "closed_already")
    refused(master.post(f"{road}/{made[0]}/undoing"), 409, "closed_already")
    refused(finance.post(f"{road}/payments", json={"amount_fen": held + 1}), 409, "more_than_held")
    got(finance.post(f"{road}/payments", json={"amount_fen": held, "reference": "收条 1"}), 201)
    assert got(finance.get("/api/v1/cash"))["held_fen"] == 0
    shown = got(finance.get(road))
    assert (shown["held_fen"], len(shown["closes"]), len(shown["paid_in"])) == (0, 1, 1)
    refused(master.get(f"/api/v1/stations/{county.stations[1].code}/cash"), 404, "station_unknown")


def what_the_ledger_says(county: SmallCounty, staff: Staff):
    desk = staff["finance"]
    span = {"from": clock.today().isoformat(), "to": clock.today().isoformat()}
    totals = got(desk.get("/api/v1/ledger/trial-balance", params=span))["items"]
    assert totals and sum(t["closing_fen"] for t in totals) == 0
    page = got(desk.get("/api/v1/ledger/journals", params={**span, "limit": 1}))
    assert [sum(line["amount_fen"] for line in entry["lines"]) for entry in page["items"]] == [0]
    following = got(desk.get("/api/v1/ledger/journals", params={**span, "cursor": page["next"]}))["items"]
    assert page["items"][0] not in following
    refused(desk.get("/api/v1/ledger/trial-balance", params={"from": "2026-02-02", "to": "2026-02-01"}), 422, "invalid")
    refused(staff["dispatcher"].get("/api/v1/ledger/journals"), 403, "forbidden")


ROADS = (
    the_travellers_calls, somebody_waits_at_a_request_stop, what_is_signed, a_box_that_was_not_taken, the_weather_and_what_lines_do,
    what_is_handed_over_and_counted, the_dispatchers_deeds_and_their_undoing, the_main_road, what_is_claimed, what_is_settled,
    what_staff_give_back, what_is_carried_and_closed, what_is_subsidised, what_the_ledger_says, signing_in_and_out, the_sellers_calls,
    the_counters_and_the_dispatchers_calls, what_any_call_may_refuse, the_gateways_notices, the_trials,
    what_a_station_does_for_its_village, what_a_station_takes_in_cash,
)  # fmt: skip


def test_every_call_answers_as_described(county: SmallCounty, staff: Staff) -> None:
    description().seen.clear()
    for road in ROADS:
        road(county, staff)
    answered = {operation for operation, status in description().seen if status.startswith("2")}
    every = {operation["operationId"] for methods in description().document["paths"].values() for operation in methods.values()}
    assert every - answered == set(), "a call that is added is added to the roads"
