from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from tests.core.auth.conftest import county, demo, person, sign_in, visit

__all__ = ["county", "demo", "person", "visit"]

ADMIN, MASTER = "13800138001", "13800138002"


@pytest.fixture
def desk(demo, visit, person, county) -> Callable[[str], TestClient]:
    """The browser of the admin (`desk("admin")`) or of 东镇驿站's master (`desk("master")`)."""
    person(ADMIN, ("admin", "county", ""))
    person(MASTER, ("master", "station", county.township_station.code))

    def at(role: str) -> TestClient:
        client = visit()
        assert sign_in(client, ADMIN if role == "admin" else MASTER).status_code == 303
        return client

    return at
