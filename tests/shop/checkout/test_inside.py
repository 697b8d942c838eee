"""What stays in the county goes from station to station, and an hour is promised only where the timetable holds it."""

import logging
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db, tasks
from core.errors import Refused
from core.permissions import Actor
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import pack
from fulfillment.network.models import DoorRound, ServedArea, Trunk, TrunkZone
from fulfillment.pickup.handing import hand_out
from fulfillment.pickup.queries import ready_of
from fulfillment.promise.serving import within
from fulfillment.promise.stamp import board_changed
from fulfillment.promise.words import how_soon
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure
from shop.checkout.address import FullAddress
from shop.checkout.quote import Leg, quote
from shop.checkout.service import Item, NoRoad, PlacedOrder, place_order
from shop.orders.models import OrderPromise
from tests.county import SmallCounty, small_county
from tests.fulfillment.shipping import event, person, scan
from tests.fulfillment.web import signed_in
from tests.shop.buying import SHANGHAI, ZHAO, open_roads, order_of, pay
from tests.shop.visitor import hidden, visitor

DAY = date(2026, 5, 20)
HOME = FullAddress(province="浙江省", city="宁波市", district="宁海县", detail="西镇山前村 12 号")


def at(hour: int, minute: int = 0) -> datetime:
    return clock.on(DAY, hour * 60 + minute)


def inside_of(session: Session) -> SmallCounty:
    """A county whose data says who serves which village; its clock stands where a test puts it."""
    with clock.at(at(6)):
        made = small_county(session)
        open_roads(session, made)
    here = made.stations
    rows = [("东镇", "", made.township_station), ("东镇", "葛家", here[0]), ("东镇", "海头", here[1]), ("西镇", "山前", here[2])]
    session.add_all(ServedArea(tenant_id=made.id, town=t, village=v, node_id=s.node_id) for t, v, s in rows)
    session.flush()
    return made


@pytest.fixture
def inside(session: Session) -> SmallCounty:
    return inside_of(session)


def address(detail: str, **more: str) -> FullAddress:
    return FullAddress.model_validate({**HOME.model_dump(), "detail": detail, **more})


def asked(session: Session, county: SmallCounty, to: FullAddress, name: str = "tomato") -> Leg:
    (leg,) = quote(session, county.county, [Item(county.variants[name].sku, 1)], to).legs
    return leg


def bought(session: Session, county: SmallCounty, to: FullAddress, name: str = "tomato") -> PlacedOrder:
    items = [Item(county.variants[name].sku, 1)]
    total = quote(session, county.county, items, to).total_fen
    return place_order(session, county.county, items, contact=ZHAO, address=to, expected_total_fen=total, actor=Actor(tenant_id=county.id))


@pytest.mark.parametrize(
    ("detail", "serves"),
    [
        ("西镇山前村 12 号", "sm-shanqian"), ("海头村老街", "sm-haitou"), ("东镇政府", "sm-dongzhen"), ("东镇葛家", "sm-gejia"),
        ("东镇山前路 8 号", "sm-dongzhen"),  # a street is no village
        ("东镇山前村", "sm-dongzhen"),  # of another town
        ("跃龙街道 1 号", None), ("", None),
    ],
)  # fmt: skip
def test_the_countys_data_says_which_node_serves_an_address(session: Session, inside: SmallCounty, detail: str, serves: str | None) -> None:
    end = within(session, inside.id).serving(detail)
    assert (end and end.code) == serves


def test_a_village_of_two_towns_is_served_only_with_its_town(session: Session, inside: SmallCounty) -> None:
    session.add(ServedArea(tenant_id=inside.id, town="东镇", village="山前", node_id=inside.stations[0].node_id))
    session.flush()
    served = within(session, inside.id)
    assert served.serving("山前村 3 号") is None
    assert [served.serving(f"{town}山前村") and served.serving(f"{town}山前村").code for town in ("东镇", "西镇")] == [
        "sm-gejia",
        "sm-shanqian",
    ]


def test_from_station_to_station_without_the_hub_within_the_hour(session: Session, inside: SmallCounty) -> None:
    # the bus out of 10:00 calls at 葛家 at 10:35 and is in 海头 at 10:50; packed in 15 minutes, handed over 15 before loading closes
    with clock.at(at(10)):
        leg = asked(session, inside, address("东镇海头村"))
        assert [step["to"] for step in leg.promise.path] == ["海头驿站"]
        assert leg.promise.deliver_by == at(10, 50)
        assert (leg.to, how_soon(leg.promise.deliver_by, clock.now())) == ("sm-haitou", "hour")
    with clock.at(at(10, 6)):  # it is missed: the true time is told
        leg = asked(session, inside, address("东镇海头村"))
        assert leg.promise.deliver_by == at(14, 50)
        assert how_soon(leg.promise.deliver_by, clock.now()) == "day"


