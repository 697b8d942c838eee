"""Demo mode, so that the sandbox cashier is open; every effect's handler is registered."""

import pytest

import shop.wiring  # noqa: F401
from core.settings import settings


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)
