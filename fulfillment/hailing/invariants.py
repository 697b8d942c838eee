"""I9 of calls at request stops: a call stands where its history ended, and is of a stop that its run calls at when asked."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere
from core.invariants import invariant, rule

from .models import STOP_CALL, StopCall


@invariant("I9", "a call at a stop stands where its history ended", tables=("stop_call", "status_event"))
def calls_stand_where_they_were_moved(session: Session) -> Iterable[str]:
    return elsewhere(session, STOP_CALL, col(StopCall.code), col(StopCall.status))


rule(
    "I9",
    "who called a stop called one that the run has",
    broken="""
    SELECT c.code FROM stop_call c
    JOIN departure d ON d.id = c.departure_id
    LEFT JOIN stop_time s ON s.trip_id = d.trip_id AND s.position = c.position
    WHERE c.status = 'called' AND (s.position IS NULL OR d.tenant_id <> c.tenant_id)
    """,
)
