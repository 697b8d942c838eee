"""The places parcels keep on departures, given back when their road has ended."""

from collections.abc import Collection

from sqlmodel import Session, col, select, update

from core import clock
from fulfillment.batching.models import PlannedLeg
from fulfillment.manifests.service import revise_those
from fulfillment.promise.stamp import load_changed
from fulfillment.timetable.models import Departure, DepartureStatus

TO_COME = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN)


def free_places(session: Session, parcel_ids: Collection[int], *, tenant_id: int, only_to_come: bool = False) -> None:
    """Their places are free for others, the promise board and issued manifests follow; `only_to_come` leaves what ran as it was planned."""
    mine = update(PlannedLeg).where(col(PlannedLeg.parcel_id).in_(parcel_ids), col(PlannedLeg.voided_at).is_(None))
    if only_to_come:
        mine = mine.where(col(PlannedLeg.departure_id).in_(select(Departure.id).where(col(Departure.status).in_(TO_COME))))
    freed = mine.values(voided_at=clock.now()).returning(col(PlannedLeg.departure_id)).execution_options(synchronize_session=False)
    if departures := set(session.execute(freed).scalars()):
        load_changed(session, tenant_id)
        revise_those(session, departures)
