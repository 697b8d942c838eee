"""Demo mode, so that the sandbox cashier is open."""

import pytest

from core.settings import settings


@pytest.fixture(autouse=True)
def _demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)
