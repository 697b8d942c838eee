"""Random days of a county: whatever is cancelled, late, full, suspended, closed and undone, and in whatever order the scans come,
every parcel is accounted for once."""

import shutil
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import settings as examples
from hypothesis.stateful import run_state_machine_as_test

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.notify import install_sender
from core.settings import settings
from core.tasks import drain
from fulfillment.batching.solve import solve
from fulfillment.disruptions import better
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE
from tests.fulfillment.disruptions.days import Days, spare_vans
from tests.fulfillment.web import county_with_roads
from tests.servers import postgres

STEPS, A_DAY_OF_TESTS = 20, 1_000


class Mailbox:
    """A sender that keeps nothing: what is told is read from the outbox."""

    def send(self, phone: str, words: str, *, key: str) -> None:
        pass


@pytest.fixture
def counties(database: str, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Makes a copy of one county's database the installation's, under an address of its own, and takes it away again."""
    monkeypatch.setattr(better, "solve_apart", solve)  # the same answer, without a process of its own for each
    install_sender(Mailbox())
    with clock.at(NINE):
        rows = county_with_roads()
        with db.writing() as session:
            spare_vans(session, rows.id)
        drain()
    db.dispose()
    home, url, numbers = settings.home, settings.database_url, count(1)
    copy, forget = _sqlite(home) if database == "sqlite" else _postgres(url)

    def begin() -> SmallCounty:
        copy(next(numbers))
        return rows

    def end() -> None:
        db.dispose()
        forget()

    yield begin, end
    settings.home, settings.database_url = home, url
    install_sender(None)


def _sqlite(home):  # type: ignore[no-untyped-def]
    def copy(n: int) -> None:
        settings.home = home / f"example-{n}"
        settings.home.mkdir()
        shutil.copy(home / "jishi.db", settings.home / "jishi.db")

    return copy, lambda: shutil.rmtree(settings.home)


def _postgres(url: str) -> tuple[Callable[[int], None], Callable[[], None]]:
    base, _, name = url.partition("?")[0].rpartition("/")
    address = url.replace(f"{base}/{name}", f"{base}/%s")

    def copy(n: int) -> None:
        postgres.admin(f"CREATE DATABASE {name}_{n} TEMPLATE {name}")
        settings.database_url = address % f"{name}_{n}"

    def forget() -> None:
        own = settings.database_url.partition("?")[0].rpartition("/")[2]
        postgres.admin(f"DROP DATABASE {own} WITH (FORCE)")

    return copy, forget


@pytest.mark.hypothesis
def test_whatever_happens_every_parcel_is_accounted_for_once(counties) -> None:  # type: ignore[no-untyped-def]
    most = examples.default.max_examples
    lives = most // 5 if most > A_DAY_OF_TESTS else most // 25  # a county's life is twenty steps: six every day, thousands in a soak
    wanted = examples(examples.default, max_examples=lives, stateful_step_count=STEPS)
    run_state_machine_as_test(lambda: Days(*counties), settings=wanted)
