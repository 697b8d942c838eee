"""Buyers hear of another day than the one they know, and of nothing else: an hour more or less is no message.

What a buyer knows is the day told last, at first the promised one. Who is planned to come before the promise is told nothing:
the promise is kept. A disruption tells of what it changed itself; that a plan makes somebody late without one is told by the plan.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, or_, select

from core import clock, i18n
from core.notify import tell
from fulfillment.consignments.models import Consignment, Parcel, ParcelStatus
from fulfillment.consignments.service import receiver
from fulfillment.network.models import Line
from fulfillment.network.words import behind_words, line_words
from fulfillment.timetable.models import Departure

OVER = (ParcelStatus.CANCELLED, ParcelStatus.LOST, ParcelStatus.RETURNED)
LATER, SOONER = "您的包裹要晚些到，预计{day}送到。", "您的包裹能早些到，预计{day}送到。"


class NewDay(NamedTuple):
    """A consignment that comes another day than its buyer was told."""

    consignment: Consignment
    told: date
    day: date


def new_days(session: Session, parcel_codes: Iterable[str], before: Mapping[int, date] | None = None) -> list[NewDay]:
    """The consignments of these parcels that come another day than their buyers know; two queries.

    `before`, of a deed: the days as they were when it began (`days_now`). It answers for what it changed alone, so a day that was
    another one already is no news of its own.
    """
    was = before or {}
    return _found(
        _new_day(consignment, parcels, {}, was.get(consignment.id or 0)) for consignment, parcels in _pieces(session, parcel_codes)
    )


def foreseen_days(session: Session, parcel_codes: Iterable[str], arrivals: Mapping[str, datetime | None]) -> list[NewDay]:
    """The same of a deed that is not done: `arrivals` are what it would write."""
    pieces = _pieces(session, parcel_codes)
    return _found(_new_day(consignment, parcels, arrivals, _comes(consignment, parcels, {})) for consignment, parcels in pieces)


def days_now(session: Session, parcel_codes: Iterable[str]) -> dict[int, date]:
    """By consignment of these parcels the day it comes as things stand; without those with no such day."""
    days = {consignment.id or 0: _comes(consignment, parcels, {}) for consignment, parcels in _pieces(session, parcel_codes)}
    return {consignment: day for consignment, day in days.items() if day is not None}


def tell_new_days(
    session: Session, parcel_codes: Iterable[str], words: str, *, cause: str, before: Mapping[int, date] | None = None
) -> int:  # fmt: skip
    """One message a consignment whose day changed; `words` has a place for `day`, `before` as of `new_days`. Returns how many.

    `cause` names what changed it: the same consignment hears of it once.
    """
    changed = new_days(session, parcel_codes, before)
    for new in changed:
        _tell(session, new, words, cause)
    session.flush()
    return len(changed)


def tell_planned(session: Session, parcel_codes: Collection[str], *, cause: str) -> int:
    """Whoever a plan finds to come another day than told hears of it in words that blame nobody; one query where nobody is."""
    concerned = (
        select(Parcel.code)
        .join(Consignment, col(Consignment.id) == col(Parcel.consignment_id))
        .where(
            col(Parcel.code).in_(parcel_codes),
            or_(col(Consignment.told_day).is_not(None), col(Parcel.arrives_at) > func.coalesce(Consignment.deliver_by, Parcel.due_at)),
        )
    )
    codes = session.exec(concerned).all()
    changed = new_days(session, codes) if codes else []
    for new in changed:
        _tell(session, new, LATER if new.day > new.told else SOONER, cause)
    session.flush()
    return len(changed)


def of_departure(session: Session, departure: Departure, words: str) -> str:
    """`words` with the departure's `time` and its line, as people call it, in their places (`of`: after 的), `day` still open."""
    return of_line(session.get_one(Line, departure.line_id), words, time=f"{clock.local(departure.starts_at):%H:%M}")


def of_line(line: Line, words: str, **more: str) -> str:
    """The same of a line; in Chinese, as all messages to buyers are."""
    with i18n.speaking("zh"):
        name = line_words(line.number, line.kind)
        return words.format(line=name, of=behind_words(name), day="{day}", **more)


def _pieces(session: Session, parcel_codes: Iterable[str]) -> list[tuple[Consignment, list[Parcel]]]:
    """The consignments of these parcels, each with all its parcels that are still to come or came."""
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
    return list(pieces.values())


def _promised(consignment: Consignment, parcels: list[Parcel]) -> date:
    return clock.business_date(consignment.deliver_by or max(p.due_at for p in parcels))


def _comes(consignment: Consignment, parcels: list[Parcel], arrivals: Mapping[str, datetime | None]) -> date | None:
    """The day its last parcel comes, the promised one at the earliest. One with a parcel that has no road yet has no day to be told."""
    comes = [p.delivered_at or arrivals.get(p.code, p.arrives_at) for p in parcels]
    known = [moment for moment in comes if moment is not None]
    return max(clock.business_date(max(known)), _promised(consignment, parcels)) if known and len(known) == len(comes) else None


def _new_day(
    consignment: Consignment, parcels: list[Parcel], arrivals: Mapping[str, datetime | None], before: date | None
) -> NewDay | None:  # fmt: skip
    """News is a day beyond both the one told and the one it came before: what lies between was so already, whoever knew it."""
    day, told = _comes(consignment, parcels, arrivals), consignment.told_day or _promised(consignment, parcels)
    was = before or told
    return None if day is None or min(told, was) <= day <= max(told, was) else NewDay(consignment, told, day)


def _found(days: Iterable[NewDay | None]) -> list[NewDay]:
    return [new for new in days if new is not None]


def _tell(session: Session, new: NewDay, words: str, cause: str) -> None:
    """One message, and the day is kept as told; the caller flushes."""
    consignment = new.consignment
    with i18n.speaking("zh"):  # the buyer's message, whatever language the dispatcher reads
        said = words.format(day=i18n.day(new.day))
    tell(session, receiver(consignment).phone, said, tenant_id=consignment.tenant_id, key=f"late:{consignment.code}:{cause}:{new.day}")
    consignment.told_day = new.day
    session.add(consignment)
