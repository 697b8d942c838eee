"""Where a parcel at the hub goes next: the one word a sorter walks to."""

from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import i18n
from fulfillment.batching.models import PlannedLeg
from fulfillment.consignments.models import Parcel
from fulfillment.network.models import Line, Trunk
from fulfillment.timetable.models import Departure

from .models import Custody


class Destination(NamedTuple):
    """`word` fills the screen; `leaves_at` is when it goes; `kind` is trunk, bus or ask."""

    word: str
    note: str
    leaves_at: datetime | None
    kind: str


def destination(session: Session, parcel: Parcel) -> Destination:
    """The next planned ride that was not ridden yet, else the trunk, else the dispatcher's desk."""
    _ = i18n.gettext
    ridden = select(Custody.holder_code).where(Custody.parcel_code == parcel.code)
    leg = session.exec(
        select(Departure, Line)
        .join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(PlannedLeg.parcel_id == parcel.id, col(PlannedLeg.voided_at).is_(None), col(Departure.code).not_in(ridden))
        .order_by(col(PlannedLeg.position))
    ).first()
    if leg is not None:
        return Destination(_("%(n)s 路") % {"n": leg[1].number}, leg[1].name, leg[0].starts_at, "bus")
    trunk = session.get(Trunk, parcel.trunk_id) if parcel.trunk_id else None
    if trunk is not None:
        return Destination(trunk.name, f"{trunk.carrier} {parcel.zone}", parcel.trunk_at, "trunk")
    return Destination(_("问调度"), _("还没排上干线"), None, "ask")
