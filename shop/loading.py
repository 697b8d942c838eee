"""`jishi demo`: an empty, migrated database and a county in it."""

import fcntl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlmodel import select

from core import db
from core.settings import settings
from shop import demonstration, schema
from supply.counties.models import County
from supply.counties.profile import ProfileError, ProfileUnknown, profile_of
from supply.counties.profile_rows import Profile


def load(county: str, *, fresh: bool, days: int, orders: int, marked: bool) -> None:
    """Load a county profile with its history; one that is loaded is left as it is, another one is refused.

    The profile is read first: while it is unknown or faulty, nothing that is there is touched. A home or database that is not a
    demonstration's is refused. One process loads at a time; what a cut-off load left behind is thrown away. `marked` prints
    progress for the process that shows it; otherwise for a person.
    """
    seed = _profile(county).county.demo.seed

    def progress(percent: float, words: str) -> None:
        if marked:
            print(f"{demonstration.MARK}{int(percent)} {words}", flush=True)
        else:
            demonstration.show(int(percent), words)

    demonstration.refuse_elsewhere()
    settings.remember_mode("demo")
    with alone(lambda: progress(0, "另一个程序正在装货，等它装好")):
        done = _load(county, seed, fresh=fresh, days=days, orders=orders, progress=progress)
        if done and marked:
            _leave_work()
    if done and not marked:
        demonstration.show(100, "装好了", end="\n")


@contextmanager
def alone(waiting: Callable[[], None]) -> Iterator[None]:
    """Only one process loads a home; the next one says so (`waiting`) and begins when it has ended, however it ended."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with (settings.home / "loading.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _load(county: str, seed: int, *, fresh: bool, days: int, orders: int, progress: Callable[[float, str], None]) -> bool:
    """Whether anything had to be loaded."""
    cut_off = demonstration.marker().exists() and demonstration.loaded() is None
    if fresh or cut_off:
        progress(0, "清空")
        schema.wipe()
    progress(1, "建表")
    schema.upgrade()
    if (there := demonstration.loaded()) and not fresh:
        if (there["county"], there.get("seed", seed)) != (county, seed):
            sys.exit(f"{there['county']} is loaded already; use --fresh to throw it away")
        print(f"{county} is loaded already, {there['days']} days of {there['orders']} orders; use --fresh to load it anew")
        return False
    demonstration.remember("loading", county=county)
    from shop.demo import load_demo

    load_demo(county, fresh=fresh, days=days, orders=orders, progress=progress)
    db.dispose()
    demonstration.remember("loaded", county=county, seed=seed, days=days, orders=orders)
    return True


def _leave_work() -> None:
    """For the shop that opens next, and for nobody who only wanted data."""
    from shop.demo.trials import ask_for_trials

    with db.writing() as session:
        ask_for_trials(session, session.exec(select(County)).one())
    db.dispose()


def _profile(county: str) -> Profile:
    """Ends the command, with every fault in words, when the profile cannot be used."""
    try:
        return profile_of(county)
    except (ProfileUnknown, ProfileError) as fault:
        sys.exit(f"jishi demo: {fault}")
