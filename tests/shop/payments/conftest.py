"""Demo mode, so that the sandbox cashier is open; every effect's handler is registered; gateways to pay through for who asks."""

from collections.abc import Iterator

import pytest

import shop.wiring  # noqa: F401
from core.settings import settings
from tests.gateways.alipay import APP, SELLER, FakeAlipay, private_text, public_text
from tests.gateways.stripe import KEY, PUBLISHABLE, SECRET, FakeStripe


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def alipay(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAlipay]:
    """Alipay's gateway, and a shop that has its keys."""
    fake = FakeAlipay()
    keys = {
        "app_id": APP, "seller_id": SELLER, "gateway": fake.url, "private_key": private_text("shop"), "public_key": public_text("alipay"),
    }  # fmt: skip
    for name, value in keys.items():
        monkeypatch.setattr(settings, f"alipay_{name}", value)
    yield fake
    fake.stop()


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeStripe]:
    """Stripe, and a shop that has its keys."""
    fake = FakeStripe()
    keys = {"api_key": KEY, "webhook_secret": SECRET, "api_base": fake.base, "publishable_key": PUBLISHABLE}
    for name, value in keys.items():
        monkeypatch.setattr(settings, f"stripe_{name}", value)
    yield fake
    fake.stop()
