import pytest

from core.permissions import Actor
from tests.county import SmallCounty


@pytest.fixture
def master(county: SmallCounty) -> Actor:
    return Actor(tenant_id=county.id, user_code="U1", grants=frozenset({("master", "station", "sm-gejia")}))
