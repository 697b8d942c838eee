"""Turnover boxes are coded, always somewhere, and go back where they run short."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import Session, select

from core import clock, db
from core.errors import Refused
from fulfillment.batching.service import plan_day
from fulfillment.boxes.balance import Return, Run, returns, shortages
from fulfillment.boxes.models import Box
from fulfillment.boxes.queries import balance
from fulfillment.boxes.service import BoxUnknown, move_box, register_boxes
from fulfillment.custody.models import Scan
from fulfillment.timetable.service import cancel_departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import bus, packed, person
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of


def test_the_same_scan_twice_moves_once(session: Session, county: SmallCounty) -> None:
    (box,) = register_boxes(session, county.hub.code, 1, tenant_id=county.id)
    run = bus(session, county)
    told = [move_box(session, person(county, "dispatcher"), box.code, run.code, key="s1").result for _ in range(2)]
    assert (told, box.place) == (["accepted", "duplicate"], run.code)
    assert len(session.exec(select(Scan).where(Scan.box == box.code)).all()) == 1


def test_a_box_is_where_it_was_seen_last_and_nowhere_unknown(session: Session, county: SmallCounty) -> None:
    (box,) = register_boxes(session, county.hub.code, 1, tenant_id=county.id)
    there, desk = county.stations[0].code, person(county, "dispatcher")
    move_box(session, desk, box.code.lower(), there, key="s1")
    assert box.place == there
    run = bus(session, county)
    cancel_departure(session, county.id, run.code, reason="雾", by="U1")
    for bad in ("", "nowhere", run.code):
        with pytest.raises(Refused):
            move_box(session, desk, box.code, bad, key="s2")
    for code in ("X0", "X0000000000000"):
        with pytest.raises(BoxUnknown):
            move_box(session, desk, code, there, key="s3")
    with pytest.raises(Refused):
        move_box(session, replace(desk, tenant_id=county.id + 1), box.code, there, key="s4")
    assert box.place == there


@pytest.mark.parametrize(("node", "count", "tier"), [("nowhere", 1, "ambient"), ("sm-hub", 0, "ambient"), ("sm-hub", 501, "ambient"), ("sm-hub", 1, "hot")])  # fmt: skip
def test_what_cannot_be_registered_is_refused(session: Session, county: SmallCounty, node: str, count: int, tier: str) -> None:
    with pytest.raises(Refused):
        register_boxes(session, node, count, tenant_id=county.id, tier=tier)
    assert session.exec(select(Box)).all() == []


def test_where_boxes_run_short_the_next_run_with_room_brings_them(session: Session, county: SmallCounty) -> None:
    register_boxes(session, county.hub.code, 5, tenant_id=county.id)
    packed(session, county)
    plan_day(session, county.county, DAY)
    told = balance(session, county.id)
    here = county.stations[0]
    assert [(s.node, s.boxes, s.lacking) for s in told.stands] == [(here.code, 0, 1), (county.hub.code, 5, 0)]
    ((back, ride, _, name),) = told.returns
    assert (back.origin, back.target, back.boxes, name) == (county.hub.code, here.code, 1, here.name)
    assert clock.local(ride.calls[0].leaves_at).hour == 10, "the next bus out"


def test_a_box_that_nobody_saw_for_a_week_is_looked_for(session: Session, county: SmallCounty, nine: datetime) -> None:
    away, _home = register_boxes(session, county.hub.code, 2, tenant_id=county.id)
    move_box(session, person(county, "dispatcher"), away.code, county.stations[0].code, key="s1")
    assert balance(session, county.id).lost == []
    with clock.at(nine + timedelta(days=8)):
        assert [lost.code for lost in balance(session, county.id).lost] == [away.code]


NODES = st.sampled_from(["a", "b", "c"])
STOCK = st.dictionaries(st.tuples(NODES, st.sampled_from(["ambient", "chilled"])), st.integers(0, 9))
RUNS = st.lists(st.tuples(st.permutations(["a", "b", "c"]), st.lists(st.integers(0, 6), min_size=2, max_size=2)), max_size=5)


@given(STOCK, STOCK, RUNS)
def test_returns_take_only_what_is_spare_bring_only_what_is_short_and_fit(have, need, drawn) -> None:
    runs = [
        Run(f"r{n}", frozenset({"ambient"}), [(node, i * 10.0, i * 10.0) for i, node in enumerate(nodes)], room)
        for n, (nodes, room) in enumerate(drawn)
    ]
    found = returns(have, need, runs)
    lack = shortages(have, need)
    for key in have.keys() | need.keys():
        out = sum(r.boxes for r in found if (r.origin, r.tier) == key)
        came = sum(r.boxes for r in found if (r.target, r.tier) == key)
        assert out <= max(0, have.get(key, 0) - need.get(key, 0))
        assert came <= lack.get(key, 0)
    for run in runs:
        order = [node for node, _, _ in run.calls]
        for stretch, most in enumerate(run.room):
            rides = [r for r in found if r.run == run.code and order.index(r.origin) <= stretch < order.index(r.target)]
            assert sum(r.boxes for r in rides) <= most
    assert all(r.tier == "ambient" and r.boxes > 0 for r in found)


def test_what_one_run_cannot_bring_the_next_does() -> None:
    runs = [Run(f"r{n}", frozenset({"ambient"}), [("a", n, n), ("b", n + 5, n + 5)], [2]) for n in (0.0, 10.0)]
    found = returns({("a", "ambient"): 9}, {("b", "ambient"): 3}, runs)
    assert found == [Return("r0.0", "ambient", "a", "b", 2), Return("r10.0", "ambient", "a", "b", 1)]


def cost(rows: SmallCounty) -> int:
    with db.reading() as session:
        balance(session, rows.id)
        return statements_of(lambda: balance(session, rows.id))


def test_the_page_registers_moves_and_counts(database: str, nine: datetime) -> None:
    rows = county_with_roads()
    desk = signed_in(rows, "dispatcher")
    assert "还没有登记周转箱" in desk.get("/ops/boxes").text
    form = {"form_key": "k1", "node": rows.hub.code, "tier": "ambient", "count": "3"}
    assert [desk.post("/ops/boxes", data=form).status_code for _ in range(2)] == [303, 303]
    with db.reading() as session:
        codes = session.exec(select(Box.code)).all()
    assert len(codes) == 3, "a double tap registers once"
    assert desk.post("/ops/boxes/moves", data={"form_key": "k2", "code": codes[0], "target": "sm-gejia"}).status_code == 303
    assert "葛家驿站" in desk.get("/ops/boxes").text
    few = cost(rows)
    assert desk.post("/ops/boxes", data={**form, "form_key": "k5", "node": "sm-haitou", "count": "50"}).status_code == 303
    assert cost(rows) == few
    wrong = desk.post("/ops/boxes/moves", data={"form_key": "k3", "code": codes[0], "target": "<b>"})
    assert wrong.status_code == 422 and "没有这个站" in wrong.text
    assert desk.post("/ops/boxes/moves", data={"form_key": "k4", "code": "X0", "target": "sm-gejia"}).status_code == 404
    assert "登记新箱" not in signed_in(rows, "admin").get("/ops/boxes").text
