"""Any disruption in two steps: see what it would do, then do it in one writing transaction.

The new roads are found between a read and that transaction, in this process (fulfillment.batching.repair); if the roads moved
meanwhile it is done again. Only the parcels it concerns are moved, all others keep their places. What is left to gain is looked
for afterwards (.better).
"""

import math
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlmodel import Session

from core import clock, db
from core.codes import new_code
from core.failpoints import failpoint
from core.idempotency import answered, once
from core.permissions import Actor
from fulfillment.batching.answer import Plan
from fulfillment.batching.from_database import Waiting, read_waiting
from fulfillment.batching.late import days_now, tell_new_days
from fulfillment.batching.models import BatchPlan
from fulfillment.batching.repair import cost_of, repair
from fulfillment.batching.roads import Roads
from fulfillment.batching.service import RoadsMoved, for_ever, write_plan
from fulfillment.manifests.service import revise_those
from fulfillment.timetable.running import find_departure
from supply.counties.models import County

from .before import former_roads, standing_roads
from .better import ask_better
from .change import Change
from .effect import Effect, Rescue, foreseen
from .extra import NoVehicle, add_run, as_planned, offer
from .kinds import CancelDeparture, Incident
from .places import collected_elsewhere, elsewhere_in_words, tell_places
from .riders import void_unridden
from .service import close_disruption, open_disruption

TRIES = 3
DAY = timedelta(days=1)
DEALT_WITH = "包裹都改坐了别的车"


class Solved(NamedTuple):
    """New roads for the parcels an incident concerns; None where there are none."""

    change: Change
    waiting: Waiting | None
    answer: Plan | None


KNOWN_ANSWER = Solved(Change(date.min), None, None)  # of what was done before: there is nothing to solve


def preview(county: County, incident: Incident) -> Effect:
    """What it would do, with nothing changed: parcel by parcel. Raises what the incident's `change` raises."""
    with db.reading() as session:
        change, ids = _look(session, county, incident)
        struck = len(change.without) + len(change.delays)
        if not ids:
            return Effect(incident.subject, more_fen=0, departures=struck)
        now = read_waiting(session, county, change.day, ready_before=for_ever(change.day), only=ids, alone=True)
        before = standing_roads(session, now)
        solved = _solve(session, county, change, ids)
        assert solved.waiting is not None
        assert solved.answer is not None
        cost = cost_of(now.instance, before)[0]
        effect = foreseen(
            session, incident.subject, solved.waiting, solved.answer, now.roads, before, before_fen=cost, departures=struck,
            moved=[c.id or 0 for c in collected_elsewhere(session, county, change.ends)],
        )  # fmt: skip
        return replace(effect, rescue=_rescue(session, county, incident, solved, effect, now.roads))


def _rescue(session: Session, county: County, incident: Incident, solved: Solved, effect: Effect, roads: Roads) -> Rescue | None:
    """An extra run, where a cancellation leaves somebody late or without a road and it would help.

    solved: how it will be without the departure; roads: as they are with it.
    """
    waiting, without = solved.waiting, solved.answer
    if not isinstance(incident, CancelDeparture) or not effect.in_trouble or waiting is None or without is None:
        return None
    departure = find_departure(session, county.id, incident.code)
    found = offer(session, county, departure)
    run = as_planned(session, departure, found, roads) if found else None
    if found is None or run is None:
        return None
    with_run = replace(waiting.instance, departures=(*waiting.instance.departures, run))
    answer = repair(with_run, standing_roads(session, waiting))
    trouble = _trouble(waiting, answer)
    saves = round(effect.cost_fen - (answer.cost_fen - waiting.fixed_fen))
    return Rescue(found, trouble.late, trouble.unplaced, saves) if trouble < _trouble(waiting, without) else None


class Trouble(NamedTuple):
    """Parcels without a road, late ones, and how many started days late in all: the first that differs says which answer is worse."""

    unplaced: int
    late: int
    days: int


def _trouble(waiting: Waiting, answer: Plan) -> Trouble:
    """Of the parcels an incident concerns; who was late already may come later still."""
    watched, at = waiting.watched, waiting.roads.instant
    mine = [p for p in answer.parcels if p.id in watched]
    late = [at(p.arrives) - watched[p.id].due_at for p in mine if p.arrives is not None and at(p.arrives) > watched[p.id].due_at]
    return Trouble(sum(p.reason is not None for p in mine), len(late), sum(math.ceil(by / DAY) for by in late))


def apply(
    county: County, incident: Incident, *, actor: Actor, route: str, key: str | None = None, extra: bool = False, sent: str = ""
) -> dict[str, Any]:  # fmt: skip
    """Do it and find its parcels other roads. The same key on the same route gets the first answer.

    extra: with an emergency run in a cancelled departure's place, made in the same transaction and planned onto there. sent: what was
    asked for, where the incident holds more than that (the moment it began, of one that begins now).
    Raises what the incident raises, StatusMoved when somebody was first, RoadsMoved after several tries.
    """
    for attempt in range(1, TRIES + 1):
        with db.reading() as session:
            if answered(session, tenant_id=county.id, actor=actor.key, route=route, key=key):
                solved = KNOWN_ANSWER  # what stands in its way now may be its own doing
            else:
                change, ids = _look(session, county, incident)
                solved = _solve(session, county, change, ids) if ids else Solved(change, None, None)
        try:
            return db.run_write(partial(_once, county, incident, actor, route, key, sent, None if extra else solved))
        except RoadsMoved:
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


