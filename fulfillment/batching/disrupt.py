"""A departure falls out: its parcels are planned anew at once, buyers who must wait longer are told.

The solving happens between a read and the one writing transaction, in a child process; if the roads moved meanwhile,
it is done again. Only this departure's parcels are moved, all others keep their places.
"""

from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, not_, select, update

from core import clock, db, i18n
from core.codes import new_code
from core.idempotency import once
from core.permissions import Actor
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Custody
from fulfillment.disruptions.service import close_disruption, open_disruption
from fulfillment.manifests.service import void
from fulfillment.network.rules import hub_rules
from fulfillment.timetable.models import Departure, DepartureStatus
from fulfillment.timetable.service import DepartureUnknown, cancel_departure
from supply.counties.models import County

from .answer import Plan
from .child import solve_apart
from .from_database import WAITING, Waiting, read_waiting
from .late import tell_late
from .models import BatchPlan, PlannedLeg
from .service import RoadsMoved, for_ever, write_plan
from .settled import settled

TRIES = 3
STOPPED = i18n.kept("停班：{reason}；改坐 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")
RUNNING = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a cancellation does to its parcels; `cost_fen` is the model's cost of their new roads."""

    departure: str
    parcels: int
    moved: int
    late: int
    unplaced: int
    notified: int
    cost_fen: int


def preview(county: County, code: str) -> Effect:
    """What cancelling would do, with nothing changed. Raises DepartureUnknown."""
    solved = _solve(county, code)
    if solved is None:
        return Effect(code, 0, 0, 0, 0, 0, 0)
    waiting, answer = solved
    mine = [p for p in answer.parcels if p.id in waiting.watched]
    late = [p for p in mine if p.arrives is not None and waiting.roads.instant(p.arrives) > waiting.watched[p.id].due_at]
    lost = sum(p.reason is not None for p in mine)
    return Effect(code, len(mine), len(mine) - lost, len(late), lost, len(late), round(answer.cost_fen - waiting.fixed_fen))


def cancel_and_replan(county: County, code: str, *, reason: str, actor: Actor, key: str | None = None) -> dict[str, Any]:
    """Cancel a departure and find its parcels other roads; one writing transaction. The same key gets the first answer.

    Raises DepartureUnknown, StatusMoved when it has left or is cancelled, RoadsMoved after several tries.
    """
    for attempt in range(1, TRIES + 1):
        solved = _solve(county, code)
        try:
            return db.run_write(partial(_once, county, code, reason, actor, key, solved))
        except RoadsMoved:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _once(
    county: County, code: str, reason: str, actor: Actor, key: str | None, solved: tuple[Waiting, Plan] | None, session: Session
) -> dict[str, Any]:
    def work() -> tuple[int, dict[str, Any]]:
        return 200, asdict(_apply(session, county, code, reason, actor.user_code, solved))

    route = f"POST /departures/{code}/cancellation"
    return once(session, tenant_id=county.id, actor=actor.key, route=route, key=key, body=reason.encode(), work=work)[1]


def _solve(county: County, code: str) -> tuple[Waiting, Plan] | None:
    """New roads for the parcels that were to ride it; None when there are none or it runs no more."""
    with db.reading() as session:
        departure = session.exec(select(Departure).where(Departure.tenant_id == county.id, Departure.code == code)).first()
        if departure is None:
            raise DepartureUnknown("没有这个班次")
        ids = _riders(session, county, departure)
        if departure.status not in RUNNING or not ids:
            return None
        day = departure.service_date
        waiting = read_waiting(session, county, day, ready_before=for_ever(day), only=ids, without=[code])
    return waiting, solve_apart(waiting.instance, seconds=10)


def _riders(session: Session, county: County, departure: Departure) -> list[int]:
    """Parcels still to ride it: planned onto it, not yet past it, nor in the hub already for a trunk that has closed."""
    past = select(Custody.parcel_code).where(Custody.holder_code == departure.code, col(Custody.ended_at).is_not(None))
    query = (
        select(col(Parcel.id))
        .join(PlannedLeg, col(PlannedLeg.parcel_id) == col(Parcel.id))
        .where(PlannedLeg.departure_id == departure.id, col(PlannedLeg.voided_at).is_(None))
        .where(col(Parcel.status).in_(WAITING), col(Parcel.code).not_in(past), not_(_in_the_bag(session, county)))
    )
    return [row or 0 for row in session.exec(query.distinct())]


def _in_the_bag(session: Session, county: County) -> ColumnElement[bool]:
    return settled(session, county.id, now=clock.now(), hub_sort_min=hub_rules(county).hub_sort_min)


def _void_unridden(session: Session, county: County, departure: Departure) -> None:
    """What came to the hub another way and is in its trunk's bag will not ride it: it is not planned anew, but its leg goes."""
    bagged = select(col(Parcel.id)).where(col(Parcel.tenant_id) == county.id, _in_the_bag(session, county))
    session.execute(
        update(PlannedLeg)
        .where(col(PlannedLeg.departure_id) == departure.id, col(PlannedLeg.voided_at).is_(None), col(PlannedLeg.parcel_id).in_(bagged))
        .values(voided_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def _apply(session: Session, county: County, code: str, reason: str, by: str, solved: tuple[Waiting, Plan] | None) -> Effect:
    departure = session.exec(select(Departure).where(Departure.tenant_id == county.id, Departure.code == code)).one()
    riders = set(_riders(session, county, departure))
    known = {w.id for w in solved[0].watched.values()} if solved else set()
    if departure.status in RUNNING and not riders <= known:
        raise RoadsMoved("刚刚又有包裹排上这班车，请再试一次")
    plan = BatchPlan(
        tenant_id=county.id, code=new_code("B"), service_date=departure.service_date, asked_by=by, asked_at=clock.now(),
        because=code,
    )  # fmt: skip
    late: list[str] = []
    placed = unplaced = 0
    if solved is not None:
        session.add(plan)
        session.flush()
        outcome = write_plan(session, plan, *solved)
        late, placed, unplaced = outcome.late, outcome.placed, len(outcome.unplaced)
    _void_unridden(session, county, departure)
    cancel_departure(session, county.id, code, reason=reason, by=by)
    void(session, departure)
    told = tell_late(session, departure, late, "{number} 路 {time} 停班，您的包裹改坐下一班，预计{day}送到。")
    trouble = open_disruption(
        session, "departure_cancelled", tenant_id=county.id, subject_kind="departure", subject_code=code, cause="cancelled",
        words=STOPPED.format(reason=reason, moved=placed, late=len(late), unplaced=unplaced),
    )  # fmt: skip
    session.flush()
    if not unplaced:
        close_disruption(session, county.id, trouble.code, by=by, outcome="包裹都改坐了别的车")
    return Effect(code, len(known), placed, len(late), unplaced, told, plan.cost_fen)
