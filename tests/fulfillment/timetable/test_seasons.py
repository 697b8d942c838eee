"""A line is opened and closed from day to day: what carries parcels is not closed over them, and what was closed can run again."""

from datetime import date, timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock, db
from core.audit import AuditEntry
from core.errors import Refused
from fulfillment.batching.service import plan_day
from fulfillment.network.models import ServiceCalendar, Trip
from fulfillment.timetable.models import Departure
from fulfillment.timetable.seasons import LineCarries, LineUnknown, rule_line, standing_lines
from fulfillment.timetable.service import cancel_departure, open_days
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
from tests.fulfillment.web import county_with_roads, signed_in

NEXT = DAY + timedelta(days=1)


def runs(session: Session, county: SmallCounty, day: date, line: int = 0) -> list[Departure]:
    query = select(Departure).where(Departure.line_id == county.lines[line].id, Departure.service_date == day)
    return list(session.exec(query.order_by(col(Departure.starts_at))))


def rule(session: Session, county: SmallCounty, first: date, last: date, *, opens: bool, line: int = 0) -> None:
    rule_line(session, county.county, county.lines[line].code, first, last, runs=opens, reason="杨梅收完了", by="U1")


def make_seasonal(session: Session, county: SmallCounty) -> None:
    """The second line becomes a bayberry line, out of season in May, none of its days opened yet."""
    calendar = ServiceCalendar(
        tenant_id=county.id,
        code="sm-bayberry",
        weekdays=127,
        starts_on=date(2024, 1, 1),
        ends_on=date(2099, 12, 31),
        seasons=[[6, 10, 7, 5]],
    )
    session.add(calendar)
    session.flush()
    for trip in session.exec(select(Trip).where(Trip.line_id == county.lines[1].id)):
        trip.calendar_id = calendar.id or 0
        session.add(trip)
    session.flush()


def test_a_closed_line_does_not_run_on_days_opened_before_or_after(session: Session, county: SmallCounty) -> None:
    later = DAY + timedelta(days=5)
    rule(session, county, NEXT, later, opens=False)
    assert {run.status for run in runs(session, county, NEXT)} == {"cancelled"}
    assert {run.status for run in runs(session, county, DAY)} & {"open", "scheduled"}
    open_days(session, county.county, later, later + timedelta(days=1))
    assert runs(session, county, later) == []
    assert runs(session, county, later + timedelta(days=1))
    assert runs(session, county, later, line=1)


def test_a_line_with_parcels_aboard_is_not_closed_over_them(session: Session, county: SmallCounty) -> None:
    packed(session, county)
    plan_day(session, county.county, DAY)
    with pytest.raises(LineCarries):
        rule(session, county, DAY, NEXT, opens=False)
    assert "cancelled" not in {run.status for run in runs(session, county, DAY)}


def test_a_season_that_begins_early_is_opened_at_once(session: Session, county: SmallCounty) -> None:
    make_seasonal(session, county)
    day = DAY + timedelta(days=4)
    open_days(session, county.county, day, day)
    assert runs(session, county, day, line=1) == []
    rule(session, county, day, day + timedelta(days=30), opens=True, line=1)
    opened = runs(session, county, day, line=1)
    assert opened
    assert {run.status for run in opened} == {"scheduled"}
    assert open_days(session, county.county, day, day) == 0


def test_what_a_closing_struck_out_runs_again_when_the_line_is_opened_and_nothing_else_does(session: Session, county: SmallCounty) -> None:
    broken = runs(session, county, NEXT)[0]
    cancel_departure(session, county.id, broken.code, reason="车坏了", by="U1")
    rule(session, county, NEXT, NEXT, opens=False)
    rule(session, county, NEXT, NEXT, opens=True)
    session.expire_all()
    assert [run.status for run in runs(session, county, NEXT)] == ["cancelled", *["scheduled"] * (len(runs(session, county, NEXT)) - 1)]
    assert {run.note for run in runs(session, county, NEXT)} == {"车坏了", ""}


