"""Stripe with disputes, and a shop that has its keys."""

from collections.abc import Iterator

import pytest

import shop.wiring  # noqa: F401
from core.settings import settings
from tests.gateways.stripe import KEY, PUBLISHABLE, SECRET
from tests.gateways.stripe_disputes import DisputedStripe


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


@pytest.fixture
def stripe(monkeypatch: pytest.MonkeyPatch) -> Iterator[DisputedStripe]:
    fake = DisputedStripe()
    keys = {"api_key": KEY, "webhook_secret": SECRET, "api_base": fake.base, "publishable_key": PUBLISHABLE}
    for name, value in keys.items():
        monkeypatch.setattr(settings, f"stripe_{name}", value)
    yield fake
    fake.stop()
