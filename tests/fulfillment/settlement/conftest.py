import pytest
from sqlmodel import Session

from tests.county import SmallCounty, small_county


@pytest.fixture
def county(session: Session) -> SmallCounty:
    return small_county(session)
