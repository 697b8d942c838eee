"""A promise stands on the room a plan has: on a lane of the province that is the county's share, not what its trunk could carry."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlmodel import col, select, update

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.tenant import Tenant
from fulfillment.batching.from_database import read_waiting
from fulfillment.batching.load import empty_load
from fulfillment.batching.models import LaneShare
from fulfillment.batching.network import build_network
from fulfillment.batching.service import ask_plan, plan_day, read_for, write_plan
from fulfillment.batching.shares import settle_lanes
from fulfillment.batching.solve import solve
from fulfillment.consignments.service import cancel_consignments
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span
from fulfillment.network.models import Trunk
from fulfillment.promise.board import Promise
from fulfillment.promise.room import room_left
from fulfillment.promise.service import day_board, promise
from fulfillment.promise.stamp import board_changed
from supply.stations.models import Station
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.conftest import do
from tests.fulfillment.shipping import parcels_of, ship, sold
from tests.fulfillment.web import county_with_roads

LANE_G = 12_000  # a day: more than both counties' shares of it


@pytest.fixture
def rows(database: str, nine: datetime) -> Iterator[SmallCounty]:
    """A county whose first trunk rides on a lane that another county feeds too."""
    made = county_with_roads()
    with db.writing() as session:
        trunk = session.exec(select(Trunk).where(Trunk.code == "sm-k1")).one()
        trunk.lane, trunk.lane_cap_g = "zj-rail", LANE_G
        other = Tenant(code="other", name="邻县", created_at=clock.now())
        session.add_all([trunk, other])
        session.flush()
        twin = {name: getattr(trunk, name) for name in Trunk.model_fields if name not in ("id", "code", "tenant_id")}
        session.add(Trunk(**twin, tenant_id=other.id, code="other-k1"))
        board_changed(session, made.id)
    return made


def told(rows: SmallCounty) -> Promise:
    """What a tomato grower's buyer is told now."""
    with db.reading() as session:
        found = promise(session, rows.county, station_id=rows.stations[0].node_id, tier="ambient", zone="z1")
    assert found
    return found


def trunk_told(rows: SmallCounty) -> str:
    return told(rows).path[-1]["line_code"]


def allow(rows: SmallCounty, grams: int) -> None:
    """The next round finds that this county wants `grams` of the lane, and that the other one has planned on all the rest."""
    with db.writing() as session:
        others, mine = LANE_G - grams, col(LaneShare.tenant_id) == rows.id
        planned = {"share_g": others, "planned_g": others, "wanted_g": others, "mean_g": others, "heard": True}
        session.exec(update(LaneShare).where(~mine).values(planned))
        session.exec(update(LaneShare).where(mine).values(wanted_g=grams, mean_g=grams))
    settle_lanes()
    with db.reading() as session:
        shares = session.exec(select(LaneShare.share_g).where(LaneShare.tenant_id == rows.id, LaneShare.day == DAY)).all()
    assert shares == [grams]


def order(rows: SmallCounty, count: int) -> list[str]:
    """Paid parcels, planned; the codes of what they were ordered as."""
    with db.writing() as session:
        made = [ship(session, rows, sold(session, rows, "tomato", 1))[0].source_code for _ in range(count)]
        plan_day(session, rows.county, DAY)
    return made


def test_a_full_share_promises_the_next_trunk_although_the_own_one_has_room(rows: SmallCounty) -> None:
    settle_lanes()
    assert trunk_told(rows) == "sm-k1"
    allow(rows, 3000)
    assert trunk_told(rows) == "sm-k1"
    order(rows, 1)  # 2,930 g of the 3,000
    with db.reading() as session:
        assert session.exec(select(Trunk.cap_g).where(Trunk.code == "sm-k1")).one() == 6_000_000
    later = told(rows)
    assert later.path[-1]["line_code"] == "sm-k2"
    assert later.deliver_by > clock.on(DAY, 1440)


def test_a_place_given_back_on_a_shared_lane_is_promised_again(rows: SmallCounty) -> None:
    settle_lanes()
    allow(rows, 3000)
    before = told(rows)
    (source,) = order(rows, 1)
    assert trunk_told(rows) == "sm-k2"
    with db.writing() as session:
        cancel_consignments(session, source, tenant_id=rows.id, by="U1")
    assert told(rows) == before


def test_a_round_that_gives_or_takes_a_share_is_promised_from_then_on(rows: SmallCounty) -> None:
    assert trunk_told(rows) == "sm-k2", "before its first round a lane's day is nobody's"
    settle_lanes()
    assert trunk_told(rows) == "sm-k1"
    allow(rows, 0)
    assert trunk_told(rows) == "sm-k2"
    allow(rows, LANE_G // 2)
    assert trunk_told(rows) == "sm-k1"


def test_a_round_of_the_lanes_does_not_make_a_plan_be_solved_again(rows: SmallCounty) -> None:
    settle_lanes()
    with db.writing() as session:
        ship(session, rows, sold(session, rows, "tomato", 1))
        asked = ask_plan(session, rows.county, DAY)
        waiting = read_for(session, rows.county, asked)
    allow(rows, 5000)
    with db.writing() as session:
        outcome = write_plan(session, session.merge(asked), waiting, solve(waiting.instance, seconds=5))
    assert outcome.placed == 1


def test_what_goes_from_the_hub_itself_gives_its_trunk_back_too(rows: SmallCounty) -> None:
    settle_lanes()
    allow(rows, 3000)
    with db.writing() as session:
        session.add(Station(node_id=rows.hub.id or 0, tenant_id=rows.id, code=rows.hub.code, name=rows.hub.name))
        session.flush()
        (made,) = ship(session, rows, sold(session, rows, "tomato", 1))
        (parcel,) = parcels_of(session, made)
        parcel.station_id = rows.hub.id or 0
        session.add(parcel)
        session.flush()
        plan_day(session, rows.county, DAY)
        source = made.source_code
    assert trunk_told(rows) == "sm-k2"
    with db.writing() as session:
        cancel_consignments(session, source, tenant_id=rows.id)
    assert trunk_told(rows) == "sm-k1"


def test_the_board_and_the_plan_read_the_same_room(rows: SmallCounty) -> None:
    settle_lanes()
    allow(rows, 8000)
    order(rows, 4)
    do(rows, CloseStation(rows.stations[1].code, Span(clock.now(), clock.now() + timedelta(hours=10)), "停电"))
    with db.reading() as session:
        board = day_board(session, rows.county, DAY)
        instance = read_waiting(session, rows.county, DAY, only=()).instance  # everybody keeps what it has
    room = room_left(empty_load(instance, build_network(instance)))
    for ours, plans in zip(vars(board.room).values(), vars(room).values(), strict=True):
        assert ours.tolist() == plans.tolist()
    assert room.trunk_g[0] < 8000
