"""The small county with its roads open, ready to be bought from."""

import pytest
from sqlmodel import Session

from core import db
from tests.county import SmallCounty, small_county
from tests.shop.buying import open_roads


@pytest.fixture
def county(session: Session) -> SmallCounty:
    """In the test's own writing transaction."""
    made = small_county(session)
    open_roads(session, made)
    return made


@pytest.fixture
def county_rows(database: str) -> SmallCounty:
    """Committed, for tests that open several transactions."""
    with db.writing() as session:
        made = small_county(session)
        open_roads(session, made)
    return made
