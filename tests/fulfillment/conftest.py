"""A small county whose clock stands at nine on a spring morning, with its departures open for the days to come."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import Session

from core import clock
from fulfillment.timetable.service import open_days
from tests.county import SmallCounty, small_county

DAY = date(2026, 5, 20)
NINE = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


@pytest.fixture
def nine() -> Iterator[datetime]:
    with clock.at(NINE):
        yield NINE


@pytest.fixture
def county(nine: datetime, session: Session) -> SmallCounty:
    made = small_county(session)
    open_days(session, made.county, DAY, DAY + timedelta(days=3))
    session.flush()
    return made
