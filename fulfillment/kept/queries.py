"""Promises that fell due in a span of days: kept, late and why, by station, zone, trunk and line.

A consignment is judged by the promise it carries (`deliver_by`) and the delivery that a scan proves. A promise out of the
county is of a day and ends with it, one inside is of an hour. One that is not there when its promise ends is late already,
wherever it is; a lost one is late for good. What went back to its sender and what was cancelled before it was packed is
nobody's lateness and is not judged. A promise still running is not due and is not counted.

A late one has one cause, the first of these that holds: it was lost; it was packed after its bus had left (or never); its
bus was cancelled; it missed its bus; there was no room before a later trunk; the carrier brought it late; else nothing known.
Its trunk and line are those of its first parcel's plan as it stands.
"""

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, exists, func, literal, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from core import clock, i18n
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.models import ConsignmentStatus as State
from fulfillment.disruptions.models import Disruption
from fulfillment.network.models import Line, Trunk, Zone
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Station

CAUSES = i18n.marked({
    "lost": "丢了", "packed_late": "打包晚了", "cancelled": "班次取消", "missed": "没赶上车", "no_room": "前面的车装满了",
    "carrier": "干线送晚了", "unknown": "说不清",
})  # fmt: skip
WAYS = i18n.marked({"station": "驿站", "zone": "去向", "trunk": "干线", "line": "线路"})
NOT_JUDGED = (State.RETURNED, State.CANCELLED)


class Kept(NamedTuple):
    """How one lane's promises ended; `late` includes those not delivered yet, `causes` sums to it."""

    code: str
    name: str
    due: int
    late: int
    undelivered: int
    causes: dict[str, int]

    @property
    def kept(self) -> int:
        return self.due - self.late

    @property
    def permille(self) -> int:
        """Kept of a thousand due; 0 where nothing was due."""
        return round(1000 * self.kept / self.due) if self.due else 0


def kept_by(session: Session, *, tenant_id: int, first: date, last: date, way: str) -> list[Kept]:
    """Promises that ended from `first` to `last` inclusive, by one of WAYS; those that kept worst first. One query."""
    judged = _judged(tenant_id, clock.midnight(first), clock.midnight(last + timedelta(days=1)))
    codes: dict[str, tuple[Any, Any, ColumnElement[bool]]] = {
        "station": (Station.code, Station.name, col(Station.node_id) == judged.c.station_id),
        "zone": (Zone.code, Zone.name, and_(col(Zone.code) == judged.c.zone, col(Zone.tenant_id) == tenant_id)),
        "trunk": (Trunk.code, Trunk.name, col(Trunk.id) == judged.c.trunk_id),
        "line": (Line.code, Line.name, col(Line.id) == judged.c.line_id),
    }
    code, name, joined = codes[way]
    table = {"station": Station, "zone": Zone, "trunk": Trunk, "line": Line}[way]
    counts = (func.count(), func.sum(judged.c.late), func.sum(judged.c.undelivered))
    causes = [func.sum(case((judged.c.cause == cause, 1), else_=0)) for cause in CAUSES]
    rows = session.execute(sql_select(code, name, *counts, *causes).select_from(judged).outerjoin(table, joined).group_by(code, name))
    found = [
        Kept(c or "", n or "", int(due), int(late), int(still), {k: int(v) for k, v in zip(CAUSES, sums, strict=True) if v})
        for c, n, due, late, still, *sums in rows
    ]
    return sorted(found, key=lambda k: (k.permille, -k.due, k.code))


def total(rows: list[Kept]) -> Kept:
    """All lanes of one way together."""
    causes = {cause: sum(row.causes.get(cause, 0) for row in rows) for cause in CAUSES}
    due, late, still = (sum(getattr(row, n) for row in rows) for n in ("due", "late", "undelivered"))
    return Kept("", "", due, late, still, {cause: n for cause, n in causes.items() if n})


def _judged(tenant_id: int, begins: datetime, ends: datetime) -> "Subquery[Any]":
    """Each promise that has ended: its lane, whether it is late (0 or 1), still undelivered, and why."""
    promised, now = col(Consignment.deliver_by), clock.now()
    first = sql_select(func.min(Parcel.id)).where(col(Parcel.consignment_id) == col(Consignment.id)).scalar_subquery()
    lead, leg, run = aliased(Parcel), aliased(PlannedLeg), aliased(Departure)
    undelivered = col(Consignment.delivered_at).is_(None)
    until = case((col(Consignment.to_node_id).is_not(None), promised), else_=func.coalesce(col(lead.due_at), promised))
    late = or_(undelivered, col(Consignment.delivered_at) > until, col(Consignment.status) == State.LOST)
    columns: list[Any] = [
        col(Consignment.station_id), col(Consignment.zone), col(lead.trunk_id), col(run.line_id),
        case((late, 1), else_=0).label("late"), case((undelivered, 1), else_=0).label("undelivered"),
        case((late, _cause()), else_=literal("")).label("cause"),
    ]  # fmt: skip
    asked: Select[Any] = (
        sql_select(*columns)
        .select_from(Consignment)
        .outerjoin(lead, col(lead.id) == first)
        .outerjoin(leg, and_(col(leg.parcel_id) == col(lead.id), col(leg.position) == 0, col(leg.voided_at).is_(None)))
        .outerjoin(run, col(run.id) == col(leg.departure_id))
        .where(
            col(Consignment.tenant_id) == tenant_id, promised >= begins, promised < ends, until <= now,
            col(Consignment.status).not_in(NOT_JUDGED),
        )
    )  # fmt: skip
    found: Subquery[Any] = asked.subquery()
    return found


def _cause() -> ColumnElement[str]:
    parcel, leg, run, gone = aliased(Parcel), aliased(PlannedLeg), aliased(Departure), aliased(Disruption)
    mine = col(parcel.consignment_id) == col(Consignment.id)
    cancelled = exists().where(
        mine, col(leg.parcel_id) == col(parcel.id), col(run.id) == col(leg.departure_id), col(run.status) == DepartureStatus.CANCELLED
    )
    missed = exists().where(
        mine, col(gone.tenant_id) == col(Consignment.tenant_id), col(gone.kind) == "missed", col(gone.subject_code) == col(parcel.code)
    )
    planned_late = exists().where(mine, col(parcel.arrives_at) > col(parcel.due_at))
    with_carrier = exists().where(mine, col(parcel.arrives_at) <= col(parcel.due_at), col(parcel.trunk_id).is_not(None))
    packed, ships = col(Consignment.packed_at), col(Consignment.ships_at)
    packed_late = and_(ships.is_not(None), or_(packed.is_(None), packed > ships))
    found: ColumnElement[str] = case(
        (col(Consignment.status) == State.LOST, "lost"), (packed_late, "packed_late"), (cancelled, "cancelled"), (missed, "missed"),
        (planned_late, "no_room"), (with_carrier, "carrier"), else_="unknown",
    )  # fmt: skip
    return found
