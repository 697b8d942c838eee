"""The small county with its roads open, ready to be bought from, and browsers signed in to it."""

from collections.abc import Callable
from itertools import count

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from core import db
from core.auth.service import grant, start_session
from core.settings import settings
from shop.app import create_app
from shop.search import service as search
from tests.county import SmallCounty
from tests.documented import watched
from tests.shop.buying import county_with_roads
from tests.shop.selling import make_user

SignIn = Callable[[str, str, str], TestClient]


@pytest.fixture
def county(session: Session) -> SmallCounty:
    """In the test's own writing transaction."""
    return county_with_roads(session)


@pytest.fixture
def county_rows(database: str) -> SmallCounty:
    """Committed, for tests that open several transactions."""
    with db.writing() as session:
        return county_with_roads(session)


@pytest.fixture
def signed_in(county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> SignIn:
    """A browser signed in as somebody with one role: `signed_in("master", "station", "sm-gejia")`."""
    monkeypatch.setattr(settings, "demo", True)
    search.rebuild()
    app, phones = create_app(), count(13900000000)

    def client(role: str, kind: str, code: str) -> TestClient:
        with db.writing() as session:
            user = make_user(session, str(next(phones)), "葛站长")
            grant(session, user, role, tenant_id=county_rows.id, scope_kind=kind, scope_code=code)
            _, token = start_session(session, tenant_id=county_rows.id, user=user, staff=True)
        return watched(TestClient(app, cookies={"sid": token}, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False))

    return client
