"""What a production process refuses to start with."""

import asyncio
import secrets

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core import db
from core.auth import service
from core.auth.passwords import choose_password, hash_password
from core.errors import Refused
from core.settings import settings
from shop import serve
from shop.demo.sign_ins import PASSWORD


@pytest.mark.parametrize(
    "secret",
    [
        "", "short", "a" * 40, "abcdefghij" * 4, "0123456789" * 5, "31415926535897932384626433832795028841", "Zx8-kQ2!pL" * 3 + "Zx8",
        "abcdefghijklmnopqrstuvwxyz0123456789", "9876543210zyxwvutsrqponmlkjihgfedcba", "changeme-" + "kXw3Qpz72hfBvM1aLk8Rt5Yu0oIe",
    ],
)  # fmt: skip
def test_a_secret_that_can_be_guessed_is_refused(secret):
    assert serve.is_weak(secret)


@pytest.mark.parametrize("make", [lambda: secrets.token_urlsafe(48), lambda: secrets.token_hex(32), lambda: secrets.token_urlsafe(24)])
def test_a_random_secret_is_accepted(make):
    assert not any(serve.is_weak(made) for made in (make() for _ in range(200)))


def test_the_demos_password_opens_no_production_whoever_still_has_it(database, monkeypatch):
    monkeypatch.setattr(settings, "demo", False)
    with db.writing() as session:
        user = service.add_user(session, "13800000012", "冯亚萍", password_hash=hash_password(PASSWORD))
    with pytest.raises(serve.NotAllowed, match="demonstration's data"):
        serve.refuse_demo_passwords()
    with db.writing() as session:
        session.merge(user).password_hash = hash_password("a sentence of their own")
    serve.refuse_demo_passwords()


def test_nobody_can_choose_the_demos_password():
    with pytest.raises(Refused):
        choose_password(PASSWORD)


@pytest.mark.parametrize(("address", "refused"), [(None, False), ("http://localhost:8000", False), ("https://shop.example.cn", True)])
def test_a_demonstration_stays_on_its_machine(monkeypatch, address, refused):
    monkeypatch.setattr(settings, "demo", True)
    monkeypatch.setattr(settings, "base_url", address)
    if not refused:
        serve.refuse_unsafe()
        return
    with pytest.raises(serve.NotAllowed, match="stays on this machine"):
        serve.refuse_unsafe()


@pytest.mark.parametrize(
    ("proxy", "believed"), [("127.0.0.1", True), ("10.0.0.5", True), ("192.168.7.9", True), ("10.0.0.6", False), ("203.0.113.9", False)]
)
def test_who_called_is_told_by_a_proxy_here_or_a_named_one_and_by_nobody_else(monkeypatch, proxy, believed):
    monkeypatch.setattr(settings, "trusted_proxies", "10.0.0.5, 192.168.7.0/24")
    seen = []

    async def app(scope, _receive, _send):
        seen.append(scope["client"][0])

    forged_and_added = [(b"x-forwarded-for", b"1.1.1.1, 198.51.100.7")]  # a proxy that adds: only what it added itself counts
    scope = {"type": "http", "client": (proxy, 1), "headers": forged_and_added, "scheme": "http"}
    asyncio.run(ProxyHeadersMiddleware(app, trusted_hosts=serve.trusted())(scope, None, None))
    assert seen == ["198.51.100.7" if believed else proxy]
