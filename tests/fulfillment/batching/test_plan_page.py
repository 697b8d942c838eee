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


def test_the_plans_page_costs_the_same_statements_however_many_parcels(rows: SmallCounty) -> None:
    costs = []
    for more in (1, 6):
        with db.writing() as session:
            for _ in range(more):
                packed(session, rows)
            plan = plan_day(session, rows.county, DAY)
            costs.append(statements_of(lambda session=session, plan=plan: (told_means(session, plan), left_over(session, plan))))
    assert costs == [2, 2]