def test_the_newest_ruling_of_a_day_counts(session: Session, county: SmallCounty) -> None:
    far = DAY + timedelta(days=20)
    rule(session, county, far, far + timedelta(days=9), opens=False)
    rule(session, county, far + timedelta(days=3), far + timedelta(days=3), opens=True)
    open_days(session, county.county, far, far + timedelta(days=4))
    assert [bool(runs(session, county, far + timedelta(days=n))) for n in range(5)] == [False, False, False, True, False]


def test_who_ruled_and_why_is_in_the_audit(session: Session, county: SmallCounty) -> None:
    rule(session, county, NEXT, NEXT, opens=False)
    entry = session.exec(select(AuditEntry).where(AuditEntry.act == "line.close")).one()
    assert (entry.actor, entry.subject, entry.reason) == ("U1", county.lines[0].code, "杨梅收完了")


@pytest.mark.parametrize(("first", "last"), [(-1, 3), (3, 2), (0, 400)])
def test_impossible_days_are_refused(session: Session, county: SmallCounty, first: int, last: int) -> None:
    with pytest.raises(Refused):
        rule(session, county, DAY + timedelta(days=first), DAY + timedelta(days=last), opens=False)
    with pytest.raises(LineUnknown):
        rule_line(session, county.county, "sm-l99", DAY, DAY, runs=True, reason="试", by="U1")


def test_the_list_says_when_a_line_runs_in_plain_words(session: Session, county: SmallCounty) -> None:
    make_seasonal(session, county)
    (standing,) = standing_lines(session, county.id)
    assert (standing.words, standing.today, standing.following) == ("每年 6 月 10 日到 7 月 5 日", False, date(2026, 6, 10))


@pytest.fixture
def rows(database: str, nine) -> SmallCounty:
    return county_with_roads()


def test_the_page_shows_planned_parcels_first_and_keeps_what_was_typed(rows: SmallCounty) -> None:
    with db.writing() as session:
        packed(session, rows)
        plan_day(session, rows.county, DAY)
    desk, code = signed_in(rows, "dispatcher"), rows.lines[0].code
    form = {"form_key": "k1", "starts": DAY.isoformat(), "ends": NEXT.isoformat(), "reason": "歇季", "act": "close"}
    answer = desk.post(f"/ops/lines/{code}/rulings", data=form)
    assert answer.status_code == 422
    assert "已经排上货" in answer.text
    assert 'value="歇季"' in answer.text
    assert "/cancellation" in answer.text
    with db.reading() as session:
        assert "cancelled" not in {run.status for run in runs(session, rows, NEXT)}


def test_a_line_is_closed_on_the_page_once_however_often_the_form_is_sent(rows: SmallCounty) -> None:
    desk, code = signed_in(rows, "dispatcher"), rows.lines[1].code
    form = {"form_key": "k2", "starts": NEXT.isoformat(), "ends": NEXT.isoformat(), "reason": "歇季", "act": "close"}
    for _ in range(2):
        assert desk.post(f"/ops/lines/{code}/rulings", data=form).status_code == 303
    with db.reading() as session:
        assert {run.status for run in runs(session, rows, NEXT, line=1)} == {"cancelled"}
        assert len(session.exec(select(AuditEntry).where(AuditEntry.act == "line.close")).all()) == 1
    assert "歇季" in desk.get("/ops/lines").text
    assert desk.get("/ops/lines/nobody").status_code == 404


@pytest.mark.parametrize(
    ("field", "typed"), [("starts", "明天"), ("ends", ""), ("ends", "2026-05-01"), ("reason", ""), ("reason", "长" * 300)]
)
def test_a_ruling_that_cannot_be_taken_names_its_field(rows: SmallCounty, field: str, typed: str) -> None:
    form = {"form_key": "k3", "starts": NEXT.isoformat(), "ends": NEXT.isoformat(), "reason": "歇季", "act": "close", field: typed}
    answer = signed_in(rows, "dispatcher").post(f"/ops/lines/{rows.lines[1].code}/rulings", data=form)
    assert answer.status_code == 422
    assert f'id="e-{field}"' in answer.text
    assert clock.today() == DAY
