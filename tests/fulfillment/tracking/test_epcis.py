"""A lot's trace for other traceability systems: EPCIS 2.0 in JSON-LD, from what was really scanned, without anybody in it."""

import json
from datetime import datetime

import pytest

from tests.county import SmallCounty
from tests.fulfillment.lots import walked_lot
from tests.fulfillment.shipping import TO
from tests.fulfillment.web import county_with_roads, guest
from tests.statements import statements_of

LD = "application/ld+json"


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


def document(code: str) -> dict:
    answer = guest().get(f"/api/v1/lots/{code}", headers={"accept": LD})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["vary"]) == (200, LD, "Accept")
    return answer.json()


def test_a_lots_events_are_told_in_order_from_harvest_to_buyer(rows: SmallCounty) -> None:
    lot, _parcels = walked_lot(rows)
    told = document(lot)
    assert (told["type"], told["schemaVersion"]) == ("EPCISDocument", "2.0")
    assert told["@context"][0].startswith("https://ref.gs1.org/standards/epcis/2.0")
    events = told["epcisBody"]["eventList"]
    assert [(e["type"], e["action"], e["bizStep"], e["disposition"]) for e in events] == [
        ("ObjectEvent", "ADD", "commissioning", "active"),
        ("ObjectEvent", "OBSERVE", "receiving", "sellable_accessible"),
        ("AggregationEvent", "ADD", "packing", "container_closed"),
        ("ObjectEvent", "OBSERVE", "loading", "in_transit"),
        ("ObjectEvent", "OBSERVE", "receiving", "in_progress"),
        ("ObjectEvent", "OBSERVE", "shipping", "in_transit"),
        ("ObjectEvent", "OBSERVE", "accepting", "retail_sold"),
        ("AggregationEvent", "ADD", "packing", "container_closed"),
        ("ObjectEvent", "DELETE", "destroying", "destroyed"),
    ]  # fmt: skip
    times = [datetime.fromisoformat(event["eventTime"]) for event in events]
    assert times == sorted(times)
    assert {event["eventTimeZoneOffset"] for event in events} == {"+08:00"}
    assert len({event["eventID"] for event in events}) == len(events)


def test_where_and_what_are_named_by_uris_of_nodes_lots_and_parcels(rows: SmallCounty) -> None:
    lot, _parcels = walked_lot(rows)
    told = document(lot)
    harvest, received, packing, loading, unloading, shipping, accepting, *rest = told["epcisBody"]["eventList"]
    station, hub = f"urn:jishi:node:{rows.stations[0].code}", f"urn:jishi:node:{rows.hub.code}"
    units = [{"epcClass": f"urn:jishi:lot:{lot}", "quantity": 50}]
    assert harvest["quantityList"] == received["quantityList"] == units
    assert harvest["ilmd"]["cbvmda:lotNumber"] == lot
    assert harvest["ilmd"]["jishi:weight_g"] == 125_000
    assert received["bizLocation"]["id"] == packing["readPoint"]["id"] == loading["readPoint"]["id"] == station
    assert "bizLocation" not in loading, "on the bus it is nowhere"
    assert unloading["bizLocation"]["id"] == shipping["readPoint"]["id"] == hub
    assert "readPoint" not in accepting, "where a buyer lives is nobody's business"
    [parcel] = loading["epcList"]
    assert packing["parentID"] == unloading["epcList"][0] == accepting["epcList"][0] == parcel
    assert packing["childQuantityList"] == [{"epcClass": f"urn:jishi:lot:{lot}", "quantity": 1}]
    assert loading["bizTransactionList"][0]["bizTransaction"].startswith("urn:jishi:departure:D")
    assert [e["quantityList"][0]["quantity"] for e in rest if e["action"] == "DELETE"] == [2]
    names = {
        e["id"]: e["attributes"][0]["attribute"]
        for kind in told["epcisHeader"]["epcisMasterData"]["vocabularyList"]
        for e in kind["vocabularyElementList"]
    }
    assert names == {station: "葛家驿站", hub: "小县共配中心", f"urn:jishi:lot:{lot}": "高山西红柿 5斤装"}


def test_no_person_and_no_parcel_can_be_found_from_it(rows: SmallCounty) -> None:
    lot, parcels = walked_lot(rows)
    text = json.dumps(document(lot), ensure_ascii=False)
    for secret in (TO.name, TO.phone, TO.detail, TO.city, "13911112222", "压坏了", "农户", "UMASTER", "UDISPATCHER", *parcels):
        assert secret not in text


def test_the_same_fact_has_the_same_id_however_often_it_is_asked(rows: SmallCounty) -> None:
    lot, _parcels = walked_lot(rows)
    assert document(lot)["epcisBody"] == document(lot)["epcisBody"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("text/html", "application/json"),
        (LD, LD),
        ("Application/LD+JSON; charset=utf-8", LD),
        (f"{LD}, application/json", LD),
        (f"{LD}, */*;q=0.1", LD),
        (f"{LD};q=0.5, application/json", "application/json"),
        (f"{LD};q=0, application/json", "application/json"),
        (f"{LD};q=nonsense", LD),
    ],
)
def test_who_asks_for_linked_data_gets_it_and_all_others_the_plain_trace(rows: SmallCounty, accept: str | None, kind: str) -> None:
    lot, _parcels = walked_lot(rows)
    client = guest()
    client.headers.pop("accept")
    answer = client.get(f"/api/v1/lots/{lot}", headers={"accept": accept} if accept else {})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["vary"]) == (200, kind, "Accept")


def test_an_unknown_lot_is_a_problem_in_either_form(rows: SmallCounty) -> None:
    for code in ("L0", "x" * 300, "..%2F..%2Fetc", "1;DROP TABLE lot"):
        answer = guest().get(f"/api/v1/lots/{code}", headers={"accept": LD})
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_lots_road_costs_the_same_however_many_parcels(rows: SmallCounty) -> None:
    lot, _parcels = walked_lot(rows)
    document(lot)
    few = statements_of(lambda: document(lot))
    for _ in range(3):
        walked_lot(rows)
    assert len(document(lot)["epcisBody"]["eventList"]) > 20
    assert statements_of(lambda: document(lot)) == few <= 9
