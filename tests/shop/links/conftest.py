from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from core import clock, db, pii
from core.auth import service as people
from core.auth.models import User
from core.codes import new_code
from core.settings import settings
from shop.app import create_app
from shop.search import service as search
from tests.county import SmallCounty

Client = Callable[[str, str, str], TestClient]


def user_with(session: Session, county: SmallCounty, role: str, kind: str, code: str, phone: str) -> User:
    made = User(
        code=new_code("U"), name="葛站长", phone_sealed=pii.seal(phone, "t"), phone_index=pii.blind_index(phone), created_at=clock.now()
    )
    session.add(made)
    session.flush()
    people.grant(session, made, role, tenant_id=county.id, scope_kind=kind, scope_code=code)
    return made


@pytest.fixture
def signed_in(county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A browser signed in as somebody with one role."""
    monkeypatch.setattr(settings, "demo", True)
    search.rebuild()
    app = create_app()

    def client(role: str, kind: str, code: str) -> TestClient:
        with db.writing() as session:
            user = user_with(session, county_rows, role, kind, code, f"139{abs(hash((role, code))) % 10**8:08d}")
            _, token = people.start_session(session, tenant_id=county_rows.id, user=user, staff=True)
        return TestClient(app, cookies={"sid": token}, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)

    return client
