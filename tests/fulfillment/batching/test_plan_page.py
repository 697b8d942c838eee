"""A plan has a page and its JSON: what it placed, what it cost, and for each line why that means carries it."""

import pytest
from sqlmodel import select

from core import db
from core.tasks import drain
from fulfillment.batching import tasks
from fulfillment.batching.child import SolverFailed, means_apart
from fulfillment.batching.means_words import told_means
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.queries import left_over
from fulfillment.batching.service import ask_plan, plan_day
from fulfillment.batching.township_means import told_townships
from fulfillment.network.models import Line, StopTime, Trip
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in
from tests.statements import statements_of


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    import shop.wiring  # noqa: F401 - who answers what

    return county_with_roads()


def test_every_line_of_a_plan_says_its_means_and_why(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
        packed(session, rows, "bamboo")
        ask_plan(session, rows.county, DAY)
    drain()
    with db.reading() as session:
        code = session.exec(select(BatchPlan.code)).one()
    desk = signed_in(rows, "dispatcher")
    told = desk.get(f"/api/v1/plans/{code}").json()["means"]
    assert {(row["line"], row["means"], row["parcels"], row["reason"]) for row in told} == {
        (line.code, "passenger", 1, "only") for line in rows.lines
    }
    page = desk.get(f"/ops/plans/{code}").text
    assert "这条路只有客车走" in page and "排上" in page
    assert f"/ops/plans/{code}" in desk.get(f"/ops?day={DAY}").text
    assert signed_in(rows, "admin").get(f"/ops/plans/{code}").status_code == 200
    assert desk.get("/ops/plans/B0").status_code == 404


def test_a_plan_that_cannot_be_explained_is_a_plan_all_the_same(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    from fulfillment.batching import child

    solve = child._apart

    def fails(work: str, *asked: object, within: float) -> object:
        if work == "means":
            raise SolverFailed("x")
        return solve(work, *asked, within=within)

    monkeypatch.setattr(child, "_apart", fails)
    assert tasks.means_apart is means_apart
    with db.writing() as session:
        packed(session, rows)
        ask_plan(session, rows.county, DAY)
    drain()
    with db.reading() as session:
        plan = session.exec(select(BatchPlan)).one()
        assert (plan.placed, plan.facts["means"]) == (1, [])


def test_every_township_says_by_which_means_it_is_served_which_was_chosen_and_why(rows: SmallCounty) -> None:
    with db.writing() as session:
        van = Line(tenant_id=rows.id, code="sm-m1", number="邮1", name="山里邮路", kind="mail", mode="road", fee_fen=400, close_min=3)
        session.add(van)
        session.flush()
        trip, (first, last) = rows.trips[-1], (rows.stations[2].node_id, rows.hub.id or 0)
        run = Trip(
            tenant_id=rows.id, code="sm-m1-1", line_id=van.id or 0, calendar_id=trip.calendar_id, vehicle_id=trip.vehicle_id, direction="in"
        )
        session.add(run)
        session.flush()
        session.add_all(
            StopTime(trip_id=run.id or 0, position=n, tenant_id=rows.id, node_id=node, arr_min=900 + 30 * n, dep_min=900 + 30 * n)
            for n, node in enumerate((first, last))
        )
        session.flush()
        open_days(session, rows.county, DAY, DAY)
        for name in ("tomato", "tomato-small", "bamboo"):
            packed(session, rows, name)
        code = plan_day(session, rows.county, DAY).code
    desk = signed_in(rows, "dispatcher")
    east, west = desk.get(f"/api/v1/plans/{code}").json()["townships"]
    assert (east["township"], east["parcels"], [m["means"] for m in east["means"]]) == ("东镇", 2, ["passenger"])
    assert (west["township"], west["parcels"], [m["means"] for m in west["means"]]) == ("西镇", 1, ["passenger", "post"])
    assert [(m["parcels"], m["line"]) for m in west["means"]] == [(1, rows.lines[1].code), (0, None)]
    assert west["means"][1]["runs"] == 1 < west["means"][0]["runs"]
    chosen = [m for t in (east, west) for m in t["means"] if m["parcels"]]
    assert all(m["words"] and m["reason"] for m in chosen)
    page = desk.get(f"/ops/plans/{code}").text
    assert "每个乡镇怎么走" in page and "邮车 当天 1 班，没有用" in page


def test_the_plans_page_costs_the_same_statements_however_many_parcels(rows: SmallCounty) -> None:
    costs = []
    for more in (1, 6):
        with db.writing() as session:
            for _ in range(more):
                packed(session, rows)
            plan = plan_day(session, rows.county, DAY)
            costs.append(
                statements_of(
                    lambda session=session, plan=plan: (told_townships(session, plan, told_means(session, plan)), left_over(session, plan))
                )
            )
    assert costs == [4, 4]
