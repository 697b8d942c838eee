"""Buyers hear of another day than the one they know, and of nothing else: an hour more or less is no message.

What a buyer knows is the day told last, at first the promised one. Who is planned to come before the promise is told nothing:
the promise is kept.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, select

from core import clock, i18n
from core.notify import tell
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.consignments.service import receiver
from fulfillment.network.models import Line
from fulfillment.timetable.models import Departure

OVER = (ParcelStatus.CANCELLED, ParcelStatus.LOST, ParcelStatus.RETURNED)


class NewDay(NamedTuple):
    """A consignment that comes another day than its buyer was told."""

    consignment: Consignment
    told: date
    day: date


def new_days(session: Session, parcel_codes: Iterable[str], arrivals: Mapping[str, datetime | None] | None = None) -> list[NewDay]:
    """The consignments of these parcels whose day changes; two queries. `arrivals` stand for what is not written yet.

    A consignment comes when its last parcel does; one with a parcel that has no road yet has no day that could be told.
    """
    ids = select(Parcel.consignment_id).where(col(Parcel.code).in_(list(parcel_codes)))
    rows = session.exec(
        select(Consignment, Parcel)
        .join(Parcel, col(Parcel.consignment_id) == col(Consignment.id))
        .where(col(Consignment.id).in_(ids), col(Parcel.status).not_in(OVER))
        .order_by(col(Consignment.id))
    )
    pieces: dict[int, tuple[Consignment, list[Parcel]]] = {}
    for consignment, parcel in rows:
        pieces.setdefault(consignment.id or 0, (consignment, []))[1].append(parcel)
    found = []
    for consignment, parcels in pieces.values():
        comes = [p.delivered_at or (arrivals or {}).get(p.code, p.arrives_at) for p in parcels]
        if (day := _day(comes)) is None:
            continue
        promised = clock.business_date(consignment.deliver_by or max(p.due_at for p in parcels))
        told, day = consignment.told_day or promised, max(day, promised)
        if day != told:
            found.append(NewDay(consignment, told, day))
    return found


def tell_new_days(session: Session, parcel_codes: Iterable[str], words: str, *, cause: str) -> int:
    """One message a consignment whose day changed; `words` has a place for `day`. Returns how many.

    `cause` names what changed it: the same consignment hears of it once.
    """
    changed = new_days(session, parcel_codes)
    for consignment, _told, day in changed:
        with i18n.speaking("zh"):  # the buyer's message, whatever language the dispatcher reads
            said = words.format(day=i18n.day(day))
        tell(session, receiver(consignment).phone, said, tenant_id=consignment.tenant_id, key=f"late:{consignment.code}:{cause}:{day}")
        consignment.told_day = day
        session.add(consignment)
    session.flush()
    return len(changed)


def of_departure(session: Session, departure: Departure, words: str) -> str:
    """`words` with the departure's `time` and `number` in their places, `day` still open."""
    line = session.get_one(Line, departure.line_id)
    return words.format(time=f"{clock.local(departure.starts_at):%H:%M}", number=line.number, day="{day}")


def _day(comes: list[datetime | None]) -> date | None:
    known = [moment for moment in comes if moment is not None]
    return clock.business_date(max(known)) if known and len(known) == len(comes) else None
