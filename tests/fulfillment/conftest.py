"""A small county whose clock stands at nine on a spring morning, with its departures open for the days to come."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from core import clock
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty, small_county
from tests.remembered import remembered

DAY = date(2026, 5, 20)
NINE = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def nine() -> Iterator[datetime]:
    with clock.at(NINE):
        yield NINE


def county_of_days(session: Session) -> SmallCounty:
    """The small county with the departures of DAY and the three days after it."""

    def made() -> SmallCounty:
        rows = small_county(session)
        open_days(session, rows.county, DAY, DAY + timedelta(days=3))
        session.flush()
        return rows

    return remembered(session, ("days",), made)


@pytest.fixture
def county(nine: datetime, session: Session) -> SmallCounty:
    return county_of_days(session)
