"""Plans as they are shown."""

from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core.i18n import gettext
from fulfillment.consignments.models import Parcel, ParcelStatus
from supply.stations.models import Station

from .models import BatchPlan, Unplaced
from .service import REASON_WORDS, PlanUnknown


class Left(NamedTuple):
    """A parcel without a road."""

    code: str
    station: str
    tier: str
    zone: str
    grams: int
    reason: str

    @property
    def words(self) -> str:
        return gettext(REASON_WORDS[self.reason])


def find_plan(session: Session, tenant_id: int, code: str) -> BatchPlan:
    """Raises PlanUnknown."""
    plan = session.exec(select(BatchPlan).where(BatchPlan.tenant_id == tenant_id, BatchPlan.code == code)).first()
    if plan is None:
        raise PlanUnknown("没有这份集单方案")
    return plan


def latest_plans(session: Session, tenant_id: int, *, limit: int = 2) -> list[BatchPlan]:
    """The last plans of whole days and waves, newest first; those made for one cancelled departure are left out."""
    rows = session.exec(select(BatchPlan).where(BatchPlan.tenant_id == tenant_id).order_by(col(BatchPlan.id).desc()).limit(20))
    return [p for p in rows if "because" not in p.facts][:limit]


def left_over(session: Session, plan: BatchPlan) -> list[Left]:
    columns = [col(c) for c in (Parcel.code, Station.name, Parcel.tier, Parcel.zone, Parcel.grams, Unplaced.reason)]
    query = (
        sql_select(*columns)
        .join_from(Unplaced, Parcel, col(Parcel.id) == col(Unplaced.parcel_id))
        .join(Station, col(Station.node_id) == col(Parcel.station_id))
        .where(col(Unplaced.plan_id) == plan.id)
        .order_by(col(Unplaced.reason), col(Parcel.code))
    )
    return [Left(*row) for row in session.execute(query)]


def waiting_counts(session: Session, tenant_id: int) -> dict[str, int]:
    """Parcels not delivered yet, by status."""
    query = select(col(Parcel.status), func.count()).where(Parcel.tenant_id == tenant_id)
    live = (ParcelStatus.EXPECTED, ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB, ParcelStatus.ON_TRUNK)
    return dict(session.exec(query.where(col(Parcel.status).in_(live)).group_by(col(Parcel.status))).all())
