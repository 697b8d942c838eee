"""Buyers who must wait longer than was promised are told, each new day once."""

from sqlmodel import Session, col, select

from core import clock, i18n
from core.notify import tell
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import receiver
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure


def tell_late(session: Session, departure: Departure, parcel_codes: list[str], words: str) -> int:
    """One message a consignment whose promise cannot be kept; `words` has places for `time`, `number` and `day`. Returns how many."""
    line = session.get_one(Line, departure.line_id)
    rows = session.exec(
        select(Consignment, Parcel)
        .join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
        .where(col(Parcel.code).in_(parcel_codes))
    ).all()
    latest: dict[int, tuple[Consignment, Parcel]] = {}
    for consignment, parcel in rows:
        known = latest.get(consignment.id or 0)
        if known is None or (parcel.arrives_at and known[1].arrives_at and parcel.arrives_at > known[1].arrives_at):
            latest[consignment.id or 0] = (consignment, parcel)
    for consignment, parcel in latest.values():
        with i18n.speaking("zh"):  # the buyer's message, whatever language the dispatcher reads
            day = i18n.day(parcel.arrives_at) if parcel.arrives_at else ""
        said = words.format(time=f"{clock.local(departure.starts_at):%H:%M}", number=line.number, day=day)
        until = clock.business_date(parcel.arrives_at).isoformat() if parcel.arrives_at else departure.code
        tell(session, receiver(consignment).phone, said, tenant_id=consignment.tenant_id, key=f"late:{consignment.code}:{until}")
    return len(latest)
