"""The database's calendars keep the days the profile's do, and days are opened by them."""

from datetime import date, timedelta

from sqlmodel import Session, col, select

from fulfillment.network.models import ServiceCalendar, StopTime
from fulfillment.network.service import load_network
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_days
from supply.counties.profile_rows import CalendarRow
from supply.counties.service import load_county
from supply.counties.service_days import Market, YearSpan
from tests.county import SmallCounty
from tests.supply.counties.conftest import shipped

YEAR = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def test_a_profile_and_the_database_agree_on_every_day_of_a_year(session: Session) -> None:
    profile = shipped("shengsi")
    plain = profile.calendars[0]
    odd = (
        plain._replace(code="ss-t1", seasons=(YearSpan((11, 20), (2, 10)),), also=(date(2026, 5, 1),), without=(date(2026, 12, 1),)),
        plain._replace(code="ss-t2", market=Market(True, (3, 8)), weekdays=(True,) * 6 + (False,)),
        plain._replace(code="ss-t3", every_days=5, months=(5, 6)),
    )
    profile = profile._replace(calendars=(*profile.calendars, *odd))
    loaded = load_county(session, profile, 7)
    load_network(session, profile, loaded.county.id)
    kept = {c.code: c for c in session.exec(select(ServiceCalendar))}
    rows: list[CalendarRow] = list(profile.calendars)
    for row in rows:
        assert [day for day in YEAR if runs_on(kept[row.code], day)] == [day for day in YEAR if row.runs_on(day)], row.code


def test_what_people_ruled_goes_before_the_season_but_not_before_the_rhythm() -> None:
    calendar = ServiceCalendar(
        tenant_id=1, code="c", weekdays=127, months=[*range(1, 13)], starts_on=date(2024, 1, 1), ends_on=date(2035, 12, 31), added=[],
        removed=[], seasons=[[6, 10, 7, 5]], market=[0, 5],
    )  # fmt: skip
    assert not runs_on(calendar, date(2026, 6, 5))  # before the season
    assert runs_on(calendar, date(2026, 6, 5), opened=True)
    assert not runs_on(calendar, date(2026, 6, 6), opened=True)  # no market day
    assert runs_on(calendar, date(2026, 6, 15))
    assert not runs_on(calendar, date(2026, 6, 15), opened=False)


def opened(session: Session, county: SmallCounty, day: date) -> list[Departure]:
    query = select(Departure).where(Departure.line_id == county.lines[0].id, Departure.service_date == day)
    return list(session.exec(query.order_by(col(Departure.starts_at))))


def test_at_the_peak_a_run_carries_passengers_only(session: Session, county: SmallCounty) -> None:
    """Runs that are not whole within 09:30–16:00 are opened without room for goods; the others keep theirs."""
    day = date(2026, 5, 30)
    line = county.lines[0]
    line.goods_windows = [[570, 960]]
    session.add(line)
    session.flush()
    open_days(session, county.county, day, day)
    ends = dict(session.exec(select(StopTime.trip_id, StopTime.arr_min).order_by(col(StopTime.trip_id), col(StopTime.position))).all())
    begins = dict(session.exec(select(StopTime.trip_id, StopTime.dep_min).where(StopTime.position == 0)).all())
    runs = opened(session, county, day)
    inside = {run.code for run in runs if begins[run.trip_id] >= 570 and ends[run.trip_id] <= 960}
    assert inside and len(inside) < len(runs)
    assert {run.code for run in runs if run.cap_g > 0} == inside
    assert {(run.cap_g, run.cap_ml, run.cap_boxes, run.cap_chilled_ml) for run in runs if run.code not in inside} == {(0, 0, 0, 0)}
