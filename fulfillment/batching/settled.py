"""Parcels with nothing left to plan: sorted at the hub in time for a trunk that has closed and has not left yet.

Their bags are made up; a plan that moved them would only make them miss it. Once the trunk has left without one, it is planned again.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, false, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from core import clock
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Custody
from fulfillment.network.models import Trunk
from supply.stations.models import Node

DAYS = (-1, 0)  # a trunk of yesterday's may leave after midnight


def settled(session: Session, tenant_id: int, *, now: datetime, hub_sort_min: int) -> ColumnElement[bool]:
    """The condition on a county's parcels; one small query for its trunks."""
    trunks = sql_select(col(Trunk.id), col(Trunk.cutoff_min), col(Trunk.dep_min), col(Node.code)).join(
        Node, col(Node.id) == col(Trunk.hub_id)
    )
    closed = []
    for trunk_id, cutoff_min, dep_min, hub in session.execute(trunks.where(col(Trunk.tenant_id) == tenant_id)):
        for day in (clock.business_date(now) + timedelta(days=n) for n in DAYS):
            cutoff_at, leaves_at = clock.on(day, cutoff_min), clock.on(day, dep_min)
            if cutoff_at < now <= leaves_at:
                in_time = _stood_at(hub, since=cutoff_at - timedelta(minutes=hub_sort_min))
                closed.append(and_(col(Parcel.trunk_id) == trunk_id, col(Parcel.trunk_at) == leaves_at, in_time))
    return or_(false(), *closed)


def _stood_at(hub: str, *, since: datetime) -> ColumnElement[bool]:
    holding = aliased(Custody)  # the condition is also put to queries of custody
    here = sql_select(col(holding.id)).where(
        col(holding.parcel_code) == col(Parcel.code), col(holding.ended_at).is_(None),
        col(holding.holder_code) == hub, col(holding.began_at) <= since,
    )  # fmt: skip
    return exists(here)
