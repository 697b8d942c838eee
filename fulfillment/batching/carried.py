"""A box that a driver would not take and that scans show to have ridden that very departure: its refusal is over.

Aboard it is proved by custody alone. An unload scan proves it where nobody scanned it aboard anything: it was set down at a stop
of the departure, straight from the stop where it was refused, after the departure came there and before the one it was to ride
instead had left.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from fulfillment.consignments.models import Parcel
from fulfillment.custody.models import Action, Custody, Scan
from fulfillment.disruptions.closures import standing_limit
from fulfillment.disruptions.models import Disruption
from fulfillment.disruptions.service import RODE, UNDONE, settle_by_facts
from fulfillment.timetable.board import Run, runs_named
from fulfillment.timetable.models import Departure, DepartureStatus

from .late import of_departure, tell_new_days
from .models import BatchPlan, PlannedLeg

REFUSED = "refused"
LOOKED_BACK = timedelta(days=1)  # scans that come later change nothing any more
EARLY = timedelta(minutes=5)  # a vehicle may come before its time
SLOW = timedelta(hours=1)  # to be set down and scanned, where nothing else could have brought it
ALL_RODE = i18n.marked("没收的件后来都坐了这班")


class Carried(NamedTuple):
    """A refusal that did not hold, its parcel and the departure that carried it."""

    row: Disruption
    parcel: Parcel
    departure: Departure


def set_down_from(session: Session, tenant_id: int) -> list[Carried]:
    """Refused boxes whose unload scan shows that they rode all the same; one query where there is none."""
    rows = session.exec(
        select(Disruption, Parcel, Departure, Custody)
        .join(Custody, col(Custody.parcel_code) == col(Disruption.subject_code))
        .join(Scan, (col(Scan.event_id) == col(Custody.scan_event)) & (col(Scan.tenant_id) == col(Custody.tenant_id)))
        .join(Parcel, col(Parcel.code) == col(Disruption.subject_code))
        .join(Departure, col(Departure.code) == col(Disruption.cause))
        .where(
            Disruption.tenant_id == tenant_id, Disruption.kind == REFUSED, Disruption.opened_at >= clock.now() - LOOKED_BACK,
            col(Disruption.outcome).not_in(UNDONE), Scan.action == Action.UNLOAD, col(Custody.holder_kind).in_(("station", "hub")),
            col(Departure.status).in_((DepartureStatus.DEPARTED, DepartureStatus.ARRIVED)),
        )
        .order_by(col(Parcel.id), col(Custody.began_at))
    ).all()  # fmt: skip
    if not rows:
        return []
    instead = _planned(session, {parcel.id or 0 for _, parcel, _, _ in rows})
    runs = {r.departure.code: r for r in runs_named(session, tenant_id, {d.code for _, _, d, _ in rows} | {c for _, c in instead})}
    found = {}
    for row, parcel, departure, held in rows:
        others = [runs[code] for parcel_id, code in instead if parcel_id == parcel.id and code != departure.code]
        if _brought(runs[departure.code], held.giver_code, held.holder_code, held.began_at, others):
            found[row.code] = Carried(row, parcel, departure)
    return list(found.values())


def _planned(session: Session, parcel_ids: Collection[int]) -> list[tuple[int, str]]:
    """The departures these parcels were ever planned on."""
    legs = select(PlannedLeg.parcel_id, Departure.code).join(Departure, col(Departure.id) == col(PlannedLeg.departure_id))
    return [(parcel, code) for parcel, code in session.exec(legs.where(col(PlannedLeg.parcel_id).in_(parcel_ids)).distinct())]


def _brought(run: Run, start: str, end: str, at: datetime, others: Sequence[Run]) -> bool:
    """Whether what went from one stop to another and was scanned there at an instant can only have come by this run."""
    for n, board in enumerate(run.calls):
        if board.node != start:
            continue
        later = [c.leaves_at for other in others for c in other.calls if c.node == start and c.leaves_at > board.leaves_at]
        for call in run.calls[n + 1 :]:
            if call.node == end and call.arrives_at - EARLY <= at < min([call.arrives_at + SLOW, *later]):
                return True
    return False


def close_refusals(session: Session, carried: Sequence[Carried]) -> None:
    """Each refusal closes by what was scanned, after its box has its place back; so does what its departure's refusing came to, once
    none of it holds, and the doubt whether a box belonged on the departure that had refused it.
    """
    settle_by_facts(session, [each.row for each in carried], RODE)
    settle_by_facts(session, _strays(session, carried), RODE)
    session.flush()
    for departure in {each.departure.code: each.departure for each in carried}.values():
        mine = (Disruption.tenant_id == departure.tenant_id, Disruption.cause == departure.code, Disruption.kind == REFUSED)
        stands = session.exec(select(Disruption.id).where(*mine, col(Disruption.outcome).not_in(UNDONE))).first()
        if stands is None and standing_limit(session, departure.tenant_id, departure.code) is None:
            cases = select(Disruption).where(
                Disruption.tenant_id == departure.tenant_id, Disruption.kind == "overfull", Disruption.subject_code == departure.code
            )
            settle_by_facts(session, list(session.exec(cases)), ALL_RODE)


def _strays(session: Session, carried: Sequence[Carried]) -> list[Disruption]:
    """Open doubts about the scans that brought these boxes aboard, where the plan has them on that departure again."""
    if not carried:
        return []
    wrong = (
        select(Disruption)
        .join(Custody, (col(Custody.scan_event) == col(Disruption.cause)) & (col(Custody.parcel_code) == col(Disruption.subject_code)))
        .join(Departure, col(Departure.code) == col(Custody.holder_code))
        .join(Parcel, col(Parcel.code) == col(Disruption.subject_code))
        .join(PlannedLeg, (col(PlannedLeg.parcel_id) == col(Parcel.id)) & (col(PlannedLeg.departure_id) == col(Departure.id)))
        .where(
            Disruption.tenant_id == carried[0].row.tenant_id, Disruption.kind == "wrong_place", col(Disruption.closed_at).is_(None),
            col(PlannedLeg.voided_at).is_(None), col(Departure.id).in_([each.departure.id for each in carried]),
            col(Parcel.id).in_([each.parcel.id for each in carried]),
        )
    )  # fmt: skip
    return list(session.exec(wrong).unique().all())


def tell_carried(session: Session, plan: BatchPlan) -> None:
    """After the new roads are written: whose day is another one again hears of it."""
    for code, parcels in sorted(plan.facts.get("rode", {}).items()):
        departure = session.exec(select(Departure).where(Departure.tenant_id == plan.tenant_id, Departure.code == code)).one()
        words = of_departure(session, departure, "您的包裹还是坐了 {time} 的{of}，预计{day}送到。")
        tell_new_days(session, parcels, words, cause=plan.code)
