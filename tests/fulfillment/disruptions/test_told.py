"""Who hears of another day, and from whom: a plan of who is late without anybody's doing, a disruption of what it changed itself."""

from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlmodel import Session, col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, pii
from core.notify import install_sender
from core.outbox import Outbox
from core.tasks import drain
from fulfillment.batching.late import new_days
from fulfillment.batching.service import ask_plan, plan_day
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.disruptions.lifting import run_after_all
from fulfillment.promise.stamp import board_changed
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.disruptions.conftest import on
from tests.fulfillment.shipping import packed, person


class Mailbox:
    """A sender that keeps nothing: what is told is read from the outbox."""

    def send(self, phone: str, words: str, *, key: str) -> None:
        pass


@pytest.fixture(autouse=True)
def mailbox():  # type: ignore[no-untyped-def]
    install_sender(Mailbox())
    yield
    install_sender(None)


def owner(session: Session, code: str) -> Consignment:
    return session.exec(
        select(Consignment).join(Parcel, col(Parcel.consignment_id) == col(Consignment.id)).where(Parcel.code == code)
    ).one()


def said_to(code: str) -> list[str]:
    """What the buyer of a parcel was told, the first first."""
    with db.reading() as session:
        number = owner(session, code).code
        rows = session.exec(select(Outbox).where(Outbox.topic == "message.send").order_by(col(Outbox.id))).all()
        return [pii.unseal(row.payload["words"], row.payload["context"]) for row in rows if row.key.split(":")[1] == number]


def promise_earlier(session: Session, code: str, days: int = 1) -> None:
    """Its buyer was promised an earlier day than any road can hold."""
    parcel, consignment = session.exec(select(Parcel).where(Parcel.code == code)).one(), owner(session, code)
    parcel.due_at -= timedelta(days=days)
    if consignment.deliver_by is not None:
        consignment.deliver_by -= timedelta(days=days)
    session.add_all([parcel, consignment])
    session.flush()


def late_one(rows: SmallCounty) -> tuple[str, str]:
    """A packed parcel that no road brings in time, planned as an order of the dispatcher is; its code and its bus."""
    with db.writing() as session:
        code = packed(session, rows, "tomato", 1).code
        plan_day(session, rows.county, DAY)
        same_day = {d.code for d in session.exec(select(Departure).where(Departure.service_date == DAY))}
        assert {d.code for d in on(session, code)} <= same_day
        promise_earlier(session, code)
        ask_plan(session, rows.county, DAY)
    drain()
    with db.reading() as session:
        (run,) = on(session, code)
        return code, run.code


def cancel(rows: SmallCounty, run: str):  # type: ignore[no-untyped-def]
    seen = preview(rows.county, CancelDeparture(run))
    done = apply(rows.county, CancelDeparture(run, "大雾"), actor=person(rows, "dispatcher"), route=f"POST {run}")
    assert done == {"departure": run, **seen.figures()}, "who will be told is who is told"
    return seen, done


def test_a_plan_that_makes_somebody_late_tells_them_once_and_blames_no_bus(rows: SmallCounty) -> None:
    code, _ = late_one(rows)
    (words,) = said_to(code)
    assert words.startswith("您的包裹要晚些到，预计")
    with db.writing() as session:
        plan_day(session, rows.county, DAY)
        ask_plan(session, rows.county, DAY)
    drain()
    assert said_to(code) == [words], "the same day again is no news"
    with db.writing() as session:
        promise_earlier(session, code, -1)
        plan_day(session, rows.county, DAY)
    assert said_to(code)[1:] == [], "the day it was told is the day it comes"


def test_who_is_in_time_again_by_a_later_plan_hears_that_too(rows: SmallCounty) -> None:
    code, _ = late_one(rows)
    with db.writing() as session:
        consignment, parcel = owner(session, code), session.exec(select(Parcel).where(Parcel.code == code)).one()
        assert parcel.arrives_at
        assert consignment.told_day == clock.business_date(parcel.arrives_at)
        consignment.told_day += timedelta(days=1)  # as if the last plan had found no earlier road
        session.add(consignment)
        session.flush()
        plan_day(session, rows.county, DAY)
    assert said_to(code)[1].startswith("您的包裹能早些到，预计")


