"""Plans: asked for, solved apart from any transaction, and written only if the roads stood still meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert
from sqlmodel import Session, col, select, update

from core import clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.failpoints import failpoint
from core.outbox import emit
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Custody
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import open_disruption, settle_by_facts
from fulfillment.manifests.service import revise_those
from fulfillment.network.models import Trunk
from fulfillment.promise.stamp import changed_since
from fulfillment.whatif.worth import keep_worth
from supply.counties.models import County

from .answer import Plan, PlannedParcel
from .from_database import Waiting, Watched, read_waiting
from .late import tell_planned
from .means import LineMeans, means_of
from .models import BatchPlan, PlannedLeg, Unplaced
from .shares import keep_within
from .yesterday import earlier_worth, worth_by_trip

SECONDS = 30.0
REASON_WORDS = i18n.marked({
    "no_road": "没有车到得了", "no_cold_path": "一路上没有冷舱", "no_capacity": "车上没有位置了", "past_shelf": "赶到时已过保鲜期",
    "no_trunk": "赶不上去那里的干线", "forbidden": "被指定或禁用的班次挡住",
})  # fmt: skip


class RoadsMoved(Conflict):
    """Departures or their load changed while the plan was being solved: solve again."""

    code = "roads_moved"


class PlanUnknown(NotFound):
    """No such plan in this county."""

    code = "plan_unknown"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a written plan did: parcels placed (and of them late), moved from where they were, left without a road, and left as they
    stand because they changed since they were read."""

    placed: int
    late: list[str]
    moved: list[str]
    unplaced: dict[str, str]
    skipped: list[str]


def wave_cutoff(session: Session, county: County, day: date, wave: str) -> datetime:
    """The instant of a wave, which is a trunk's cut-off of the day (HHMM). Raises Refused for any other time."""
    cutoffs = set(session.exec(select(Trunk.cutoff_min).where(Trunk.tenant_id == county.id)).all())
    minute = int(wave[:2]) * 60 + int(wave[2:]) if len(wave) == 4 and wave.isascii() and wave.isdigit() else -1
    if minute not in cutoffs:
        known = "、".join(f"{c // 60:02d}{c % 60:02d}" for c in sorted(cutoffs))
        raise Refused(i18n.gettext("集单的波次是干线的截单时间：{known}").format(known=known), field="wave")
    return clock.on(day, minute)


def ask_plan(session: Session, county: County, day: date, *, wave: str = "", by: str = "") -> BatchPlan:
    """Ask for a plan; it is solved after the commit (fulfillment.batching.tasks). Raises Refused for an impossible day or wave."""
    today = clock.today()
    if not -7 <= (day - today).days <= 30:
        raise Refused("只能给最近一周到一个月之内的日子集单", field="date")
    if wave:
        wave_cutoff(session, county, day, wave)
    plan = BatchPlan(tenant_id=county.id, code=new_code("B"), service_date=day, wave=wave, asked_by=by, asked_at=clock.now())
    session.add(plan)
    session.flush()
    emit(session, "plan.asked", tenant_id=county.id, key=plan.code, payload={"plan_code": plan.code})
    return plan


def read_for(session: Session, county: County, plan: BatchPlan) -> Waiting:
    """The problem a plan was asked for, as things stand now; of one that mends another, its own parcels alone."""
    if only := plan.facts.get("only"):
        return read_waiting(session, county, plan.service_date, ready_before=for_ever(plan.service_date), only=only)
    before = wave_cutoff(session, county, plan.service_date, plan.wave) if plan.wave else None
    waiting = read_waiting(session, county, plan.service_date, ready_before=before)
    return replace(waiting, worth=earlier_worth(session, plan, waiting.roads))


def for_ever(day: date) -> datetime:
    """A month after `day`: whatever parcels are named are planned, however late they are ready."""
    return clock.on(day, 60 * 24 * 30)


