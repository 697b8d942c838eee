"""Which sailings weather stops: by each line's own wind and visibility, while they are under way, and only in the report's area."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from fulfillment.timetable.models import Departure, WeatherReport
from fulfillment.timetable.service import cancel_departure, follow_the_clock
from fulfillment.timetable.weather import (
    Danger,
    Limits,
    danger,
    sailings_over_threshold,
    threatened_sailings,
    threatened_trunks,
    trunks_over_threshold,
)
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY


def report(county: SmallCounty, first: int, last: int, **more: object) -> WeatherReport:
    """From minute `first` until minute `last` of the day."""
    facts = {"area": "", "wind": None, "visibility_m": None, "reported_by": "U1", "reported_at": clock.now(), **more}
    return WeatherReport(tenant_id=county.id, code=new_code("W"), starts_at=clock.on(DAY, first), ends_at=clock.on(DAY, last), **facts)


def bind(session: Session, county: SmallCounty, **limits: object) -> None:
    """The county's first line becomes one that minds the weather."""
    for name, value in limits.items():
        setattr(county.lines[0], name, value)
    session.add(county.lines[0])
    session.flush()


def sailings(session: Session, county: SmallCounty) -> list[Departure]:
    query = select(Departure).where(Departure.line_id == county.lines[0].id, Departure.service_date == DAY)
    return list(session.exec(query.order_by(col(Departure.starts_at))))


@pytest.mark.parametrize(
    ("limits", "wind", "sight", "told"),
    [
        (Limits(7, None), 8, None, Danger.OVER),
        (Limits(7, None), 7, None, Danger.RISK),  # the wind it bears, and no more
        (Limits(7, None), 6, 0, Danger.NONE),
        (Limits(None, 1000), 12, 999, Danger.OVER),
        (Limits(None, 1000), None, 1000, Danger.RISK),
        (Limits(None, 1000), None, 1500, Danger.NONE),
        (Limits(7, 1000), 3, 400, Danger.OVER),  # one limit is enough
        (Limits(None, None), 17, 0, Danger.NONE),
    ],
)
def test_a_line_stops_above_its_wind_or_below_its_visibility(limits: Limits, wind: int | None, sight: int | None, told: Danger) -> None:
    assert danger(limits, wind, sight) is told


def test_sailings_under_way_during_the_report_are_named_and_no_others(session: Session, county: SmallCounty) -> None:
    bind(session, county, max_wind=7)
    runs = sailings(session, county)
    third = runs[2]
    first = int((clock.local(third.starts_at) - clock.local(clock.midnight(DAY))).total_seconds()) // 60
    length = int((third.ends_at - third.starts_at).total_seconds()) // 60
    assert sailings_over_threshold(session, county.id, report(county, first + length - 1, first + length, wind=8)) == [third.code]
    assert sailings_over_threshold(session, county.id, report(county, first + length, first + length + 1, wind=8)) == []
    assert sailings_over_threshold(session, county.id, report(county, first + length - 1, first + length, wind=7)) == []


def test_a_late_sailing_is_looked_for_where_it_runs_now(session: Session, county: SmallCounty) -> None:
    bind(session, county, max_wind=7)
    last = sailings(session, county)[-1]
    blow = WeatherReport(
        tenant_id=county.id, code=new_code("W"), wind=9, starts_at=last.ends_at + timedelta(minutes=1),
        ends_at=last.ends_at + timedelta(minutes=30), reported_by="U1", reported_at=clock.now(),
    )  # fmt: skip
    assert sailings_over_threshold(session, county.id, blow) == []
    last.delay_min = 20
    session.add(last)
    session.flush()
    assert sailings_over_threshold(session, county.id, blow) == [last.code]


def test_what_is_at_sea_or_struck_out_is_not_named(session: Session, county: SmallCounty) -> None:
    bind(session, county, max_wind=7)
    follow_the_clock(session, county.id)
    session.expire_all()
    ashore = [run.code for run in sailings(session, county) if run.status in ("open", "closed")]
    assert 1 < len(ashore) < len(sailings(session, county))
    cancel_departure(session, county.id, ashore[0], reason="检修", by="U1")
    assert sailings_over_threshold(session, county.id, report(county, 0, 1440, wind=8)) == ashore[1:]


def test_a_report_of_one_area_leaves_other_waters_alone(session: Session, county: SmallCounty) -> None:
    bind(session, county, min_visibility_m=1000, area="东海道")
    assert sailings_over_threshold(session, county.id, report(county, 0, 1440, visibility_m=300, area="西海道")) == []
    named = sailings_over_threshold(session, county.id, report(county, 0, 1440, visibility_m=300, area="东海道"))
    assert named == sailings_over_threshold(session, county.id, report(county, 0, 1440, visibility_m=300))
    assert len(named) == len(sailings(session, county))


def test_sailings_at_their_limit_are_told_apart_from_those_over_it(session: Session, county: SmallCounty) -> None:
    bind(session, county, max_wind=7)
    found = threatened_sailings(session, county.id, report(county, 0, 1440, wind=7))
    assert {threat.danger for threat in found} == {Danger.RISK}
    assert len(found) == len(sailings(session, county))


def test_trunks_that_leave_in_the_report_stop_by_the_same_rule(session: Session, county: SmallCounty) -> None:
    trunk = county.trunks[0]
    trunk.max_wind = 8
    session.add(trunk)
    session.flush()
    around = (trunk.dep_min - 10, trunk.dep_min + 10)
    assert trunks_over_threshold(session, county.id, report(county, *around, wind=9)) == [(trunk.code, DAY)]
    assert trunks_over_threshold(session, county.id, report(county, trunk.dep_min + 1, trunk.dep_min + 10, wind=9)) == []
    assert [t.danger for t in threatened_trunks(session, county.id, report(county, *around, wind=8))] == [Danger.RISK]