@pytest.mark.parametrize("heard", [True, False])
def test_who_was_late_before_a_cancellation_hears_nothing_of_it(rows: SmallCounty, heard: bool) -> None:
    code, run = late_one(rows)
    if not heard:  # as of plans before they told anybody
        with db.writing() as session:
            consignment = owner(session, code)
            consignment.told_day = None
            session.add(consignment)
    told = said_to(code)
    with db.reading() as session:
        before = session.exec(select(Parcel.arrives_at).where(Parcel.code == code)).one()
    seen, done = cancel(rows, run)
    assert (done["parcels"], done["moved"], done["late"], done["notified"]) == (1, 1, 1, 0)
    assert [(s.told, s.day) for s in seen.shifts] == [(None, None)]
    with db.reading() as session:
        assert session.exec(select(Parcel.arrives_at).where(Parcel.code == code)).one() == before, "the same trunk"
        assert [d.code for d in on(session, code)] != [run]
    assert said_to(code) == told
    if not heard:
        with db.writing() as session:
            plan_day(session, rows.county, DAY)
        assert said_to(code)[len(told) :][0].startswith("您的包裹要晚些到"), "the plan that finds it says so"


def test_who_was_late_and_comes_later_still_by_a_cancellation_hears_of_it_and_of_its_undoing(rows: SmallCounty) -> None:
    """With one that was in time: both are a day later by the cancellation, and both hear when that is undone."""
    late, run = late_one(rows)
    with db.writing() as session:
        punctual = packed(session, rows, "tomato", 1).code
        still = packed(session, rows, "bamboo", 1).code
        promise_earlier(session, still)
        plan_day(session, rows.county, DAY)
        assert [d.code for d in on(session, punctual)] == [run]
        elsewhere = {d.code for d in on(session, still)}
        assert run not in elsewhere
        for departure in session.exec(select(Departure).where(Departure.service_date == DAY)):
            if departure.code not in {run, *elsewhere}:
                departure.cap_g = 0
                session.add(departure)
        board_changed(session, rows.id)
    first = {code: said_to(code) for code in (late, punctual, still)}
    assert [len(said) for said in first.values()] == [1, 0, 1]
    seen, done = cancel(rows, run)
    assert done["notified"] == 2
    assert {s.parcel: (s.day - s.told).days for s in seen.shifts if s.day and s.told} == {late: 1, punctual: 1}
    assert ["停班" in said_to(code)[-1] for code in (late, punctual, still)] == [True, True, False]
    with db.writing() as session:
        run_after_all(session, rows.county, run, by="U1")
    drain()
    with db.reading() as session:
        assert [d.code for code in (late, punctual) for d in on(session, code)] == [run, run]
    assert [len(said_to(code)) - len(first[code]) for code in (late, punctual, still)] == [2, 2, 0], "only whose day changed back"
    assert said_to(late)[-1].split("预计")[1] == first[late][-1].split("预计")[1]


def test_a_deed_answers_only_for_a_day_beyond_the_told_one_and_the_one_before(rows: SmallCounty) -> None:
    with db.writing() as session:
        code = packed(session, rows, "tomato", 1).code
        promised = clock.business_date(owner(session, code).deliver_by or session.exec(select(Parcel.due_at)).one())

    @example(1, 1, 1)
    @example(0, 1, 1)
    @example(0, 2, 1)
    @example(1, 0, 1)
    @given(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4))
    def news(told: int, before: int, after: int) -> None:
        day = [promised + timedelta(days=n) for n in (told, before, after)]
        with db.writing() as session:
            consignment, parcel = owner(session, code), session.exec(select(Parcel)).one()
            consignment.told_day, parcel.arrives_at = day[0], clock.on(day[2], 600)
            session.add_all([consignment, parcel])
            session.flush()
            found = [(new.told, new.day) for new in new_days(session, [code], {consignment.id or 0: day[1]})]
        worse, better = after > max(told, before), after < min(told, before)
        assert found == ([(day[0], day[2])] if worse or better else [])

    news()
