"""A run that was changed is one row until then and another from then on."""

from datetime import timedelta

from sqlmodel import Session, col, select

from fulfillment.timetable.models import Departure
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY


def test_departures_are_opened_only_on_days_their_row_stands_for(session: Session, county: SmallCounty) -> None:
    until, since, rest = county.trips[0], county.trips[1], county.trips[2]
    until.runs_until, since.runs_from = DAY + timedelta(days=4), DAY + timedelta(days=5)
    session.flush()
    open_days(session, county.county, DAY + timedelta(days=4), DAY + timedelta(days=5))
    late = select(Departure.trip_id, Departure.service_date).where(Departure.service_date > DAY + timedelta(days=3))
    days = {(trip, (day - DAY).days) for trip, day in session.exec(late.order_by(col(Departure.id))).all()}
    assert {(trip, n) for trip, n in days if trip in (until.id, since.id, rest.id)} == {
        (until.id, 4),
        (since.id, 5),
        (rest.id, 4),
        (rest.id, 5),
    }
