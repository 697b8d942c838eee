"""One box that a driver did not take, and the same taken after all: it may ride that departure again, and does if there is room.

A refusal is the `refused` disruption of a parcel, its cause the departure (.kinds.RefuseBoxes). It keeps the box off that departure
until it is undone, however its case was closed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock
from core.errors import NotFound
from core.permissions import Actor
from fulfillment.batching.late import of_departure
from fulfillment.custody.models import Custody
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import ON_ITS_WAY, NotRunning, find_departure
from fulfillment.timetable.service import DepartureUnknown
from supply.counties.models import County

from .change import Change
from .kinds import REFUSED
from .lifting import AlreadyLifted
from .models import Disruption
from .riders import ever_aboard, not_aboard
from .service import RODE, TAKEN_AFTER_ALL, UNDONE

DESK = ("dispatcher", "admin")


class RefusalUnknown(NotFound):
    """No box was refused under this code in this county."""

    code = "refusal_unknown"


class Refusal(NamedTuple):
    """A box that was not taken: its parcel's and the departure's code, `words` as the row keeps them."""

    code: str
    parcel: str
    departure: str
    words: str
    refused_at: datetime


@dataclass(frozen=True)
class TakeAfterAll:
    """The driver takes a refused box after all: only it is planned anew, and nobody gives way to it."""

    code: str
    parcel: str
    kind = REFUSED
    subject_kind = "departure"
    words = ""
    cause = ""
    stops = False
    reason = ""

    @property
    def subject(self) -> str:
        return self.code

    def change(self, session: Session, county: County) -> Change:
        departure = find_departure(session, county.id, self.code)
        if departure.status not in ON_ITS_WAY:
            raise NotRunning("这班已经到了或停了")
        self._standing(session, county)
        return Change(departure.service_date, allows=frozenset(((self.parcel, self.code),)))

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        return not_aboard(session, county, self.code, self.parcel)

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        row = self._standing(session, county, locked=True)
        row.closed_at, row.closed_by, row.outcome = clock.now(), by, TAKEN_AFTER_ALL
        session.add(row)

    def said(self, session: Session, county: County) -> str:
        departure = find_departure(session, county.id, self.code)
        return of_departure(session, departure, "您的包裹还坐 {time} 的{of}，预计{day}送到。")

    def _standing(self, session: Session, county: County, *, locked: bool = False) -> Disruption:
        """Its row. Raises RefusalUnknown, and AlreadyLifted when somebody was first."""
        query = select(Disruption).where(
            Disruption.tenant_id == county.id, Disruption.kind == REFUSED, Disruption.subject_code == self.parcel,
            Disruption.cause == self.code,
        )  # fmt: skip
        row = session.exec(query.with_for_update().execution_options(populate_existing=True) if locked else query).first()
        if row is None:
            raise RefusalUnknown("这班没有说过不收这件")
        if row.outcome == TAKEN_AFTER_ALL:
            raise AlreadyLifted("这件已经改为收下了")
        if row.outcome == RODE or ever_aboard(session, self.code, (self.parcel,)):
            raise AlreadyLifted("扫码说明这件已经坐上这班，不用再改")
        return row


def find_refusal(session: Session, actor: Actor, code: str) -> Refusal:
    """One by its code, undone or not: a driver's on their own lines, a dispatcher's in the whole county. Raises RefusalUnknown."""
    query = select(Disruption).where(Disruption.tenant_id == actor.tenant_id, Disruption.code == code, Disruption.kind == REFUSED)
    row = session.exec(query).first()
    if row is None or not _sees(session, actor, row.cause):
        raise RefusalUnknown("没有这条没收的记录")
    return _told(row)


def may_see(session: Session, actor: Actor, departure: str) -> None:
    """Raises DepartureUnknown where it is not in the county, or a driver's on none of their lines."""
    if not _sees(session, actor, departure):
        raise DepartureUnknown("没有这个班次")


def _sees(session: Session, actor: Actor, departure: str) -> bool:
    line = select(Line.code).join(Departure, col(Departure.line_id) == col(Line.id))
    found = session.exec(line.where(Departure.tenant_id == actor.tenant_id, Departure.code == departure)).first()
    return found is not None and (actor.has(*DESK) or found in actor.scopes("driver"))


def refusals_of(session: Session, tenant_id: int, departure: str) -> list[Refusal]:
    """The boxes a departure does not take, without those it carried all the same, the first refused first; one query."""
    rode = select(Custody.id).where(col(Custody.parcel_code) == col(Disruption.subject_code), Custody.holder_code == departure).exists()
    query = select(Disruption).where(Disruption.tenant_id == tenant_id, Disruption.kind == REFUSED, Disruption.cause == departure)
    return [_told(row) for row in session.exec(query.where(col(Disruption.outcome).not_in(UNDONE), ~rode).order_by(col(Disruption.id)))]


def _told(row: Disruption) -> Refusal:
    return Refusal(row.code, row.subject_code, row.cause, row.words, row.opened_at)
