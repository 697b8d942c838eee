"""Two people at one refusal at once: it is undone once, who was second is told so plainly, and every parcel is still there once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

import pytest
from sqlmodel import select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.errors import JishiError
from fulfillment.disruptions import deed
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import Incident, RefuseBoxes
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.refusals import TakeAfterAll, refusals_of
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE
from tests.fulfillment.disruptions.accounting import account
from tests.fulfillment.disruptions.conftest import do, on
from tests.fulfillment.shipping import person
from tests.fulfillment.web import signed_in


@pytest.fixture
def refused(rows: SmallCounty, two: tuple[str, str, str]) -> tuple[str, str]:
    """A parcel and the departure that did not take it."""
    parcel, _, run = two
    do(rows, RefuseBoxes(run, 0, (parcel,), "装不下这件"))
    return parcel, run


@pytest.fixture
def together(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """So many have found their new roads before the first of them writes any."""

    def wait_for(people: int) -> None:
        gate, lock, solve, solved = Barrier(people), Lock(), deed._solve, []

        def both(*args):  # type: ignore[no-untyped-def]
            found = solve(*args)
            with lock:
                solved.append(1)
                first = len(solved) <= people
            if first:
                gate.wait(60)
            return found

        monkeypatch.setattr(deed, "_solve", both)

    return wait_for


def at_once(county: SmallCounty, *deeds: tuple[str, Incident]) -> list[str]:
    """Who does what, each in a thread of their own; what each is told, in order of the deeds."""

    def one(n: int) -> str:
        (role, incident), scope = deeds[n], ("line", county.lines[0].code) if deeds[n][0] == "driver" else ("county", "")
        with clock.at(NINE):
            try:
                apply(county.county, incident, actor=person(county, role, *scope), route=f"POST {n}", key=f"k{n}")
            except JishiError as refused:
                return refused.code if refused.detail and 400 <= refused.status < 500 else repr(refused)
            return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(one, range(len(deeds))))


def nothing_lost(two: tuple[str, str, str]) -> None:
    with db.reading() as session:
        account(session, {two[0], two[1]})


def test_three_people_undo_one_refusal_at_once_and_one_of_them_does(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str], together: Callable[[int], None]
) -> None:
    parcel, run = refused
    together(3)
    said = at_once(rows, *((role, TakeAfterAll(run, parcel)) for role in ("driver", "dispatcher", "admin")))
    assert sorted(said) == ["already_lifted", "already_lifted", "done"]
    with db.reading() as session:
        assert [d.code for d in on(session, parcel)] == [run]
        row = session.exec(select(Disruption).where(Disruption.kind == "refused")).one()
        assert (row.outcome, row.closed_by) == ("改为收下了", ("UDRIVER", "UDISPATCHER", "UADMIN")[said.index("done")])
        assert refusals_of(session, rows.id, run) == []
    nothing_lost(two)


def test_three_browsers_undo_it_at_once_and_two_read_that_it_is_done(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    parcel, run = refused
    with db.reading() as session:
        (refusal,) = refusals_of(session, rows.id, run)
    desk, other, driver = (*(signed_in(rows, "dispatcher") for _ in range(2)), signed_in(rows, "driver", "line", rows.lines[0].code))
    gate = Barrier(3)
    deeds = (
        lambda: desk.post(f"/api/v1/refusals/{refusal.code}/withdrawal", headers={"Idempotency-Key": "a"}),
        lambda: other.post(f"/ops/refusals/{refusal.code}/withdrawal", data={"form_key": "b"}),
        lambda: driver.post(f"/driver/refusals/{refusal.code}/withdrawal", data={"form_key": "c", "stop": "0"}),
    )

    def one(n: int) -> tuple[int, str]:
        with clock.at(NINE):
            gate.wait(60)
            answer = deeds[n]()
            return answer.status_code, answer.text

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(one, range(3)))
    late = [text for status, text in answers if status == 409]
    assert len(late) == 2, answers
    assert all("已经改为收下了" in text for text in late)
    assert [status in (200, 303) for status, _ in answers].count(True) == 1
    with db.reading() as session:
        assert [d.code for d in on(session, parcel)] == [run]
    nothing_lost(two)


def test_one_undoes_it_while_the_other_refuses_it_again_and_what_is_kept_is_what_is_planned(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str]
) -> None:
    parcel, run = refused
    for _ in range(3):
        said = at_once(rows, ("dispatcher", TakeAfterAll(run, parcel)), ("driver", RefuseBoxes(run, 0, (parcel,), "还是装不下")))
        assert said[0] in ("done", "already_lifted")
        assert said[1] == "done"
        with db.reading() as session:
            kept_off = [r.parcel for r in refusals_of(session, rows.id, run)] == [parcel]
            assert ([d.code for d in on(session, parcel)] == [run]) is not kept_off
        nothing_lost(two)


def test_two_who_undo_two_refusals_of_one_departure_both_do(
    rows: SmallCounty, two: tuple[str, str, str], refused: tuple[str, str], together: Callable[[int], None]
) -> None:
    parcel, run = refused
    do(rows, RefuseBoxes(run, 0, (two[1],), "这件也装不下"))
    together(2)
    assert at_once(rows, ("driver", TakeAfterAll(run, parcel)), ("dispatcher", TakeAfterAll(run, two[1]))) == ["done", "done"]
    with db.reading() as session:
        assert [[d.code for d in on(session, code)] for code in two[:2]] == [[run], [run]]
        assert refusals_of(session, rows.id, run) == []
    nothing_lost(two)
