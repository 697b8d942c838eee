"""A bus that left without a parcel: its place is given up, somebody is told, and another road is found for it.

Who is not packed when loading closes at its stop cannot be on the bus; who is packed but not scanned aboard gets a while
more, because a driver's phone may be without network. What a late scan proves to have been aboard gets its place back, and so does a
box that was refused at the door and went aboard all the same (.carried).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, update
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.codes import new_code
from core.outbox import emit
from fulfillment.consignments.models import Parcel, ParcelStatus
from fulfillment.custody.models import Custody
from fulfillment.disruptions.closures import StandIn, stand_ins
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import UNDONE, open_disruption, settle_by_facts
from fulfillment.network.models import Line, StopTime
from fulfillment.network.words import kept_words
from fulfillment.promise.stamp import load_changed
from fulfillment.timetable.models import Departure
from supply.stations.models import Node

from .carried import REFUSED, Carried, close_refusals, set_down_from, tell_carried
from .from_database import WAITING
from .late import of_departure, tell_new_days
from .models import BatchPlan, PlannedLeg
from .service import Outcome

SCANS_COME_WITHIN = timedelta(minutes=15)  # after the bus left the stop
LATE_SCANS_WITHIN = timedelta(days=1)
MISSED = "missed"
UNPACKED = i18n.kept("{line}（{time}）走了，这件还没打包")
UNLOADED = i18n.kept("{line}（{time}）走了，没扫到这件装车")
WENT_ON = i18n.marked("改坐了别的车")
AGAIN = i18n.marked("下一班也没赶上")
ABOARD = i18n.marked("装车扫码来得晚，其实坐上了")


class Left(NamedTuple):
    """A planned leg whose bus has gone without its parcel."""

    parcel_id: int
    parcel_code: str
    position: int
    departure: Departure
    words: str


def leave_behind(session: Session, tenant_id: int) -> list[Departure]:
    """Void the places that parcels missed and ask for new ones; done again it finds nothing. Returns the departures whose load changed."""
    aboard = [*_proved_aboard(session, tenant_id), *set_down_from(session, tenant_id)]
    behind = _left_behind(session, tenant_id)
    if not aboard and not behind:
        return []
    load_changed(session, tenant_id)  # before parcels, as a plan that is written does
    _lock(session, {left.parcel_id for left in behind} | {parcel.id or 0 for _, parcel, _ in aboard})
    changed = _give_up(session, tenant_id, _left_behind(session, tenant_id))
    aboard, set_down = _proved_aboard(session, tenant_id), set_down_from(session, tenant_id)
    changed += _take_back(session, aboard)
    changed += _void(session, col(PlannedLeg.parcel_id).in_([each.parcel.id for each in set_down]))
    carried = [each for each in (*aboard, *set_down) if each.row.kind == REFUSED]
    close_refusals(session, carried)
    rode: dict[str, list[str]] = defaultdict(list)
    for each in carried:
        rode[each.departure.code].append(each.parcel.code)
    ask_again(session, tenant_id, {parcel_id for parcel_id, _ in changed} | {each.parcel.id or 0 for each in carried}, rode)
    return list({departure.id: departure for _, departure in changed}.values())


def ask_again(
    session: Session, tenant_id: int, parcel_ids: Collection[int], rode: Mapping[str, list[str]] | None = None
) -> BatchPlan | None:  # fmt: skip
    """Ask for new roads for these parcels alone; they are found after the commit. `rode`: parcels that a departure carried which had
    refused them, by its code; their buyers hear where that changes the day."""
    if not parcel_ids:
        return None
    plan = BatchPlan(
        tenant_id=tenant_id, code=new_code("B"), service_date=clock.today(), asked_by="clock", asked_at=clock.now(), because=MISSED,
        facts={"only": sorted(parcel_ids), **({"rode": dict(rode)} if rode else {})},
    )  # fmt: skip
    session.add(plan)
    session.flush()
    emit(session, "plan.asked", tenant_id=tenant_id, key=plan.code, payload={"plan_code": plan.code})
    return plan


def settle_missed(session: Session, plan: BatchPlan, read_as: dict[int, str], outcome: Outcome) -> None:
    """After the new roads are written: who still arrives in time is dealt with, a buyer who must wait is told.

    `read_as` is each planned parcel's status when it was read: one that changed meanwhile was left as it stood, and is asked for again.
    """
    parcels = session.exec(select(Parcel).where(col(Parcel.id).in_(read_as))).all()
    late, by_code = set(outcome.late), {p.code: p for p in parcels}
    open_rows = _open_of(session, plan.tenant_id, by_code)
    in_time = [row for row in open_rows if row.subject_code not in late and by_code[row.subject_code].arrives_at is not None]
    settle_by_facts(session, in_time, WENT_ON)
    for departure_code in sorted({row.cause for row in open_rows}):
        departure = session.exec(select(Departure).where(Departure.code == departure_code)).one()
        codes = [row.subject_code for row in open_rows if row.cause == departure_code and row.subject_code in late]
        words = of_departure(session, departure, "您的包裹没赶上 {time} 的{of}，改坐后面的车，预计{day}送到。")
        tell_new_days(session, codes, words, cause=plan.code)
    tell_carried(session, plan)
    ask_again(session, plan.tenant_id, {p.id or 0 for p in parcels if p.status in WAITING and p.status != read_as[p.id or 0]})


def _left_behind(session: Session, tenant_id: int) -> list[Left]:
    """The first missed leg of each parcel."""
    now = clock.now()
    rows = session.exec(
        select(PlannedLeg, Parcel, Departure, StopTime.dep_min, Line, col(Node.code), Custody)  # type: ignore[call-overload]
        .join(Parcel, col(Parcel.id) == col(PlannedLeg.parcel_id))
        .join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(PlannedLeg.board)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .outerjoin(Custody, (col(Custody.parcel_code) == col(Parcel.code)) & col(Custody.ended_at).is_(None))
        .where(
            Parcel.tenant_id == tenant_id, col(Parcel.status).in_(WAITING), col(PlannedLeg.voided_at).is_(None),
            col(Departure.closes_at) <= now, ~_rode(),
        )
        .order_by(col(PlannedLeg.parcel_id), col(PlannedLeg.position))
    )  # fmt: skip
    found: dict[int, Left] = {}
    carried = stand_ins(session, tenant_id)
    for leg, parcel, departure, dep_min, line, node, held in rows:
        leaves = clock.on(departure.service_date, dep_min + departure.delay_min)
        unpacked = parcel.status == ParcelStatus.EXPECTED
        gone = now >= (leaves - timedelta(minutes=line.close_min) if unpacked else leaves + SCANS_COME_WITHIN)
        if gone and (unpacked or _waits_there(leg, node, held, carried)):
            words = UNPACKED if unpacked else UNLOADED
            said = words.format(time=f"{clock.local(leaves):%H:%M}", line=kept_words(line.number, line.kind))
            found.setdefault(parcel.id, Left(parcel.id, parcel.code, leg.position, departure, said))
    return list(found.values())


def _rode() -> ColumnElement[bool]:
    """The parcel was or is on this leg's departure."""
    ridden = aliased(Custody)
    return select(ridden.id).where(col(ridden.parcel_code) == col(Parcel.code), col(ridden.holder_code) == col(Departure.code)).exists()


