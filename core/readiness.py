"""What must be finished before the installation says it is ready. Slices register probes; `/readyz` asks them all."""

from collections.abc import Callable
from datetime import timedelta

from sqlmodel import Session

from core.tasks import pending

Probe = Callable[[Session, timedelta], int]
_probes: dict[str, Probe] = {}


def lag(name: str) -> Callable[[Probe], Probe]:
    """Register a queue-like thing: `probe(session, older_than)` counts what waits longer than that."""

    def keep(probe: Probe) -> Probe:
        _probes[name] = probe
        return probe

    return keep


def waiting(session: Session, *, older_than: timedelta = timedelta(0)) -> dict[str, int]:
    """What is waiting, by name, zeros left out."""
    counts = {name: probe(session, older_than) for name, probe in _probes.items()}
    return {name: n for name, n in counts.items() if n}


@lag("outbox")
def _outbox(session: Session, older_than: timedelta) -> int:
    return pending(session, older_than=older_than)