def plan_day(session: Session, county: County, day: date, wave: str = "", *, by: str = "", seconds: float = SECONDS) -> BatchPlan:
    """Ask, solve and write in the caller's transaction: for histories and tests, where nobody else waits for the database."""
    from .solve import solve  # the web process never loads the solver

    plan = BatchPlan(tenant_id=county.id, code=new_code("B"), service_date=day, wave=wave, asked_by=by, asked_at=clock.now())
    session.add(plan)
    session.flush()
    waiting = read_for(session, county, plan)
    answer = solve(waiting.instance, seconds=seconds, worth=waiting.worth)
    write_plan(session, plan, waiting, answer, means_of(waiting.instance, answer))
    tell_planned(session, list(waiting.watched), cause=plan.code)
    return plan


def write_plan(session: Session, plan: BatchPlan, waiting: Waiting, answer: Plan, means: Sequence[LineMeans] = ()) -> Outcome:
    """Put parcels on departures as the answer says; legs it replaces are voided. Raises RoadsMoved.

    `means` says of each line why it was chosen; it is kept with the plan.

    A parcel whose state changed since it was read keeps its place; the next plan looks at it again.
    """
    if changed_since(session, plan.tenant_id, waiting.version):
        raise RoadsMoved("班次或装载刚刚变了，请再集一次单")
    standing = _standing(session, waiting)
    answers = {p.id: p for p in answer.parcels if p.id in standing}
    before = _trunks_before(session, waiting, standing)
    touched = _void_replaced(session, plan.tenant_id, [standing[c] for c in answers])
    failpoint("plan.voided")
    legs = [leg for c, a in answers.items() if a.reason is None for leg in _leg_rows(plan, waiting, standing[c], a)]
    if legs:
        session.execute(insert(PlannedLeg), legs)
    failpoint("plan.placed")
    after = _give_trunks(session, waiting, standing, answers)
    revise_those(session, touched | {int(str(leg["departure_id"])) for leg in legs})
    if not keep_within(session, plan.tenant_id, waiting.roads, waiting.instance, answer):
        raise RoadsMoved("干线的份额刚刚变了，请再集一次单")
    outcome = Outcome(
        placed=sum(a.reason is None for a in answers.values()),
        late=[c for c, a in answers.items() if a.arrives is not None and waiting.roads.instant(a.arrives) > standing[c].due_at],
        moved=[c for c, trunk in after.items() if before.get(c) not in (None, trunk)],
        unplaced={c: a.reason for c, a in answers.items() if a.reason},
        skipped=[code for code in waiting.watched if code not in standing],
    )
    session.add_all(
        Unplaced(tenant_id=plan.tenant_id, plan_id=plan.id or 0, parcel_id=standing[c].id, reason=r) for c, r in outcome.unplaced.items()
    )
    _tell_unplaced(session, plan.tenant_id, answers, outcome)
    _finish(plan, waiting, answer, outcome)
    keep_worth(session, plan, {ride.code: ride.id for ride in waiting.roads.rides.values()}, answer)
    plan.facts = {**plan.facts, "means": [row._asdict() for row in means], "worth": worth_by_trip(session, plan, waiting.roads, answer)}
    session.add(plan)
    session.flush()
    return outcome


def _standing(session: Session, waiting: Waiting) -> dict[str, Watched]:
    """Watched parcels that are still as they were read and in the same hands, locked in id order."""
    query = select(col(Parcel.id), col(Parcel.code), col(Parcel.status)).where(col(Parcel.id).in_([w.id for w in waiting.watched.values()]))
    rows = session.exec(query.order_by(col(Parcel.id)).with_for_update()).all()
    held = select(col(Custody.parcel_code), col(Custody.holder_code)).join(Parcel, col(Parcel.code) == col(Custody.parcel_code))
    holders = dict(session.exec(held.where(col(Parcel.id).in_([row[0] for row in rows]), col(Custody.ended_at).is_(None))).all())
    read = waiting.watched
    return {code: read[code] for _, code, status in rows if (read[code].status, read[code].holder) == (status, holders.get(code))}


def _trunks_before(session: Session, waiting: Waiting, standing: dict[str, Watched]) -> dict[str, tuple[int, datetime]]:
    rows = select(col(Parcel.code), col(Parcel.trunk_id), col(Parcel.trunk_at)).where(col(Parcel.code).in_(standing))
    return {code: (trunk, at) for code, trunk, at in session.exec(rows) if trunk is not None and at is not None}


