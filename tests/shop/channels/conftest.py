import pytest
from fastapi.testclient import TestClient

from shop.app import create_app
from shop.search import service
from tests.county import SmallCounty
from tests.documented import watched


@pytest.fixture
def indexed(county_rows: SmallCounty) -> SmallCounty:
    """Committed, and searchable."""
    service.rebuild()
    return county_rows


@pytest.fixture
def client(indexed: SmallCounty) -> TestClient:
    return watched(TestClient(create_app(), raise_server_exceptions=True))
