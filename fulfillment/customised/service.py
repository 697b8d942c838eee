"""What villagers do: ask for a trip, and take it back."""

from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core import clock, i18n, pii
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.permissions import Actor
from core.status import StatusMoved, began, move
from fulfillment.timetable.models import Departure
from supply.stations.models import Node

from .models import TRIP_REQUEST, Purpose, SpecialRun, TripRequest, TripRequestStatus

_ = i18n.gettext
DAYS_AHEAD = 14
NOTICE = timedelta(minutes=30)  # nobody can send a bus sooner
MOST_OPEN = 5  # of one person


class RequestUnknown(NotFound):
    """No such request, or it is not the caller's: the two are told alike."""

    code = "trip_request_unknown"


class TooManyOpen(Conflict):
    """Five requests of one person wait for an answer already."""

    code = "too_many_open"


class AskedAlready(Conflict):
    """The same way on the same day was asked for and is not answered yet."""

    code = "asked_already"


class Wanted(NamedTuple):
    """What is asked for; places by node id, minutes after the day's midnight."""

    from_id: int
    to_id: int
    day: date
    earliest: int
    latest: int
    seats: int
    purpose: Purpose = Purpose.OTHER
    note: str = ""


def fault_of_time(day: date, earliest: int, latest: int) -> tuple[str, str] | None:
    """Which field of a day and its hours cannot be, and why: (field, words)."""
    if not 0 <= (day - clock.today()).days <= DAYS_AHEAD:
        return "on", _("只能要今天起两周以内的")
    if latest < earliest:
        return "latest", _("最晚要在最早之后")
    if clock.on(day, latest) < clock.now() + NOTICE:
        return "latest", _("至少提前半个钟头")
    return None


def ask_trip(session: Session, actor: Actor, wanted: Wanted) -> TripRequest:
    """A request of whoever is signed in. Raises Refused, TooManyOpen, AskedAlready."""
    if fault := fault_of_time(wanted.day, wanted.earliest, wanted.latest):
        raise Refused(fault[1], field=fault[0])
    waiting = select(func.count()).where(TripRequest.user_id == actor.user_id, TripRequest.status == TripRequestStatus.ASKED)
    if session.exec(waiting.where(TripRequest.tenant_id == actor.tenant_id)).one() >= MOST_OPEN:
        raise TooManyOpen(_("你还有 {n} 个没答复的，先等一等，或撤回一个").format(n=MOST_OPEN))
    code = new_code("TQ")
    row = TripRequest(
        tenant_id=actor.tenant_id, code=code, user_id=actor.user_id or 0, from_id=wanted.from_id, to_id=wanted.to_id,
        service_date=wanted.day, earliest_min=wanted.earliest, latest_min=wanted.latest, seats=wanted.seats, purpose=wanted.purpose.value,
        note_sealed=pii.seal(wanted.note, note_context(code)) if wanted.note else "", asked_at=clock.now(),
    )  # fmt: skip
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as twice:
        raise AskedAlready(_("这天这条路你已经要过了，等答复就行")) from twice
    began(session, TRIP_REQUEST, "asked", tenant_id=row.tenant_id, subject=code, by=actor.user_code)
    return row


def note_context(code: str) -> str:
    return f"trip_request.note:{code}"


def note_of(row: TripRequest) -> str:
    return pii.unseal(row.note_sealed, note_context(row.code)) if row.note_sealed else ""


def own_request(session: Session, actor: Actor, code: str) -> TripRequest:
    """Raises RequestUnknown, for another's as for none."""
    row = session.exec(
        select(TripRequest).where(
            TripRequest.tenant_id == actor.tenant_id, TripRequest.code == code, TripRequest.user_id == actor.user_id
        )
    ).first()  # fmt: skip
    if row is None:
        raise RequestUnknown(_("没有这个请求，或者它不是你的"))
    return row


def withdraw(session: Session, actor: Actor, code: str) -> TripRequest:
    """Take one's own request back, until its bus has left; a second time changes nothing. Raises RequestUnknown, StatusMoved."""
    row = own_request(session, actor, code)
    if row.status == TripRequestStatus.WITHDRAWN:
        return row
    if row.status == TripRequestStatus.CONFIRMED and _has_left(session, row):
        raise StatusMoved(_("车已经开了，撤不回了"), subject=code, wanted="withdrawn")
    move(
        session, TripRequest, row.id or 0, "status", TRIP_REQUEST, ("asked", "confirmed"), "withdrawn",
        tenant_id=row.tenant_id, subject=code, by=actor.user_code,
    )  # fmt: skip
    return row


def _has_left(session: Session, row: TripRequest) -> bool:
    run = select(Departure.starts_at).join(SpecialRun, col(SpecialRun.departure_id) == col(Departure.id)).where(SpecialRun.id == row.run_id)
    return session.exec(run).one() <= clock.now()


def places(session: Session, ids: set[int]) -> dict[int, Node]:
    """The nodes of some requests; one query."""
    return {n.id or 0: n for n in session.exec(select(Node).where(col(Node.id).in_(ids)))} if ids else {}