def _waits_there(leg: PlannedLeg, node: str, held: Custody | None, carried: Mapping[str, StandIn]) -> bool:
    """It still stands where it was to board or is carried there from, or comes on a bus that is late. Else it rode without a scan."""
    if held is None:
        return False
    stand_in = carried.get(held.holder_code)
    return node in (held.holder_code, stand_in and stand_in.node) or (leg.position > 0 and held.holder_kind == "departure")


def _lock(session: Session, parcel_ids: Iterable[int]) -> None:
    rows = select(Parcel).where(col(Parcel.id).in_(sorted(parcel_ids))).order_by(col(Parcel.id)).with_for_update()
    session.exec(rows, execution_options={"populate_existing": True}).all()


def _give_up(session: Session, tenant_id: int, behind: list[Left]) -> list[tuple[int, Departure]]:
    """Each parcel's missed leg and those after it are void, and nothing is promised for it until the new plan."""
    open_rows = _open_of(session, tenant_id, {left.parcel_code for left in behind})
    settle_by_facts(session, open_rows, AGAIN)
    session.flush()
    by_position: dict[int, list[int]] = defaultdict(list)
    for left in behind:
        by_position[left.position].append(left.parcel_id)
        open_disruption(
            session, MISSED, tenant_id=tenant_id, subject_kind="parcel", subject_code=left.parcel_code, words=left.words,
            cause=left.departure.code,
        )  # fmt: skip
    for position, ids in sorted(by_position.items()):
        _void(session, and_(col(PlannedLeg.parcel_id).in_(ids), col(PlannedLeg.position) >= position))
    for parcel in session.exec(select(Parcel).where(col(Parcel.id).in_([left.parcel_id for left in behind]))):
        parcel.trunk_id = parcel.trunk_at = parcel.arrives_at = None
        session.add(parcel)
    return [(left.parcel_id, left.departure) for left in behind]