def _look(session: Session, county: County, incident: Incident) -> tuple[Change, list[int]]:
    change = incident.change(session, county)
    return change, incident.concerned(session, county, change)


def _solve(session: Session, county: County, change: Change, ids: list[int]) -> Solved:
    waiting = read_waiting(
        session, county, change.day, ready_before=for_ever(change.day), only=ids, without=change.without, alter=change.roads,
        ends=change.ends, starts=change.starts, allows=change.allows,
    )  # fmt: skip
    return Solved(change, waiting, _answer(session, waiting, change))


def _answer(session: Session, waiting: Waiting, change: Change) -> Plan:
    """Of equally cheap roads each parcel keeps the one it has; a box that is taken after all goes back to the one it had."""
    now = standing_roads(session, waiting)
    if change.allows:
        back = repair(waiting.instance, {**now, **former_roads(session, waiting, change.allows, now)})
        rides = {(parcel.id, leg.departure) for parcel in back.parcels for leg in parcel.legs}
        if change.allows <= rides:
            return back
    return repair(waiting.instance, now)


def _once(
    county: County, incident: Incident, actor: Actor, route: str, key: str | None, sent: str, solved: Solved | None, session: Session
) -> dict[str, Any]:  # fmt: skip
    def work() -> tuple[int, dict[str, Any]]:
        roads, made = (solved, {}) if solved is not None else _with_extra(session, county, incident, actor.user_code)
        effect = do_it(session, county, incident, actor.user_code, roads)
        return 200, {incident.subject_kind: incident.subject, **effect.figures(), **made}

    body = f"{sent or repr(incident)} {solved is None}".encode()
    return once(session, tenant_id=county.id, actor=actor.key, route=route, key=key, body=body, work=work)[1]


def _with_extra(session: Session, county: County, incident: Incident, by: str) -> tuple[Solved, dict[str, Any]]:
    """Make the extra run and find roads over it; what was made, as a call answers it. Raises NoVehicle."""
    departure = find_departure(session, county.id, incident.subject)
    found = offer(session, county, departure)
    if found is None:
        raise NoVehicle("没有空着的车能加开")
    run = add_run(session, county, departure, found, by=by)
    failpoint("extra.made")
    change, ids = _look(session, county, incident)
    made = {
        "departure": run.code,
        "vehicle": found.plate,
        "leaves_at": clock.local(found.leaves_at).isoformat(),
        "price_fen": found.price_fen,
    }
    return _solve(session, county, change, ids) if ids else Solved(change, None, None), {"extra_run": made}


def do_it(session: Session, county: County, incident: Incident, by: str, solved: Solved) -> Effect:
    """Everything of it in the caller's transaction. Raises RoadsMoved when whom it concerns is not who was planned anew."""
    change, ids = _look(session, county, incident)
    watched = {} if solved.waiting is None else solved.waiting.watched
    if change != solved.change or not set(ids) <= {w.id for w in watched.values()}:
        raise RoadsMoved("刚刚又有包裹排上，请再试一次")
    plan = BatchPlan(
        tenant_id=county.id, code=new_code("B"), service_date=change.day, asked_by=by, asked_at=clock.now(), because=incident.subject
    )
    effect = Effect(incident.subject, departures=len(change.without) + len(change.delays))
    before = days_now(session, list(watched))
    if solved.waiting is not None and solved.answer is not None:
        session.add(plan)
        session.flush()
        outcome = write_plan(session, plan, solved.waiting, solved.answer)
        if any(watched[code].id in ids for code in outcome.skipped):
            raise RoadsMoved("有包裹刚刚扫过码，请再试一次")
        effect = replace(
            effect, parcels=len(watched), moved=outcome.placed, late=len(outcome.late), unplaced=len(outcome.unplaced),
            cost_fen=plan.cost_fen,
        )  # fmt: skip
    failpoint("disruption.roads")
    moved = collected_elsewhere(session, county, change.ends)
    if incident.stops:
        revise_those(session, void_unridden(session, county, change.without))
    incident.write(session, county, change, by)
    failpoint("disruption.written")
    told = tell_places(session, moved, elsewhere_in_words(session, county, change.ends), cause=plan.code) if moved else 0
    told += tell_new_days(session, list(watched), incident.said(session, county), cause=plan.code, before=before)
    failpoint("disruption.told")
    effect = replace(effect, notified=told)
    if incident.words:
        _note(session, county, incident, effect, by)
    if effect.in_trouble:
        ask_better(session, county, because=plan.code)
    return effect


def _note(session: Session, county: County, incident: Incident, effect: Effect, by: str) -> None:
    """Its row among the disruptions, closed at once when nobody need act."""
    words = incident.words.format(reason=incident.reason, moved=effect.moved, late=effect.late, unplaced=effect.unplaced)
    row = open_disruption(
        session, incident.kind, tenant_id=county.id, subject_kind=incident.subject_kind, subject_code=incident.subject,
        cause=incident.cause, words=words,
    )  # fmt: skip
    session.flush()
    if not effect.unplaced:
        close_disruption(session, county.id, row.code, by=by, outcome=DEALT_WITH)
