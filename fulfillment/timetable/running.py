"""What people do to departures besides cancelling them: late, full, running after all."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.errors import Conflict
from core.status import move
from fulfillment.promise.stamp import board_changed

from .blocks import delays_along_block, runs_in_blocks
from .models import DEPARTURE, Departure, DepartureStatus
from .service import DepartureUnknown

NOT_LEFT = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED)
ON_ITS_WAY = (*NOT_LEFT, DepartureStatus.DEPARTED)
MOST_LATE_MIN = 600  # what is later runs another day: cancel it


class NotRunning(Conflict):
    """The departure has arrived or does not run."""

    code = "not_running"


class HasLeft(Conflict):
    """Its time is past: it cannot run any more."""

    code = "has_left"


class Room(NamedTuple):
    """What a departure may carry of parcels."""

    g: int
    ml: int
    boxes: int | None
    chilled_ml: int | None


def find_departure(session: Session, tenant_id: int, code: str) -> Departure:
    """Raises DepartureUnknown."""
    departure = session.exec(select(Departure).where(Departure.tenant_id == tenant_id, Departure.code == code)).first()
    if departure is None:
        raise DepartureUnknown("没有这个班次")
    return departure


def delays_with(session: Session, departure: Departure, minutes: int) -> dict[str, int]:
    """Minutes late in all of the departure and of the later runs of its vehicle, when it is `minutes` late; those that change.

    A later run that was late for a reason of its own stays so; what it had from this one before follows. Raises NotRunning.
    """
    if departure.status not in ON_ITS_WAY:
        raise NotRunning("这班已经到了或停了，改不了时间")
    runs = runs_in_blocks(session, departure.tenant_id, departure.service_date)
    now = _delays(session, (run.code for run in runs if run.day == departure.service_date))
    inherited = delays_along_block(runs, departure.code, departure.delay_min)
    wanted = delays_along_block(runs, departure.code, minutes)
    wanted |= {code: now[code] for code in wanted if code != departure.code and now[code] > max(wanted[code], inherited.get(code, 0))}
    wanted |= {code: 0 for code in inherited if code not in wanted and now.get(code) == inherited[code]}
    wanted[departure.code] = minutes
    return {code: late for code, late in wanted.items() if now.get(code) != late}


def delay(session: Session, tenant_id: int, delays: Mapping[str, int], *, code: str, reason: str) -> None:
    """Write how late departures are; `reason` is noted at the one it began with."""
    for row in session.exec(select(Departure).where(Departure.tenant_id == tenant_id, col(Departure.code).in_(delays))).all():
        row.delay_min = delays[row.code]
        if row.code == code:
            row.note = reason
        session.add(row)
    session.flush()
    board_changed(session, tenant_id)


def limit_room(session: Session, departure: Departure, room: Room) -> None:
    """It takes no more than this from now on; never more than it had."""
    departure.cap_g, departure.cap_ml = min(departure.cap_g, room.g), min(departure.cap_ml, room.ml)
    if departure.cap_boxes is not None and room.boxes is not None:
        departure.cap_boxes = min(departure.cap_boxes, room.boxes)
    if room.chilled_ml is not None:
        departure.cap_chilled_ml = min(departure.cap_ml if departure.cap_chilled_ml is None else departure.cap_chilled_ml, room.chilled_ml)
    session.add(departure)
    session.flush()
    board_changed(session, departure.tenant_id)


def restore_room(session: Session, departure: Departure, room: Room) -> None:
    """It takes again what it took before it was limited. Raises NotRunning once it has arrived or does not run."""
    if departure.status not in ON_ITS_WAY:
        raise NotRunning("这班已经到了或停了")
    departure.cap_g, departure.cap_ml, departure.cap_boxes, departure.cap_chilled_ml = room
    session.add(departure)
    session.flush()
    board_changed(session, departure.tenant_id)


def may_run_again(departure: Departure) -> bool:
    return departure.status == DepartureStatus.CANCELLED and departure.starts_at + timedelta(minutes=departure.delay_min) > clock.now()


def reinstate(session: Session, departure: Departure, *, by: str, note: str = "") -> None:
    """A cancelled departure runs after all. Raises HasLeft once its time is past, StatusMoved when it is not cancelled."""
    if departure.status == DepartureStatus.CANCELLED and not may_run_again(departure):
        raise HasLeft("这班的发车时间已经过了，不能恢复")
    move(
        session, Departure, departure.id or 0, "status", DEPARTURE, DepartureStatus.CANCELLED, DepartureStatus.SCHEDULED,
        tenant_id=departure.tenant_id, subject=departure.code, by=by, note=note, values={"note": ""},
    )  # fmt: skip
    board_changed(session, departure.tenant_id)


def _delays(session: Session, codes: Iterable[str]) -> dict[str, int]:
    rows = session.exec(select(Departure.code, Departure.delay_min).where(col(Departure.code).in_(list(codes))))
    return dict(rows.all())
