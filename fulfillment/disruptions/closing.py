"""A station closed for a while: nobody boards or alights there, new orders are promised around it, its goods may go next door.

A station that stands in for it takes what lies here, carried over, and what ends here: its receivers hear where. Goods are carried from
the moment it closes; when it is lifted, whatever is not under way yet goes back (.lifting).
"""

from dataclasses import dataclass

from sqlmodel import Session, select

from core import clock, i18n
from core.errors import NotFound, Refused
from core.failpoints import failpoint
from fulfillment.promise.stamp import board_changed
from supply.counties.models import County
from supply.stations.models import Station

from .change import Change
from .closures import STATION, StandIn, open_closure, spans
from .kinds import OutOfService, check_span
from .neighbours import way_between
from .places import bound_parcels, collected_elsewhere, end_at, lying_at
from .riders import callers_at


class StationUnknown(NotFound):
    """No such station in this county."""

    code = "station_unknown"


@dataclass(frozen=True)
class CloseStation(OutOfService):
    """`instead`: the station that takes and gives in its place, "" to keep goods where they are until this one opens again."""

    instead: str = ""
    kind = "station_closed"
    stops = False
    subject_kind = "station"
    words = i18n.kept("关站：{reason}；改走 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")

    def change(self, session: Session, county: County) -> Change:
        here = find_station(session, county.id, self.code)
        check_span(self.span)
        closed = {self.code: (self.span,)}
        if not self.instead:
            return Change(clock.today(), closed=closed)
        if self.instead == self.code:
            raise Refused("代收的站要另选一个", field="instead")
        there = find_station(session, county.id, self.instead, field="instead")
        if self.instead in spans(session, county.id, STATION, self.span):
            raise Refused("那个站这段时间也关着，另选一个", field="instead")
        stand_in = StandIn(self.instead, self.span.begins, way_between(session, here, there).minutes)
        starts = {self.code: stand_in} if self.span.holds(clock.now()) else {}
        return Change(clock.today(), closed=closed, ends={self.code: self.instead}, starts=starts)

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        met = callers_at(session, county, self.code, self.span)
        bound = bound_parcels(session, county, self.code) if change.ends else []
        return sorted({*met, *bound, *(lying_at(session, county, self.code) if change.starts else ())})

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        closure = open_closure(session, county.id, STATION, self.code, self.span, reason=self.reason, by=by)
        if self.instead:
            moved = collected_elsewhere(session, county, change.ends)
            end_at(session, moved, self.instead, county.id)
            here, there = (find_station(session, county.id, code) for code in (self.code, self.instead))
            closure.instead, closure.carry_min = self.instead, way_between(session, here, there).minutes
            closure.struck = [c.code for c in moved]
            session.add(closure)
        failpoint("closing.redirected")
        board_changed(session, county.id)

    def said(self, session: Session, county: County) -> str:
        name = find_station(session, county.id, self.code).name
        return "{name}临时关站，您的包裹预计{day}送到。".format(name=name, day="{day}")


def find_station(session: Session, tenant_id: int, code: str, *, field: str = "") -> Station:
    """Raises StationUnknown, or Refused at a field that named it."""
    station = session.exec(select(Station).where(Station.tenant_id == tenant_id, Station.code == code)).first()
    if station is not None:
        return station
    if field:
        raise Refused("没有这个驿站", field=field)
    raise StationUnknown("没有这个驿站")