def test_no_hour_is_promised_when_the_bus_that_held_it_does_not_run(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(10)):
        before = asked(session, inside, address("东镇海头村")).promise
        cancel_departure(session, inside.id, str(before.path[0]["departure"]), reason="塌方", by="U1")
        assert how_soon(asked(session, inside, address("东镇海头村")).promise.deliver_by, clock.now()) == "day"


def test_a_full_bus_is_not_promised_inside_the_county_either(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(10)):
        first = asked(session, inside, address("东镇海头村")).promise
        row = session.exec(select(Departure).where(Departure.code == first.path[0]["departure"])).one()
        row.cap_g = 1_000
        session.add(row)
        session.flush()
        board_changed(session, inside.id)
        assert asked(session, inside, address("东镇海头村")).promise.deliver_by > first.deliver_by


def test_another_line_is_reached_where_the_lines_meet(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(9)):
        leg = asked(session, inside, HOME)
    assert leg.to == "sm-shanqian"
    assert [step["kind"] for step in leg.promise.path] == ["bus", "bus"]
    assert leg.promise.path[0]["to"] == leg.promise.path[1]["from"]


def test_the_countys_trunk_takes_what_it_brings_sooner(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(9)):
        direct = asked(session, inside, HOME)
        session.add(TrunkZone(trunk_id=inside.trunks[0].id, zone="z0", tenant_id=inside.id, base_fen=100, per_kg_fen=10, hours=1))
        trunk = session.get_one(Trunk, inside.trunks[0].id)
        trunk.cutoff_min, trunk.dep_min = 9 * 60 + 20, 9 * 60 + 30
        session.add(trunk)
        session.flush()
        board_changed(session, inside.id)
        still = asked(session, inside, HOME)
        assert still == direct, "no bus is in the hub before it leaves today"
        trunk.cutoff_min, trunk.dep_min = 13 * 60, 13 * 60 + 30
        session.add(trunk)
        session.flush()
        board_changed(session, inside.id)
        sooner = asked(session, inside, HOME)
    assert (sooner.to, sooner.promise.path[-1]["kind"]) == (None, "trunk")
    assert sooner.promise.deliver_by < direct.promise.deliver_by


def test_what_is_fetched_waits_until_its_station_opens(session: Session, inside: SmallCounty) -> None:
    there = inside.stations[2]
    there.closes_min = 10 * 60
    session.add(there)
    session.flush()
    with clock.at(at(9)):
        told = asked(session, inside, HOME).promise
    assert told.deliver_by == clock.on(DAY + timedelta(days=1), there.opens_min)
    assert told.door_min is None


@pytest.mark.parametrize(
    ("every", "last", "minutes", "there", "soon"),
    [
        (60, 1050, 25, 11 * 60 + 25, "day"),  # in 海头 at 10:50, the round leaves on the hour
        (0, 1050, 8, 10 * 60 + 58, "hour"),  # called for it
        (0, 630, 8, 1440 + 488, "later"),  # nobody goes after half past ten
    ],
)
def test_the_rounds_to_the_door_decide_when_it_is_there(
    session: Session, inside: SmallCounty, every: int, last: int, minutes: int, there: int, soon: str
) -> None:
    node = inside.stations[1].node_id
    session.add(
        DoorRound(node_id=node, tenant_id=inside.id, kind="courier", first_min=480, last_min=last, every_min=every, minutes=minutes)
    )
    session.flush()
    with clock.at(at(10)):
        told = asked(session, inside, address("东镇海头村")).promise
        assert (told.deliver_by, how_soon(told.deliver_by, clock.now())) == (clock.on(DAY, there), soon)
        left = clock.local(told.deliver_by - timedelta(minutes=minutes))
        assert (told.path[-1]["words"], told.door_min) == (f"{left:%H:%M} 同城车送上门", minutes)


def test_who_lives_where_it_is_packed_fetches_it_there(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(10)):
        leg = asked(session, inside, address("东镇葛家村"))
    assert (leg.to, leg.promise.path, leg.promise.deliver_by) == ("sm-gejia", [], at(10, 15))


def test_a_station_to_fetch_from_is_chosen_inside_the_county_only(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(9)):
        leg = asked(session, inside, address("随便哪里", station="sm-haitou"))
        assert (leg.to, leg.promise.door_min) == ("sm-haitou", None)
        for bad in ("sm-hub", "nh-nowhere", "'; drop"):
            with pytest.raises(Refused) as refused:
                asked(session, inside, address("随便哪里", station=bad))
            assert refused.value.more["field"] == "station"
        with pytest.raises(Refused):
            asked(session, inside, SHANGHAI.model_copy(update={"station": "sm-haitou"}))


def test_an_address_nobody_serves_goes_as_before(session: Session, inside: SmallCounty) -> None:
    with clock.at(at(9)), pytest.raises(NoRoad):
        asked(session, inside, address("跃龙街道 1 号"))


