"""The kinds of disruption, each with the same four answers: what it changes, whom it concerns, what is written, what is said.

change(session, county)            the roads as they will be; raises in plain words when it cannot be done
concerned(session, county, change) ids of the parcels to plan anew
write(session, county, change, by) the departures, closings and destinations themselves; not the parcels' roads
said(session, county)              to a buyer whose day changes, with a place for `day`
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from sqlmodel import Session, col, select

from core import clock, i18n
from core.errors import NotFound, Refused
from fulfillment.batching.late import of_departure, of_line
from fulfillment.batching.loads import by_segment, fullest, leg_loads
from fulfillment.consignments.models import Parcel
from fulfillment.manifests.service import void
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import MOST_LATE_MIN, NOT_LEFT, NotRunning, Room, delay, delays_with, find_departure, limit_room
from fulfillment.timetable.service import cancel_departure
from supply.counties.models import County

from .change import Change
from .closures import DEPARTURE, LINE, Span, open_closure, standing_limit
from .riders import boarding, ever_aboard, riders_of
from .service import open_disruption

FARTHEST_DAYS = 60  # a closing that begins later is a timetable's
REFUSED = "refused"
REFUSED_WORDS = i18n.kept("司机没收这件：{reason}")


class LineUnknown(NotFound):
    """No such line in this county."""

    code = "line_unknown"


class Incident(Protocol):
    """One disruption. `kind` names its row among the disruptions, `subject` what it strikes."""

    @property
    def kind(self) -> str: ...
    @property
    def subject_kind(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def words(self) -> str: ...  # for the disruption's row; places: reason, moved, late, unplaced. Empty: nothing goes wrong by it, no row
    @property
    def cause(self) -> str: ...  # the same again opens no second row
    @property
    def stops(self) -> bool: ...  # whether the departures `without` do not run
    @property
    def reason(self) -> str: ...

    def change(self, session: Session, county: County) -> Change: ...
    def concerned(self, session: Session, county: County, change: Change) -> list[int]: ...
    def write(self, session: Session, county: County, change: Change, by: str) -> None: ...
    def said(self, session: Session, county: County) -> str: ...


@dataclass(frozen=True)
class CancelDeparture:
    """It does not run today."""

    code: str
    reason: str = ""
    kind = "departure_cancelled"
    cause = "cancelled"
    stops = True
    subject_kind = "departure"
    words = i18n.kept("停班：{reason}；改坐 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")

    @property
    def subject(self) -> str:
        return self.code

    def change(self, session: Session, county: County) -> Change:
        return Change(find_departure(session, county.id, self.code).service_date, without=frozenset((self.code,)))

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        return riders_of(session, county, change.without) if find_departure(session, county.id, self.code).status in NOT_LEFT else []

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        void(session, cancel_departure(session, county.id, self.code, reason=self.reason, by=by))

    def said(self, session: Session, county: County) -> str:
        departure = find_departure(session, county.id, self.code)
        return of_departure(session, departure, "{line} {time} 停班，您的包裹改坐下一班，预计{day}送到。")


@dataclass(frozen=True)
class DelayDeparture:
    """It is `minutes` late in all, and so are the later runs of its vehicle as far as the layovers do not absorb it."""

    code: str
    minutes: int
    reason: str = ""
    kind = "departure_late"
    stops = False
    subject_kind = "departure"
    words = i18n.kept("晚点：{reason}；改坐 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")

    @property
    def cause(self) -> str:
        return f"late:{self.minutes}"

    @property
    def subject(self) -> str:
        return self.code

    def change(self, session: Session, county: County) -> Change:
        if not 0 <= self.minutes <= MOST_LATE_MIN:
            raise Refused("晚点填 0 到 600 分钟；再晚就停这一班", field="minutes")
        departure = find_departure(session, county.id, self.code)
        return Change(departure.service_date, delays=delays_with(session, departure, self.minutes))

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        return riders_of(session, county, change.delays)

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        delay(session, county.id, change.delays, code=self.code, reason=self.reason)

    def said(self, session: Session, county: County) -> str:
        return of_departure(session, find_departure(session, county.id, self.code), "{line} {time} 晚点，您的包裹预计{day}送到。")


@dataclass(frozen=True)
class OutOfService:
    """A line or station that is out of service for a while; the same from the same moment on is one disruption."""

    code: str
    span: Span
    reason: str = ""

    @property
    def cause(self) -> str:
        return self.span.begins.isoformat()

    @property
    def subject(self) -> str:
        return self.code


@dataclass(frozen=True)
class SuspendLine(OutOfService):
    """No departure of the line leaves within the span; days opened later keep to it."""

    kind = "line_suspended"
    stops = True
    subject_kind = "line"
    words = i18n.kept("停运：{reason}；改坐 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")

    def change(self, session: Session, county: County) -> Change:
        struck = self._struck(session, county)
        check_span(self.span)
        return Change(clock.today(), without=frozenset(departure.code for departure in struck))

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        return riders_of(session, county, change.without)

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        closure = open_closure(session, county.id, LINE, self.code, self.span, reason=self.reason, by=by)
        closure.struck = sorted(change.without)
        session.add(closure)
        for code in closure.struck:
            void(session, cancel_departure(session, county.id, code, reason=self.reason, by=by))

    def said(self, session: Session, county: County) -> str:
        return of_line(find_line(session, county.id, self.code), "{line}临时停运，您的包裹改走别的车，预计{day}送到。")

    def _struck(self, session: Session, county: County) -> list[Departure]:
        line = find_line(session, county.id, self.code)
        days = clock.business_date(self.span.begins) - timedelta(days=2)
        rows = session.exec(
            select(Departure).where(
                Departure.tenant_id == county.id, Departure.line_id == line.id, col(Departure.service_date) >= days,
                col(Departure.status).in_(NOT_LEFT),
            )
        )  # fmt: skip
        return [row for row in rows if self.span.holds(row.starts_at + timedelta(minutes=row.delay_min))]


@dataclass(frozen=True)
class RefuseBoxes:
    """The driver takes nothing more from a stop on, or not these parcels: what is aboard stays aboard."""

    code: str
    position: int
    parcels: tuple[str, ...] = ()
    reason: str = ""
    subject_kind = "departure"
    words = i18n.kept("司机不收：{reason}；改坐 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")
    kind = "overfull"
    stops = False

    @property
    def cause(self) -> str:
        return f"full:{self.position}"

    @property
    def subject(self) -> str:
        return self.code

    def change(self, session: Session, county: County) -> Change:
        departure = find_departure(session, county.id, self.code)
        if departure.status not in (*NOT_LEFT, "departed"):
            raise NotRunning("这班已经到了或停了")
        if not parcels_known(session, county, self.parcels):
            raise Refused("没有这个包裹编号", field="parcels")
        return Change(departure.service_date, without=frozenset((self.code,)))

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        return boarding(session, county, self.code, position=self.position, parcels=self.parcels)

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        departure = find_departure(session, county.id, self.code)
        if self.parcels:
            for code in set(self.parcels) - ever_aboard(session, self.code, self.parcels):  # said late: it was taken after all
                open_disruption(
                    session, REFUSED, tenant_id=county.id, subject_kind="parcel", subject_code=code, cause=self.code,
                    words=REFUSED_WORDS.format(reason=self.reason),
                )  # fmt: skip
            return
        rides = fullest(by_segment(leg_loads(session, county.id, departure_ids=[departure.id or 0])).values())
        if standing_limit(session, county.id, self.code) is None:
            ends = max(departure.ends_at + timedelta(minutes=departure.delay_min), clock.now() + timedelta(hours=1))
            limit = open_closure(session, county.id, DEPARTURE, self.code, Span(clock.now(), ends), reason=self.reason, by=by)
            limit.room = Room(departure.cap_g, departure.cap_ml, departure.cap_boxes, departure.cap_chilled_ml)._asdict()
            session.add(limit)
        limit_room(session, departure, Room(rides.grams, rides.ml, rides.boxes, rides.chilled_ml))

    def said(self, session: Session, county: County) -> str:
        departure = find_departure(session, county.id, self.code)
        return of_departure(session, departure, "{line} {time} 装不下了，您的包裹改坐下一班，预计{day}送到。")


def parcels_known(session: Session, county: County, codes: tuple[str, ...]) -> bool:
    known = select(Parcel.code).where(Parcel.tenant_id == county.id, col(Parcel.code).in_(codes))
    return set(session.exec(known).all()) == set(codes)


def find_line(session: Session, tenant_id: int, code: str) -> Line:
    """Raises LineUnknown."""
    line = session.exec(select(Line).where(Line.tenant_id == tenant_id, Line.code == code)).first()
    if line is None:
        raise LineUnknown("没有这条线路")
    return line


def check_span(span: Span) -> None:
    """Raises Refused for one that ends before it begins, or that is past."""
    if span.ends is not None and span.ends <= span.begins:
        raise Refused("结束要晚于开始", field="until")
    if span.ends is not None and span.ends <= clock.now():
        raise Refused("这段时间已经过去了", field="until")
    if span.begins > clock.now() + timedelta(days=FARTHEST_DAYS):
        raise Refused("最多提前 60 天填", field="from")
