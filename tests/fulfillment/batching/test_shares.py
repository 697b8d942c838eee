"""Counties on one lane of the province: they share its room, pay its price, and hear nothing of each other."""

import pytest
from sqlmodel import col, select, update

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.tenant import Tenant
from fulfillment.batching.models import BatchPlan, LaneDay, LaneShare
from fulfillment.batching.service import RoadsMoved, plan_day
from fulfillment.batching.shares import settle_lanes
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Trunk
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import ship, sold
from tests.fulfillment.web import county_with_roads
from tests.statements import statements_of

OTHER = 77  # a county of which only its share is seen here


@pytest.fixture
def rows(database, nine):
    made = county_with_roads()
    with db.writing() as session:
        session.add(Tenant(id=OTHER, code="other", name="邻县", created_at=clock.now()))
        session.flush()
        for trunk in session.exec(select(Trunk).order_by(col(Trunk.id))):
            if trunk.code.endswith("k1"):
                trunk.lane, trunk.lane_cap_g = "zj-rail", 12_000
                twin = {name: getattr(trunk, name) for name in Trunk.model_fields if name not in ("id", "code", "tenant_id")}
                session.add(Trunk(**twin, tenant_id=OTHER, code="other-k1"))
            session.add(trunk)
    return made


def orders(rows, n):
    with db.writing() as session:
        for _ in range(n):
            ship(session, rows, sold(session, rows, "tomato", 1))


def plan(rows):
    with db.writing() as session:
        return plan_day(session, rows.county, DAY)


def shares(day=DAY):
    with db.reading() as session:
        found = session.exec(select(LaneShare).where(LaneShare.day == day).order_by(col(LaneShare.tenant_id))).all()
        return {s.tenant_id: s for s in found}, session.get(LaneDay, ("zj-rail", day))


def sent_by_lane(rows):
    with db.reading() as session:
        lane = session.exec(select(Trunk.id).where(Trunk.lane == "zj-rail", Trunk.tenant_id == rows.id)).one()
        cutoff = session.exec(select(Trunk.dep_min).where(Trunk.id == lane)).one()
        return sum(session.exec(select(Parcel.grams).where(Parcel.trunk_id == lane, Parcel.trunk_at == clock.on(DAY, cutoff))).all())


def test_a_county_that_feeds_no_lane_asks_nothing(database, nine):
    county_with_roads()
    assert statements_of(settle_lanes) == 1
    assert shares() == ({}, None)


def test_a_new_day_of_a_lane_is_split_evenly_and_a_plan_keeps_within_its_share(rows):
    settle_lanes()
    known, day = shares()
    assert (day.cap_g, day.fen_per_kg, day.round) == (12_000, 0, 0)
    assert {t: s.share_g for t, s in known.items()} == {rows.id: 6000, OTHER: 6000}
    orders(rows, 6)
    made = plan(rows)
    grams = sent_by_lane(rows)
    assert 0 < grams <= 6000
    assert made.unplaced == 0, "the others go by the county's own trunk"
    mine = shares()[0][rows.id]
    assert (mine.planned_g, mine.heard) == (grams, True)
    assert mine.wanted_g > 6000, "it would have sent more at this price"


def test_what_counties_want_moves_the_price_and_the_shares_and_nobody_loses_what_it_planned(rows):
    settle_lanes()
    orders(rows, 6)
    plan(rows)
    with db.writing() as session:  # the other county sends a little
        session.exec(update(LaneShare).where(LaneShare.tenant_id == OTHER).values(planned_g=300, wanted_g=300, heard=True))
    wanted = sum(s.wanted_g for s in shares()[0].values())
    assert settle_lanes() >= 1
    known, day = shares()
    assert day.round == 1
    assert (day.fen_per_kg > 0) == (wanted > 12_000)
    assert known[rows.id].share_g > 6000, "who wants more gets what the other leaves"
    assert known[OTHER].share_g >= 300
    assert sum(s.share_g for s in known.values()) <= 12_000
    assert settle_lanes() == 0, "without news there is no round"


def test_the_lanes_price_is_in_the_plans_cost(rows):
    settle_lanes()
    orders(rows, 1)
    free = plan(rows).cost_fen
    with db.writing() as session:
        session.exec(update(LaneDay).values(fen_per_kg=25.0))
    grams = sent_by_lane(rows)
    assert grams
    assert 0 < plan(rows).cost_fen - free <= round(25 * grams / 1000) + 1, "it pays the price, or goes another way that costs less"


def test_a_share_that_was_cut_while_the_plan_was_solved_is_not_passed(rows, monkeypatch):
    settle_lanes()
    orders(rows, 3)
    from fulfillment.batching import service

    real = service.keep_within

    def cut_first(session, *more):
        session.exec(update(LaneShare).where(LaneShare.tenant_id == rows.id, LaneShare.day == DAY).values(share_g=1))
        return real(session, *more)

    monkeypatch.setattr(service, "keep_within", cut_first)
    with pytest.raises(RoadsMoved):
        plan(rows)
    with db.reading() as session:
        assert session.exec(select(BatchPlan)).all() == []
    assert shares()[0][rows.id].planned_g == 0


def test_the_next_day_of_a_lane_begins_with_its_last_price(rows):
    settle_lanes()
    with db.writing() as session:
        session.exec(update(LaneDay).where(LaneDay.day == DAY).values(fen_per_kg=12.5))
        session.exec(LaneShare.__table__.delete().where(LaneShare.day > DAY))
        session.exec(LaneDay.__table__.delete().where(LaneDay.day > DAY))
    settle_lanes()
    with db.reading() as session:
        assert set(session.exec(select(LaneDay.fen_per_kg)).all()) == {12.5}


def test_what_was_planned_before_the_lane_was_shared_is_kept(database, nine):
    made = county_with_roads()
    orders(made, 4)
    plan(made)
    with db.writing() as session:
        trunk = session.exec(select(Trunk).where(Trunk.tenant_id == made.id).order_by(col(Trunk.id))).first()
        trunk.lane, trunk.lane_cap_g = "zj-rail", 100
        session.add(trunk)
    grams = sent_by_lane(made)
    settle_lanes()
    assert shares()[0][made.id].share_g == shares()[0][made.id].planned_g == grams > 100
