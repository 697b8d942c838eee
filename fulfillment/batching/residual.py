"""The room that is left on the roads: what a plan may still use is what a buyer may still be promised.

A trunk on a lane of the province has no more room than the county's share of that lane; a lane's day whose share is not
allotted yet has none. What rides between stops of which one is closed rides to the open calls around it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from sqlalchemy import ColumnElement
from sqlmodel import Session

from .instance import Trunk
from .loads import LegLoad, trunk_grams
from .roads import Ride, Roads
from .shares import on_terms, terms


def trunks_left(session: Session, tenant_id: int, roads: Roads, *, where: ColumnElement[bool] | None = None) -> list[Trunk]:
    """The roads' trunks in their order, on the province's terms where it has any, less what parcels (those that `where` admits) take.

    One query, and one more in a county that feeds a lane.
    """
    taken, told = trunk_grams(session, tenant_id, roads.trunk_days, where=where), terms(session, tenant_id, roads)
    trunks = [on_terms(t, told.get(t.id)) for t in roads.trunks]
    return [replace(t, cap_g=max(0, t.cap_g - taken.get(t.id, 0))) for t in trunks]


def aboard(loads: Iterable[LegLoad], roads: Roads) -> Iterator[tuple[Ride, tuple[int, int], LegLoad]]:
    """Each load with its ride and the indexes of the open calls it rides between; without those that no longer ride at all."""
    running = {d.id for d in roads.departures}
    rides = {ride.id: ride for ride in roads.rides.values() if ride.code in running}
    for load in loads:
        ride = rides.get(load.departure_id)
        if ride is not None and (span := ride.span(load.board, load.alight)) is not None:
            yield ride, span, load
