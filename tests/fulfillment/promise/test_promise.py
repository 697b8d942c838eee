"""A promise is what the timetable can keep, said before the buyer orders."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlmodel import Session, select

from core import clock, db
from fulfillment.batching.loads import LegLoad
from fulfillment.batching.roads import DAYS, Ride, read_roads
from fulfillment.network.models import Trunk
from fulfillment.network.rules import hub_rules
from fulfillment.promise.board import SIZES, DayBoard, Origin, Promise, make_board
from fulfillment.promise.hours import Hours, order_by, ready_at
from fulfillment.promise.service import Asked, Size, freight, promise, promises, zone_of
from fulfillment.promise.stamp import Stamp, board_changed
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import cancel_departure, open_days
from tests.county import SmallCounty, small_county
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import parcels_of, ship, sold

NINE_TO_FIVE = Hours(540, 1020)


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 0) -> datetime:
    return clock.on(DAY, day * 1440 + hour * 60 + minute + second / 60)


def test_a_parcel_is_ready_after_packing_in_opening_hours() -> None:
    assert ready_at(at(10), NINE_TO_FIVE) == at(10, 15)
    assert ready_at(at(3), NINE_TO_FIVE) == at(9, 15)
    assert ready_at(at(16, 50), NINE_TO_FIVE) == at(9, 15, day=1)
    assert ready_at(at(22), NINE_TO_FIVE) == at(9, 15, day=1)


def test_order_by_is_the_last_moment_that_is_ready_in_time() -> None:
    for minute in range(0, 1440, 7):
        needed = at(0, minute, day=1)
        last = order_by(needed, NINE_TO_FIVE)
        assert ready_at(last, NINE_TO_FIVE) <= needed
        assert ready_at(last + timedelta(minutes=6), NINE_TO_FIVE) > needed


def test_the_promise_names_order_by_the_bus_the_trunk_and_the_day(session: Session, county: SmallCounty) -> None:
    station = county.stations[0]
    told = promise(session, county.county, station_id=station.node_id, tier="ambient", zone="z1")
    assert told
    # the bus in of 15:10 calls here at 15:32 and is in the hub at 16:00, in time to be sorted for the post of 17:00
    assert [step["kind"] for step in told.path] == ["bus", "trunk"]
    assert told.path[0]["from"] == "葛家驿站"
    assert told.path[0]["to"] == "小县共配中心"
    assert told.path[0]["words"] == "15:32 的 1 路班车到小县共配中心"
    assert (told.order_by, told.ships_at, told.deliver_by) == (at(14, 55), at(15, 32), at(15, 40, day=1))


def test_the_promise_can_be_kept_by_whoever_orders_by_then(session: Session, county: SmallCounty) -> None:
    asked = Asked(county.stations[0].node_id, "ambient", "z1")
    told = promises(session, county.county, [asked])[asked]
    assert told
    again = promises(session, county.county, [asked], at=told.order_by)[asked]
    assert again
    assert again.deliver_by == told.deliver_by
    later = promises(session, county.county, [asked], at=told.order_by + timedelta(minutes=6))[asked]
    assert later
    assert later.order_by > told.order_by
    assert later.deliver_by >= told.deliver_by


def test_what_is_said_to_be_ordered_by_is_never_past(session: Session, county: SmallCounty) -> None:
    asked = [Asked(station.node_id, "ambient", "z1") for station in county.stations]
    for second in range(0, 9 * 3600, 97):
        now = at(9) + timedelta(seconds=second)
        told = promises(session, county.county, asked, at=now)
        assert all(promise and promise.order_by >= now for promise in told.values()), now


def test_the_last_minutes_before_order_by_are_still_told_and_the_first_after_are_not(session: Session, county: SmallCounty) -> None:
    asked = Asked(county.stations[0].node_id, "ambient", "z1")
    first, now, after = (promises(session, county.county, [asked], at=moment)[asked] for moment in (at(9), at(14, 54, 59), at(14, 55, 1)))
    assert first and now and after
    assert first == now
    assert now.order_by == at(14, 55)
    assert after.order_by > at(14, 55)


def test_what_spoils_sooner_is_promised_a_trunk_it_survives_or_nothing(session: Session, county: SmallCounty) -> None:
    station = county.stations[1].node_id
    session.exec(select(Trunk).where(Trunk.id == county.trunks[0].id)).one().tiers = ["ambient"]
    session.flush()
    board_changed(session, county.id)

    def told(days: int | None, now: datetime) -> Promise | None:
        return promise(session, county.county, station_id=station, tier="chilled", zone="z1", shelf_days=days, at=now)

    packed_today, packed_tomorrow = at(18, 40), at(18, 50)  # the station closes at 19:00
    lasting = told(None, packed_today)
    assert lasting
    assert clock.local(datetime.fromisoformat(str(lasting.path[-1]["leaves_at"]))) == at(20, 40, day=1)
    assert told(2, packed_today) == told(40, packed_today) == lasting
    assert told(1, packed_today) is None
    assert told(1, packed_tomorrow) == lasting


def test_a_parcel_ages_from_when_it_is_packed_as_its_promise_assumed(session: Session, county: SmallCounty) -> None:
    with clock.at(at(22)):
        (made,) = ship(session, county, sold(session, county, "clam", 1))
        (parcel,) = parcels_of(session, made)
    assert parcel.shelf_until == parcel.ready_at + timedelta(days=3)
    assert parcel.ready_at == at(7, 45, day=1)


def test_a_cancelled_bus_is_not_promised(session: Session, county: SmallCounty) -> None:
    ask = {"station_id": county.stations[0].node_id, "tier": "ambient", "zone": "z1"}
    before = promise(session, county.county, **ask)
    assert before
    cancel_departure(session, county.id, str(before.path[0]["departure"]), reason="塌方", by="U1")
    after = promise(session, county.county, **ask)
    assert after
    assert after.path[0]["departure"] != before.path[0]["departure"]
    assert after.deliver_by >= before.deliver_by


def test_no_road_is_no_promise(session: Session, county: SmallCounty) -> None:
    station = county.stations[0].node_id
    assert promise(session, county.county, station_id=station, tier="frozen", zone="z1") is None
    assert promise(session, county.county, station_id=station, tier="ambient", zone="z9") is None
    assert promise(session, county.county, station_id=10**6, tier="ambient", zone="z1") is None


def test_a_large_parcel_is_not_promised_a_full_bus(session: Session, county: SmallCounty) -> None:
    for departure in session.exec(select(Departure).where(Departure.service_date == DAY)):
        departure.cap_g = 5_000
        session.add(departure)
    session.flush()
    small, large = (Asked(county.stations[0].node_id, "ambient", "z1", s) for s in (None, Size(15_000, 30_000, 500)))
    told = promises(session, county.county, [small, large])
    assert told[small]
    assert told[large]
    assert told[small].ships_at < clock.on(DAY, 1440) <= told[large].ships_at


def test_a_board_made_from_the_last_one_says_what_one_made_anew_says(session: Session, county: SmallCounty) -> None:
    roads, rules, station = read_roads(session, county.id, DAY, DAYS), hub_rules(county.county), county.stations[0]
    origin = Origin(station.code, NINE_TO_FIVE)

    def told(board: DayBoard) -> list[Promise | None]:
        return [board.promise(origin, "z1", "ambient", size, ready=ready) for size in SIZES for ready in (0.0, 600.0, 900.0)]

    def bus(promise: Promise | None) -> Ride:
        assert promise
        return next(ride for ride in roads.rides.values() if ride.code == promise.path[0]["departure"])

    empty = make_board(roads, rules, (), roads.trunks, Stamp(1))
    before = told(empty)
    full = bus(before[1])
    planned = [LegLoad(full.id, full.stops[0][0], full.stops[-1][0], "ambient", 1, 110_000, 0, 0)]  # room for a small one
    fuller = make_board(roads, rules, planned, roads.trunks, Stamp(2), last=empty)
    assert told(fuller) == told(make_board(roads, rules, planned, roads.trunks, Stamp(2)))
    assert [bus(promise) == full for promise in told(fuller)[1::3]] == [True, True, False]
    left = [replace(roads.trunks[0], cap_g=0), *roads.trunks[1:]]
    away = make_board(roads, rules, (), left, Stamp(3), last=fuller)
    assert told(away) == told(make_board(roads, rules, (), left, Stamp(3))) != before
    assert told(empty) == told(make_board(roads, rules, (), roads.trunks, Stamp(4), last=away)) == before


def test_the_most_exact_place_decides_the_zone(session: Session, county: SmallCounty) -> None:
    def zone(*address: str) -> str | None:
        found = zone_of(session, county.id, *address)
        return found.code if found else None

    assert zone("浙江省", "宁波市", "宁海县") == "z0"
    assert zone("浙江省", "宁波市", "鄞州区") == "z1"
    assert zone("北京市", "北京市", "海淀区") == "z2"
    assert zone("西藏自治区", "拉萨市", "城关区") is None


def test_freight_is_one_base_a_tier_and_every_started_kilogram(session: Session, county: SmallCounty) -> None:
    assert freight(session, county.id, zone="z1", tier_grams={"ambient": 2_001}) == 500 + 3 * 100
    assert freight(session, county.id, zone="z1", tier_grams={"ambient": 1_000, "chilled": 1}) == 500 + 100 + 650 + 100
    assert freight(session, county.id, zone="z9", tier_grams={"ambient": 1}) is None


def test_what_is_rolled_back_was_never_promised(database: str, nine: datetime) -> None:
    with db.writing() as session:
        county = small_county(session)
        open_days(session, county.county, DAY, DAY + timedelta(days=3))
    ask = {"station_id": county.stations[0].node_id, "tier": "ambient", "zone": "z1"}
    with db.reading() as session:
        before = promise(session, county.county, **ask)
        assert before
    session = db.new_session(writes=True)
    cancel_departure(session, county.id, str(before.path[0]["departure"]), reason="试试", by="U1")
    assert promise(session, county.county, **ask) != before
    session.rollback()
    session.close()
    with db.writing() as session:
        board_changed(session, county.id)  # another change takes the number the lost one had
    with db.reading() as session:
        assert promise(session, county.county, **ask) == before