def _proved_aboard(session: Session, tenant_id: int) -> list[Carried]:
    """Those called missed, or refused, that a scan shows on the very bus after all."""
    rows = session.exec(
        select(Disruption, Parcel, Departure)
        .join(Custody, (col(Custody.parcel_code) == col(Disruption.subject_code)) & (col(Custody.holder_code) == col(Disruption.cause)))
        .join(Parcel, col(Parcel.code) == col(Disruption.subject_code))
        .join(Departure, col(Departure.code) == col(Disruption.cause))
        .where(
            Disruption.tenant_id == tenant_id, col(Disruption.kind).in_((MISSED, REFUSED)),
            Disruption.opened_at >= clock.now() - LATE_SCANS_WITHIN, col(Disruption.outcome).not_in((ABOARD, *UNDONE)),
        )
        .order_by(col(Parcel.id))
    )  # fmt: skip
    return list({row.code: Carried(row, parcel, departure) for row, parcel, departure in rows}.values())


def _take_back(session: Session, aboard: Sequence[Carried]) -> list[tuple[int, Departure]]:
    """The leg it rides is active again in the place of what was planned instead; what that was loses it."""
    changed = [(each.parcel.id or 0, each.departure) for each in aboard]
    settle_by_facts(session, [each.row for each in aboard if each.row.kind == MISSED], ABOARD)
    for row, parcel, departure in aboard:
        if row.kind == REFUSED and parcel.status not in WAITING:
            continue  # where its road has ended it takes up no place on what is still to come
        ridden = select(func.max(PlannedLeg.id)).where(PlannedLeg.parcel_id == parcel.id, PlannedLeg.departure_id == departure.id)
        leg = session.get(PlannedLeg, session.exec(ridden).one() or 0)
        if leg is not None and leg.voided_at is not None:
            changed += _void(session, and_(col(PlannedLeg.parcel_id) == parcel.id, col(PlannedLeg.position) >= leg.position))
            leg.voided_at = None
            session.add(leg)
    session.flush()
    return changed


def _void(session: Session, which: ColumnElement[bool]) -> list[tuple[int, Departure]]:
    """The parcels whose active legs these were, with the departures that lose them."""
    active = update(PlannedLeg).where(which, col(PlannedLeg.voided_at).is_(None)).values(voided_at=clock.now())
    gone = active.returning(col(PlannedLeg.parcel_id), col(PlannedLeg.departure_id)).execution_options(synchronize_session=False)
    lost = [(parcel, departure) for parcel, departure in session.execute(gone)]
    return [(parcel, session.get_one(Departure, departure)) for parcel, departure in lost]


def _open_of(session: Session, tenant_id: int, parcel_codes: Collection[str]) -> list[Disruption]:
    query = select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.kind == MISSED, col(Disruption.closed_at).is_(None))
    return list(session.exec(query.where(col(Disruption.subject_code).in_(parcel_codes)).order_by(col(Disruption.id))))