def test_an_order_inside_goes_from_its_station_to_its_receiver(database: str) -> None:
    with db.writing() as session:
        county = inside_of(session)
    there = county.stations[1]
    with clock.at(at(10)):
        with db.writing() as session:
            placed = bought(session, county, address("东镇海头村"))
        with db.writing() as session:
            pay(session, placed.number)
        tasks.drain()
        with db.writing() as session:
            (kept,) = session.exec(select(OrderPromise).where(OrderPromise.order_id == placed.id)).all()
            assert (kept.to_node_id, kept.door_min, kept.deliver_by) == (there.node_id, None, at(10, 50))
            made = session.exec(select(Consignment).where(Consignment.source_code == placed.number)).one()
            assert (made.to_node_id, made.deliver_by) == (there.node_id, at(10, 50))
            (parcel,) = pack(session, made, by="UMASTER")
            assert parcel.due_at == at(10, 50), "the hour is what is promised, not the day"
            assert (plan_day(session, county.county, DAY).placed, parcel.trunk_id) == (1, None)
            leg = session.exec(select(PlannedLeg).where(PlannedLeg.parcel_id == parcel.id, col(PlannedLeg.voided_at).is_(None))).one()
            run = session.get_one(Departure, leg.departure_id)
            assert run.code == kept.path[0]["departure"]
            code = parcel.code
    with clock.at(at(11)):
        with db.writing() as session:
            scan(session, county, event("load", code, run.code, at=at(10, 35)), event("unload", code, there.code, at=at(10, 50)))
        with db.writing() as session:
            keeper, told = person(county, "master", "station", there.code), ready_of(session, [code])[code]
            hand_out(session, keeper, there, told.code, key="given")
        tasks.drain()
    with db.reading() as session:
        done = order_of(session, placed.number)
        assert done.fulfillment_status == "delivered"


def test_the_order_tells_its_pick_up_code_to_its_owner_and_to_nobody_else(database: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with db.writing() as session:
        county = inside_of(session)
    with clock.at(at(10)):
        with db.writing() as session:
            placed = bought(session, county, address("东镇葛家村"))
        with db.writing() as session:
            pay(session, placed.number)
        tasks.drain()
        owner, stranger = visitor(), visitor()
        path, key = f"/api/v1/orders/{placed.number}", {"x-order-token": placed.token}
        assert [p["pickup"] for p in owner.get(path, headers=key).json()["parcels"]] == [None], "nothing waits yet"
        with db.writing() as session:
            made = session.exec(select(Consignment).where(Consignment.source_code == placed.number)).one()
            (parcel,) = pack(session, made, by="UMASTER")
            code = parcel.code
        with db.reading() as session:
            waits = ready_of(session, [code])[code]
        (told,) = owner.get(path, headers=key).json()["parcels"]
        there = county.stations[0]
        assert told["pickup"] == {
            "station": there.code, "name": there.name, "shelf": 1, "code": waits.code, "since": clock.local(at(10)).isoformat(),
        }  # fmt: skip
        desk, keeper = signed_in(county, "dispatcher"), signed_in(county, "master", "station", there.code)
        for other in (stranger, desk, keeper):
            assert other.get(path).status_code == 404
        seen = [other.get(page).text for other in (stranger, desk, keeper) for page in (f"/api/v1/track/{code}", f"/track/{code}")]
        seen.append(keeper.get("/station/arrivals").text)
        assert all(waits.code not in text for text in (*seen, caplog.text))


def test_the_page_offers_the_countys_stations_and_tells_what_is_true(database: str) -> None:
    with db.writing() as session:
        county = inside_of(session)
    with clock.at(at(10)):
        client = visitor()
        client.post("/cart/lines", data={"sku": county.variants["tomato"].sku, "qty": "1"})
        typed = {**HOME.model_dump(), "detail": "东镇海头村", "name": "赵立春", "phone": "13912345678", "step": "quote"}
        page = client.post("/checkout", data=typed).text
        assert "一小时达" in page and "10:50 起可取" in page
        assert '<option value="sm-shanqian"' in page
        chosen = client.post("/checkout", data={**typed, "station": "sm-shanqian"}).text
        assert "一小时达" not in chosen and "起可取" in chosen
        abroad = client.post("/checkout", data={**typed, **SHANGHAI.model_dump(), "station": "sm-shanqian"})
        assert abroad.status_code == 200 and "起可取" not in abroad.text and "sm-shanqian" not in abroad.text
        assert client.post("/checkout", data={**typed, "station": "nowhere"}).status_code in (200, 422)
        form = {**typed, "step": "place", "expected_total_fen": hidden(page, "expected_total_fen"), "zone": "z0", "end": "sm-haitou"}
        moved = client.post("/checkout", data={**form, "detail": "西镇山前村"})
        assert moved.status_code == 409 and "看过再付" in moved.text
        paid = client.post("/checkout", data={**form, "form_key": "k1"})
        assert paid.status_code == 303, paid.text
    with db.reading() as session:
        assert session.exec(select(OrderPromise.to_node_id)).all() == [county.stations[1].node_id]