def _void_replaced(session: Session, tenant_id: int, parcels: list[Watched]) -> set[int]:
    """Every active leg beyond a parcel's kept ones; parcels with the same number of kept legs go together. Returns their departures."""
    touched: set[int] = set()
    for kept in {p.kept_legs for p in parcels}:
        ids = [p.id for p in parcels if p.kept_legs == kept]
        voided = session.execute(
            update(PlannedLeg)
            .where(col(PlannedLeg.parcel_id).in_(ids), col(PlannedLeg.voided_at).is_(None), col(PlannedLeg.position) >= kept)
            .values(voided_at=clock.now())
            .returning(col(PlannedLeg.departure_id))
            .execution_options(synchronize_session=False)
        )
        touched.update(voided.scalars())
    return touched


def _leg_rows(plan: BatchPlan, waiting: Waiting, parcel: Watched, answer: PlannedParcel) -> list[dict[str, object]]:
    """New legs, numbered on from the kept ones; the answer's fixed legs are those kept already (or never planned)."""
    fixed = next(len(p.fixed_legs) for p in waiting.instance.parcels if p.id == parcel.code)
    rows: list[dict[str, object]] = []
    for n, leg in enumerate(answer.legs[fixed:]):
        ride = waiting.roads.rides[leg.departure]
        board, alight = (ride.calls[waiting.roads.stop_index(ride, label)] for label in (leg.board, leg.alight))
        rows.append(
            {
                "tenant_id": plan.tenant_id, "plan_id": plan.id, "parcel_id": parcel.id, "position": parcel.kept_legs + n,
                "departure_id": ride.id, "board": board.position, "alight": alight.position, "voided_at": None,
            }
        )  # fmt: skip
    return rows


def _give_trunks(
    session: Session, waiting: Waiting, standing: dict[str, Watched], answers: dict[str, PlannedParcel]
) -> dict[str, tuple[int, datetime] | None]:
    """Note each parcel's trunk and arrival; returns the trunks given."""
    given: dict[str, tuple[int, datetime] | None] = {}
    rows = []
    for code, answer in answers.items():
        day = waiting.roads.trunk_days[answer.trunk] if answer.trunk else None
        given[code] = (day.id, day.leaves_at) if day else None
        arrives = waiting.roads.instant(answer.arrives) if answer.arrives is not None else None
        rows.append({"id": standing[code].id, "trunk_id": day and day.id, "trunk_at": day and day.leaves_at, "arrives_at": arrives})
    if rows:
        session.execute(update(Parcel), rows)
        for loaded in [row for row in session if isinstance(row, Parcel)]:
            session.expire(loaded)
    return given


def _tell_unplaced(session: Session, tenant_id: int, answers: dict[str, PlannedParcel], outcome: Outcome) -> None:
    for code, reason in outcome.unplaced.items():
        open_disruption(
            session, "unplaced", tenant_id=tenant_id, subject_kind="parcel", subject_code=code, words=REASON_WORDS[reason], cause="plan"
        )
    placed = [c for c, a in answers.items() if a.reason is None]
    solved = select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.kind == "unplaced", col(Disruption.closed_at).is_(None))
    settle_by_facts(session, list(session.exec(solved.where(col(Disruption.subject_code).in_(placed)))), "排上了")


def _finish(plan: BatchPlan, waiting: Waiting, answer: Plan, outcome: Outcome) -> None:
    cost, bound = answer.cost_fen - waiting.fixed_fen, answer.bound_fen - waiting.fixed_fen
    plan.status = answer.status if waiting.watched else "empty"
    plan.finished_at = clock.now()
    plan.placed, plan.late, plan.unplaced = outcome.placed, len(outcome.late), len(outcome.unplaced)
    plan.cost_fen, plan.bound_fen = round(cost), round(bound)
    plan.gap = max(0.0, cost / bound - 1) if bound > 0 else 0.0
    plan.seconds = round(answer.seconds, 3)
    plan.facts = {**plan.facts, "moved": len(outcome.moved), "late": outcome.late[:200]}
