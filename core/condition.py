"""How the machine room is: what those who work here should know without having to look for it.

Each serving process asks every ten seconds, beside its requests; a page only reads what was found last and costs nothing. Slices
register probes for what is theirs (`@probe("search")`: True when it is in trouble); a probe may wait, no page waits for it.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

from core import db, readiness
from core.tasks import relay
from core.tasks.dead import dead_counts

log = logging.getLogger("jishi.condition")
EVERY_S = 10.0
LATE = timedelta(seconds=60)  # work that waits longer than this is behind

Probe = Callable[[], bool]


class Condition(NamedTuple):
    """`troubles` by name; `given_up` counts dead letters by county."""

    troubles: tuple[str, ...] = ()
    given_up: Mapping[int, int] = {}


_probes: dict[str, Probe] = {}
_found = Condition()


def probe(name: str) -> Callable[[Probe], Probe]:
    """Register what tells whether something is in trouble."""

    def keep(asks: Probe) -> Probe:
        _probes[name] = asks
        return asks

    return keep


def last() -> Condition:
    """What was found last; nothing before the first look."""
    return _found


def look() -> Condition:
    """Ask every probe now. One that fails itself says nothing: what it cannot reach is told by whoever needs it."""
    global _found
    troubles = []
    for name, asks in _probes.items():
        try:
            if asks():
                troubles.append(name)
        except Exception as error:
            log.warning("the probe %s failed: %s", name, type(error).__name__)
    try:
        with db.reading() as session:
            given_up: Mapping[int, int] = dead_counts(session)
    except Exception:
        given_up = _found.given_up
    _found = Condition(tuple(troubles), given_up)
    return _found


@probe("behind")
def _is_behind() -> bool:
    with db.reading() as session:
        return bool(readiness.waiting(session, older_than=LATE))


@probe("broker")
def _is_refused() -> bool:
    return relay.is_refused()


class Watch:
    """A thread that looks again and again."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="condition", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """It may sit in a probe; nobody waits for that."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.wait(EVERY_S):
            look()
