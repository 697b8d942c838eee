"""What happens by itself: a run that was struck out is told to those who were to ride, a request nobody answered lapses, and what was
written is forgotten. Each look is one short transaction; looking again changes nothing."""

from datetime import timedelta

from sqlmodel import Session, col, select, update

from core import clock
from core.status import move
from fulfillment.timetable.models import Departure, DepartureStatus

from .confirming import tell_all
from .models import TRIP_REQUEST, SpecialRun, TripRequest, TripRequestStatus
from .service import places

KEPT = timedelta(days=30)  # after the day of travel, for whoever asks what went wrong
MOST = 200  # rows a transaction


def follow_runs(session: Session, tenant_id: int) -> int:
    """Requests whose run does not run are called off, with its reason. Returns how many."""
    rows = session.exec(
        select(TripRequest, Departure)
        .join(SpecialRun, col(SpecialRun.id) == col(TripRequest.run_id))
        .join(Departure, col(Departure.id) == col(SpecialRun.departure_id))
        .where(
            TripRequest.tenant_id == tenant_id, TripRequest.status == TripRequestStatus.CONFIRMED,
            Departure.status == DepartureStatus.CANCELLED,
        )
        .limit(MOST)
    ).all()  # fmt: skip
    for row, departure in rows:
        _end(session, row, "called_off", reason=departure.note)
    return len(rows)


def lapse_due(session: Session, tenant_id: int) -> int:
    """Requests whose hours went by without an answer. Returns how many."""
    today = clock.today()
    rows = session.exec(
        select(TripRequest)
        .where(TripRequest.tenant_id == tenant_id, TripRequest.status == TripRequestStatus.ASKED, TripRequest.service_date <= today)
        .limit(MOST)
    ).all()
    due = [r for r in rows if clock.on(r.service_date, r.latest_min) <= clock.now()]
    for row in due:
        _end(session, row, "lapsed", reason="")
    return len(due)


def _end(session: Session, row: TripRequest, target: str, *, reason: str) -> None:
    source = "confirmed" if target == "called_off" else "asked"
    move(
        session, TripRequest, row.id or 0, "status", TRIP_REQUEST, source, target,
        tenant_id=row.tenant_id, subject=row.code, by="clock", note=reason, values={"reason": reason},
    )  # fmt: skip
    names = places(session, {row.from_id, row.to_id})
    way = f"{row.service_date.month} 月 {row.service_date.day} 日{names[row.from_id].name}到{names[row.to_id].name}的定制客运"
    why = f"：{reason}" if reason else ""
    words = f"{way}不开了{why}" if target == "called_off" else f"{way}没有凑成，可以再要一趟"
    tell_all(session, [row], {row.code: words}, what=target)


def forget_old(session: Session, tenant_id: int) -> None:
    """What people wrote is of no use a month after the day."""
    old = clock.today() - KEPT
    session.exec(
        update(TripRequest)
        .where(col(TripRequest.tenant_id) == tenant_id, col(TripRequest.service_date) < old, col(TripRequest.note_sealed) != "")
        .values(note_sealed="")
    )  # fmt: skip
