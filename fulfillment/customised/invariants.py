"""I9 and I15 of customised trips: a request stands where its history ended, what people wrote lies sealed, and a run's seats suffice."""

from collections.abc import Iterable

from sqlmodel import Session, col

from core.checks import elsewhere, keeps_numbers_closed, keeps_sealed
from core.invariants import invariant, rule

from .models import TRIP_REQUEST, TripRequest

keeps_sealed(TripRequest, "note_sealed")
keeps_numbers_closed(TripRequest, "reason")


@invariant("I9", "a trip request stands where its history ended", tables=("trip_request", "status_event"))
def requests_stand_where_they_were_moved(session: Session) -> Iterable[str]:
    return elsewhere(session, TRIP_REQUEST, col(TripRequest.code), col(TripRequest.status))


rule(
    "I9",
    "who is confirmed for a special run boards it where it stops and gets off later",
    broken="""
    SELECT q.code FROM trip_request q
    JOIN special_run r ON r.id = q.run_id
    JOIN departure d ON d.id = r.departure_id
    LEFT JOIN stop_time b ON b.trip_id = d.trip_id AND b.node_id = q.from_id
    LEFT JOIN stop_time o ON o.trip_id = d.trip_id AND o.node_id = q.to_id AND o.position > b.position
    WHERE q.status = 'confirmed' AND (o.position IS NULL OR d.service_date <> q.service_date)
    """,
)
