"""What waits to be handed to its receiver: on a carrier's trunks, or at a station its receiver comes to."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, or_, select

from core import clock
from core.permissions import Actor
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.custody.doors import door_code
from fulfillment.custody.models import Custody
from fulfillment.network.models import DoorRound, Trunk, Zone
from fulfillment.pickup.models import Stay
from fulfillment.timetable.board import Run, goods_runs
from supply.stations.models import Node, Station


class Waiting(NamedTuple):
    """One parcel in somebody's hands; `place` is theirs, `to` a city and district, never a person."""

    number: int  # of the row, for the next page
    code: str
    place: str
    since: datetime
    grams: int
    tier: str
    due_at: datetime
    to: str
    to_door: bool = False  # somebody takes it there from the node where it is

    @property
    def is_late(self) -> bool:
        return self.due_at < clock.now()


class Lane(NamedTuple):
    trunk: Trunk
    parcels: int


def lanes_of(session: Session, actor: Actor) -> list[Lane]:
    """The trunks of the caller's firms, for a dispatcher the county's, and how many parcels are on each."""
    query = select(Trunk, func.count(col(Custody.id))).outerjoin(
        Custody, (col(Custody.holder_code) == col(Trunk.code)) & col(Custody.ended_at).is_(None)
    )
    query = query.where(Trunk.tenant_id == actor.tenant_id)
    if not actor.has("dispatcher"):
        query = query.where(col(Trunk.carrier).in_(actor.scopes("partner")))
    return [Lane(*row) for row in session.exec(query.group_by(col(Trunk.id)).order_by(col(Trunk.cutoff_min), col(Trunk.id)))]


def runs_of(session: Session, actor: Actor) -> list[Run]:
    """Today's runs of the caller's own lines that have goods."""
    firms, begin = actor.scopes("partner"), clock.midnight(clock.today())
    if not firms:
        return []
    return [run for run in goods_runs(session, actor.tenant_id, begin, begin + timedelta(days=1)) if run.line.operator in firms]


def on_trunks(session: Session, tenant_id: int, trunks: Collection[str], *, after: int = 0, limit: int = 50) -> Sequence[Waiting]:
    """Parcels with these carriers in the order they were handed over, from behind row `after` on; one more than `limit` if there are."""
    return _waiting(session, tenant_id, col(Custody.holder_code).in_(trunks), after, limit)


def at_station(session: Session, station: Station, *, after: int = 0, limit: int = 50) -> Sequence[Waiting]:
    """Parcels that lie at a station for their receivers and not on its shelf: on their way to a door, or staying in the county."""
    stays = select(Zone.code).where(Zone.tenant_id == station.tenant_id, col(Zone.in_county))
    bound = or_(col(Consignment.to_node_id) == station.node_id, col(Consignment.to_node_id).is_(None) & col(Parcel.zone).in_(stays))
    shelved = select(Stay.id).where(col(Stay.parcel_code) == col(Custody.parcel_code), col(Stay.ended_at).is_(None))
    return _waiting(session, station.tenant_id, (col(Custody.holder_code) == station.code) & bound & ~shelved.exists(), after, limit)


def has_round(session: Session, node_id: int) -> bool:
    """Whether somebody goes to the doors that this node serves."""
    return session.get(DoorRound, node_id) is not None


def on_round(session: Session, node: str, tenant_id: int, *, limit: int = 50) -> Sequence[Waiting]:
    """Parcels on the way from a node to its doors, first taken first."""
    return _waiting(session, tenant_id, col(Custody.holder_code) == door_code(node), 0, limit)


def for_round(session: Session, station: Station, *, limit: int = 50) -> Sequence[Waiting]:
    """Parcels that lie at a station and are to be taken to a door, first come first."""
    bound = (col(Consignment.to_node_id) == station.node_id) & col(Consignment.door_min).is_not(None)
    return _waiting(session, station.tenant_id, (col(Custody.holder_code) == station.code) & bound, 0, limit)


def _waiting(session: Session, tenant_id: int, where, after: int, limit: int) -> list[Waiting]:  # type: ignore[no-untyped-def]
    query = (
        sql_select(
            *(col(c) for c in (Custody.id, Parcel.code, Custody.holder_code, Custody.began_at)),
            *(col(c) for c in (Parcel.grams, Parcel.tier, Parcel.due_at, Consignment.city, Consignment.district)),
            col(Consignment.door_min).is_not(None) & (col(Consignment.to_node_id) == col(Node.id)),
        )
        .join_from(Custody, Parcel, col(Parcel.code) == col(Custody.parcel_code))
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .outerjoin(Node, col(Node.code) == col(Custody.holder_code))
        .where(col(Custody.tenant_id) == tenant_id, col(Custody.ended_at).is_(None), where, col(Custody.id) > after)
        .order_by(col(Custody.id))
        .limit(limit + 1)
    )
    return [Waiting._make((*facts, f"{city}{district}", bool(door))) for *facts, city, district, door in session.execute(query)]
