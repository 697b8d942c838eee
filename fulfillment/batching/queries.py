"""Plans as they are shown."""

from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core.i18n import gettext
from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.custody.models import Custody
from fulfillment.network.models import ServiceCalendar, Trunk
from fulfillment.timetable.calendar import runs_on
from fulfillment.timetable.models import Departure
from supply.stations.models import Station

from .api_shapes import UnplacedParcel
from .from_database import WAITING
from .models import BatchPlan, PlannedLeg, Unplaced
from .service import REASON_WORDS, PlanUnknown


class Left(NamedTuple):
    """A parcel without a road, and the plan that found none."""

    code: str
    station: str
    station_name: str
    tier: str
    zone: str
    grams: int
    reason: str
    plan_id: int

    @property
    def words(self) -> str:
        return gettext(REASON_WORDS[self.reason])


class Standing(NamedTuple):
    """The last plan of a day or wave as it stands now: what was cancelled or missed since is planned anew by others."""

    plan: BatchPlan
    before: BatchPlan | None
    left: list[Left]  # parcels that still have no road
    mended: int  # parcels that got another road since

    @property
    def placed(self) -> int:
        return max(0, self.plan.placed - sum(left.plan_id != self.plan.id for left in self.left))


def find_plan(session: Session, tenant_id: int, code: str) -> BatchPlan:
    """Raises PlanUnknown."""
    plan = session.exec(select(BatchPlan).where(BatchPlan.tenant_id == tenant_id, BatchPlan.code == code)).first()
    if plan is None:
        raise PlanUnknown("没有这份集单方案")
    return plan


def standing(session: Session, tenant_id: int) -> Standing | None:
    """None before the first plan. Four queries."""
    asked = select(BatchPlan).where(BatchPlan.tenant_id == tenant_id)
    plans = session.exec(asked.where(BatchPlan.because == "").order_by(col(BatchPlan.id).desc()).limit(2)).all()
    if not plans:
        return None
    mended = select(func.coalesce(func.sum(BatchPlan.placed), 0)).where(
        BatchPlan.tenant_id == tenant_id, BatchPlan.because != "", col(BatchPlan.id) > plans[0].id
    )
    left = _without_road(session, tenant_id, plans[0])
    return Standing(plans[0], plans[1] if len(plans) > 1 else None, left, int(session.exec(mended).one()))


def _without_road(session: Session, tenant_id: int, plan: BatchPlan) -> list[Left]:
    """Who found no road in this plan or one made since, and has none now; the last reason of each."""
    ridden = select(Custody.id).where(col(Custody.parcel_code) == col(Parcel.code), col(Custody.holder_code) == col(Departure.code))
    legs = (
        select(PlannedLeg.id)
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .where(col(PlannedLeg.parcel_id) == col(Parcel.id), col(PlannedLeg.voided_at).is_(None), ~ridden.exists())
    )
    query = _left().where(
        col(Unplaced.tenant_id) == tenant_id, col(Unplaced.plan_id) >= plan.id, col(Parcel.status).in_(WAITING),
        col(Parcel.trunk_id).is_(None), ~legs.exists(),
    )  # fmt: skip
    last = {left.code: left for left in (Left(*row) for row in session.execute(query.order_by(col(Unplaced.id))))}
    return sorted(last.values(), key=lambda left: (left.reason, left.code))


def left_over(session: Session, plan: BatchPlan) -> list[Left]:
    """Who found no road in this plan, whatever happened since."""
    query = _left().where(col(Unplaced.plan_id) == plan.id).order_by(col(Unplaced.reason), col(Parcel.code))
    return [Left(*row) for row in session.execute(query)]


def left_as_json(left: Left) -> UnplacedParcel:
    return {"parcel": left.code, "station": left.station, "station_name": left.station_name, "reason": left.reason, "words": left.words}


def _left() -> Select[*tuple[Any, ...]]:
    columns = (Parcel.code, Station.code, Station.name, Parcel.tier, Parcel.zone, Parcel.grams, Unplaced.reason, Unplaced.plan_id)
    return (
        sql_select(*(col(c) for c in columns))
        .join_from(Unplaced, Parcel, col(Parcel.id) == col(Unplaced.parcel_id))
        .join(Station, col(Station.node_id) == col(Parcel.station_id))
    )


def waves(session: Session, tenant_id: int, day: date) -> list[tuple[str, str]]:
    """The trunk cut-offs of a day as (HHMM, words), by time."""
    rows = session.exec(
        select(Trunk, ServiceCalendar)
        .join(ServiceCalendar, col(ServiceCalendar.id) == col(Trunk.calendar_id))
        .where(Trunk.tenant_id == tenant_id)
        .order_by(col(Trunk.cutoff_min), col(Trunk.id))
    )
    names: dict[int, list[str]] = {}
    for trunk, calendar in rows:
        if runs_on(calendar, day):
            names.setdefault(trunk.cutoff_min, []).append(trunk.name)
    return [(f"{m // 60:02d}{m % 60:02d}", f"{m // 60:02d}:{m % 60:02d} {gettext('、').join(own)}") for m, own in names.items()]


def waiting_counts(session: Session, tenant_id: int) -> dict[str, int]:
    """Parcels not delivered yet, by status."""
    query = select(col(Parcel.status), func.count()).where(Parcel.tenant_id == tenant_id)
    live = (ParcelStatus.EXPECTED, ParcelStatus.PACKED, ParcelStatus.MOVING, ParcelStatus.AT_HUB, ParcelStatus.ON_TRUNK)
    return dict(session.exec(query.where(col(Parcel.status).in_(live)).group_by(col(Parcel.status))).all())
