"""Demo mode and a committed small county for tests of many at once."""

import pytest

import shop.wiring  # noqa: F401
from core import db
from core.settings import settings
from tests.county import SmallCounty, small_county
from tests.shop.buying import open_roads


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def county_rows(database: str) -> SmallCounty:
    with db.writing() as session:
        made = small_county(session)
        open_roads(session, made)
    return made
