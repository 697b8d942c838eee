"""A station closed for a while: nobody boards or alights there, new orders are promised around it, what ends there goes next door."""

from dataclasses import dataclass

from sqlmodel import Session, col, select, update

from core import clock, i18n
from core.errors import NotFound, Refused
from core.failpoints import failpoint
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.promise.stamp import board_changed
from supply.counties.models import County
from supply.stations.models import Node, Station

from .change import Change
from .closures import STATION, Span, open_closure
from .kinds import check_span
from .riders import bound_for, callers_at


class StationUnknown(NotFound):
    """No such station in this county."""

    code = "station_unknown"


@dataclass(frozen=True)
class CloseStation:
    """`instead`: the station that takes what ends here, "" to keep it on the way until this one opens again."""

    code: str
    span: Span
    reason: str = ""
    instead: str = ""
    kind = "station_closed"
    stops = False
    subject_kind = "station"
    words = i18n.kept("关站：{reason}；改走 {moved} 件，晚到 {late} 件，没着落 {unplaced} 件")

    @property
    def cause(self) -> str:
        return self.span.begins.isoformat()

    @property
    def subject(self) -> str:
        return self.code

    def change(self, session: Session, county: County) -> Change:
        find_station(session, county.id, self.code)
        check_span(self.span)
        ends = {}
        if self.instead:
            if self.instead == self.code:
                raise Refused("代收的站要另选一个", field="instead")
            find_station(session, county.id, self.instead, field="instead")
            ends = {self.code: self.instead}
        return Change(clock.today(), closed={self.code: (self.span,)}, ends=ends)

    def concerned(self, session: Session, county: County, change: Change) -> list[int]:
        met = callers_at(session, county, self.code, self.span)
        return sorted({*met, *_redirected(session, county, self.code)}) if self.instead else met

    def write(self, session: Session, county: County, change: Change, by: str) -> None:
        if self.instead:
            _redirect(session, county, self.code, self.instead)
        failpoint("closing.redirected")
        open_closure(session, county.id, STATION, self.code, self.span, reason=self.reason, by=by)
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


def _redirected(session: Session, county: County, node: str) -> list[int]:
    """Parcels that end here whose consignment has nothing delivered yet: one consignment is collected at one place."""
    whole = select(Parcel.consignment_id).where(Parcel.tenant_id == county.id, col(Parcel.status) == ParcelStatus.DELIVERED)
    ids = bound_for(session, county, node)
    return list(session.exec(select(col(Parcel.id)).where(col(Parcel.id).in_(ids), col(Parcel.consignment_id).not_in(whole))).all())  # type: ignore[arg-type]


def _redirect(session: Session, county: County, node: str, instead: str) -> None:
    ids = select(Parcel.consignment_id).where(col(Parcel.id).in_(_redirected(session, county, node)))
    to = session.exec(select(Node).where(Node.tenant_id == county.id, Node.code == instead)).one()
    session.execute(
        update(Consignment).where(col(Consignment.id).in_(ids)).values(to_node_id=to.id).execution_options(synchronize_session="fetch")
    )
