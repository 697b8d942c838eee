"""Where a parcel goes next: the one word a sorter walks to, and what a driver is told of a box that is not theirs."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Trunk, Zone
from fulfillment.network.words import NUMBERED

from .models import Custody
from .rides import Holder, planned_rides, to_board


class Destination(NamedTuple):
    """`word` fills the screen; `leaves_at` is when it goes; `kind` is trunk, bus or ask."""

    word: str
    note: str
    leaves_at: datetime | None
    kind: str


def destination(session: Session, parcel: Parcel) -> Destination:
    """The next planned ride that is still to be boarded, else the trunk, else the dispatcher's desk."""
    _ = i18n.gettext
    custodies = select(Custody.holder_kind, Custody.holder_code).where(Custody.parcel_code == parcel.code)
    held = [Holder(*row) for row in session.exec(custodies.order_by(col(Custody.began_at), col(Custody.id)))]
    ahead = to_board(planned_rides(session, [parcel.id or 0]).get(parcel.id or 0, ()), held)
    if ahead:
        number = _("%(n)s 路") % {"n": ahead[0].number} if ahead[0].kind in NUMBERED else ahead[0].number
        return Destination(number, ahead[0].name, ahead[0].starts_at, "bus")
    trunk = session.get(Trunk, parcel.trunk_id) if parcel.trunk_id else None
    if trunk is None:
        return Destination(_("问调度"), _("还没排上干线"), None, "ask")
    if parcel.trunk_at is not None and parcel.trunk_at < clock.now():
        return Destination(_("问调度"), _("没赶上%(name)s，等重新排") % {"name": trunk.name}, None, "ask")
    zone = session.get(Zone, (parcel.tenant_id, parcel.zone))
    return Destination(trunk.name, f"{trunk.carrier}　{zone.name if zone else ''}", parcel.trunk_at, "trunk")
