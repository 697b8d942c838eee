"""A small county with its doors open, on either database, and browsers to knock with."""

import re
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from fastapi.testclient import TestClient

from core import clock, db, tasks
from core.auth import second_factor, service
from core.auth.models import SecondFactor, User
from core.auth.passwords import hash_password
from core.settings import settings
from shop.app import create_app
from tests.county import SmallCounty, small_county
from tests.documented import watched

BROWSER = {"accept": "text/html", "sec-fetch-site": "same-origin"}
PASSWORD = "a long enough sentence"


@pytest.fixture
def county(database: str) -> SmallCounty:
    with db.writing() as session:
        return small_county(session)


@pytest.fixture
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", False)
    monkeypatch.setattr(settings, "base_url", "https://jishi.test")


Visit = Callable[..., TestClient]


@pytest.fixture
def visit(county: SmallCounty) -> Visit:
    """`visit()` is a new browser, `visit(program=True)` a client that reads JSON."""
    app = create_app()

    def opened(*, program: bool = False) -> TestClient:
        return watched(TestClient(app, base_url=settings.address, headers={} if program else BROWSER, follow_redirects=False))

    return opened


@pytest.fixture
def person(county: SmallCounty) -> Callable[..., User]:
    """`person("13911112222", ("master", "station", code))` with PASSWORD."""

    def made(phone: str, *grants: tuple[str, str, str]) -> User:
        with db.writing() as session:
            user = service.add_user(session, phone, "王站长", password_hash=hash_password(PASSWORD))
            for role, kind, code in grants:
                service.grant(session, user, role, tenant_id=county.id, scope_kind=kind, scope_code=code)
        return user

    return made


def sign_in(client: TestClient, phone: str, password: str = PASSWORD, **more: str):
    return client.post("/login", data={"phone": phone, "password": password, **more})


def code_sent(capsys: pytest.CaptureFixture[str]) -> str:
    """The six digits the console showed last."""
    tasks.drain()
    return re.findall(r"验证码 (\d{6})", capsys.readouterr().out)[-1]


def digits_of(user: User) -> str:
    """What the user's authenticator shows now."""
    with db.reading() as session:
        secret = second_factor._secret(session.get_one(SecondFactor, user.id), user)
    return TOTP(secret, 6, SHA1(), 30, enforce_key_length=False).generate(int(clock.now().timestamp())).decode()
