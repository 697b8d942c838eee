"""Waves that plan themselves: one task per county and wave, a stated lead before the trunk's cut-off.

Whoever waits without a road when the lead begins is planned; later only when enough new parcels have come, so that a county
where little happens makes no plan. A county solves one plan at a time: the next look counts who still waits after it. The
row of a turn is unique, so ten beats ask for it once; the plan itself is an outbox row, leased by whichever worker takes it
and, when that worker is killed, taken by another once the lease has run out (core.tasks). Counties share nothing else here.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, db
from core.codes import new_code
from core.outbox import emit
from core.upsert import Upsert
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import ServiceCalendar, Trunk
from fulfillment.network.rules import hub_rules
from fulfillment.timetable.calendar import runs_on
from supply.counties.models import County

from .from_database import WAITING
from .models import BatchPlan

LEAD_MIN = 180
AGAIN_PARCELS = 20
AT_MOST = timedelta(minutes=10)  # a plan that takes longer has failed and holds nobody up
_TURN = ["tenant_id", "service_date", "wave", "turn"]
_FIRST = Upsert(BatchPlan, lambda insert: insert.on_conflict_do_nothing(index_elements=_TURN).returning(insert.table.c.id))


class Turn(NamedTuple):
    """How often a wave was planned by itself today, and the last parcel that was there then."""

    number: int
    up_to: int


def plan_due_waves() -> int:
    """Ask for the next turn of every county's due wave, each in a transaction of its own; returns how many were asked for.

    A county with nobody waiting costs three small reads and writes nothing.
    """
    with db.reading() as session:
        due = [county for county in session.exec(select(County).order_by(col(County.id))) if _next(session, county)]
    return sum(db.run_write(partial(_ask, county=county)) for county in due)


def _ask(session: Session, county: County) -> bool:
    """Looked at again inside the transaction that writes: what somebody else asked meanwhile is seen."""
    if (found := _next(session, county)) is None:
        return False
    wave, turn = found
    code = new_code("B")
    values = {
        "tenant_id": county.id, "code": code, "service_date": clock.today(), "wave": wave, "turn": turn.number, "asked_by": "clock",
        "asked_at": clock.now(), "status": "solving", "because": "", "placed": 0, "late": 0, "unplaced": 0, "cost_fen": 0, "bound_fen": 0,
        "gap": 0.0, "seconds": 0.0, "facts": {"up_to": turn.up_to},
    }  # fmt: skip
    if _FIRST.run(session, values).scalar_one_or_none() is None:
        return False
    emit(session, "plan.asked", tenant_id=county.id, key=code, payload={"plan_code": code})
    return True


def _next(session: Session, county: County) -> tuple[str, Turn] | None:
    """The first wave whose time has come and whose parcels want a plan, with the turn it would be."""
    now, rules = clock.now(), hub_rules(county)
    lead = LEAD_MIN if rules.wave_lead_min is None else rules.wave_lead_min
    open_waves = [(at, wave) for at, wave in _cutoffs(session, county.id) if now < at <= now + timedelta(minutes=lead)]
    if not open_waves:
        return None
    planned = session.exec(select(BatchPlan).where(
        BatchPlan.tenant_id == county.id, BatchPlan.service_date == clock.today(),
    )).all()  # fmt: skip
    if any(plan.status == "solving" and plan.asked_at > now - AT_MOST for plan in planned):
        return None
    turns: dict[str, Turn] = {}
    for plan in sorted((p for p in planned if p.turn is not None), key=lambda p: p.turn or 0):
        turns[plan.wave] = Turn(plan.turn or 0, plan.facts["up_to"])
    for at, wave in open_waves:
        last = turns.get(wave, Turn(0, 0))
        enough = 1 if last.number == 0 else max(1, rules.wave_again_parcels or AGAIN_PARCELS)
        waiting, newest = _without_road(session, county.id, ready_before=at, after=last.up_to)
        if waiting >= enough:
            return wave, Turn(last.number + 1, newest)
    return None


def _cutoffs(session: Session, tenant_id: int) -> list[tuple[datetime, str]]:
    """Today's trunk cut-offs in order, each with the wave's name (HHMM)."""
    rows = session.exec(
        select(Trunk.cutoff_min, ServiceCalendar)
        .join(ServiceCalendar, col(ServiceCalendar.id) == col(Trunk.calendar_id))
        .where(Trunk.tenant_id == tenant_id)
    )
    today = clock.today()
    minutes = sorted({minute for minute, calendar in rows if runs_on(calendar, today)})
    return [(clock.on(today, m), f"{m // 60:02d}{m % 60:02d}") for m in minutes]


def _without_road(session: Session, tenant_id: int, *, ready_before: datetime, after: int) -> tuple[int, int]:
    """How many parcels with an id above `after` wait without a road, and the highest id of them."""
    waiting = select(func.count(), func.coalesce(func.max(Parcel.id), 0)).where(
        Parcel.tenant_id == tenant_id, col(Parcel.status).in_(WAITING), col(Parcel.arrives_at).is_(None),
        Parcel.ready_at < ready_before, col(Parcel.id) > after,
    )  # fmt: skip
    number, newest = session.exec(waiting).one()
    return number, newest or 0
