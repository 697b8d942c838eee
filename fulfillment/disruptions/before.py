"""The roads parcels have now, as the planner names them and as people say them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from core import clock, i18n
from fulfillment.batching.answer import PlannedLeg, PlannedParcel
from fulfillment.batching.from_database import Waiting
from fulfillment.batching.models import PlannedLeg as LegRow
from fulfillment.batching.repair import Standing
from fulfillment.batching.roads import Ride, Roads
from fulfillment.consignments.models import Parcel
from fulfillment.network.words import line_words
from fulfillment.timetable.models import Departure

THEN = " → "


def standing_roads(session: Session, waiting: Waiting) -> Standing:
    """Per parcel its active legs that are not facts yet, and its trunk; two queries. Legs on departures nobody knows end the road there."""
    ids = {w.id: w for w in waiting.watched.values()}
    legs: dict[str, list[PlannedLeg]] = {code: [] for code in waiting.watched}
    rows = (
        sql_select(col(LegRow.parcel_id), col(LegRow.position), col(Departure.code), col(LegRow.board), col(LegRow.alight))
        .join_from(LegRow, Departure, col(Departure.id) == col(LegRow.departure_id))
        .where(col(LegRow.parcel_id).in_(ids), col(LegRow.voided_at).is_(None))
        .order_by(col(LegRow.parcel_id), col(LegRow.position))
    )
    for parcel_id, position, departure, board, alight in session.execute(rows):
        if position >= ids[parcel_id].kept_legs:
            legs[ids[parcel_id].code].append(_leg(waiting.roads.rides.get(departure), departure, board, alight))
    days = {(day.id, day.leaves_at): key for key, day in waiting.roads.trunk_days.items()}
    given = sql_select(col(Parcel.code), col(Parcel.trunk_id), col(Parcel.trunk_at)).where(col(Parcel.id).in_(ids))
    return {code: (tuple(legs[code]), days.get((trunk, at))) for code, trunk, at in session.execute(given)}


def former_roads(session: Session, waiting: Waiting, refused: Iterable[tuple[str, str]], now: Standing) -> Standing:
    """Per parcel the legs it last had by a departure that refused it, with the trunk it has now; without those that had none there."""
    found: Standing = {}
    for code, departure in refused:
        if (watched := waiting.watched.get(code)) is None:
            continue
        there = sql_select(col(LegRow.plan_id)).join(Departure, col(Departure.id) == col(LegRow.departure_id))
        there = there.where(col(LegRow.parcel_id) == watched.id, col(Departure.code) == departure).order_by(col(LegRow.id).desc()).limit(1)
        rows = (
            sql_select(col(Departure.code), col(LegRow.board), col(LegRow.alight))
            .join_from(LegRow, Departure, col(Departure.id) == col(LegRow.departure_id))
            .where(col(LegRow.parcel_id) == watched.id, col(LegRow.position) >= watched.kept_legs)
            .where(col(LegRow.plan_id) == there.scalar_subquery())
            .order_by(col(LegRow.position))
        )
        if legs := tuple(_leg(waiting.roads.rides.get(run), run, board, alight) for run, board, alight in session.execute(rows)):
            found = {**found, code: (legs, now[code][1])}
    return found


def _leg(ride: Ride | None, departure: str, board: int, alight: int) -> PlannedLeg:
    """Stops are named by index, which the planner reads as well as a node."""
    if ride is None or not ride.calls_at(board, alight):
        return PlannedLeg(departure, "", "")
    calls = ride.calls
    b, a = ride.index(board), ride.index(alight)
    return PlannedLeg(departure, f"{calls[b].node}#{b}", f"{calls[a].node}#{a}")


def in_words(roads: Roads, legs: Iterable[PlannedLeg], trunk: str | None) -> str:
    """`15:10 12 路班车 → 17:40 邮政下午干线` in the page's language; empty of no road."""
    said: list[str] = [_ride_words(roads, leg) for leg in legs if leg.departure in roads.rides]
    if trunk is not None and (day := roads.trunk_days.get(trunk)):
        said.append(f"{_moment(day.leaves_at)} {i18n.gettext(day.name)}")
    return THEN.join(said)


def answer_in_words(waiting: Waiting, answer: PlannedParcel) -> str:
    """The same of an answer, without the legs that were facts."""
    fixed = next((len(p.fixed_legs) for p in waiting.instance.parcels if p.id == answer.id), 0)
    return in_words(waiting.roads, answer.legs[fixed:], answer.trunk)


def _ride_words(roads: Roads, leg: PlannedLeg) -> str:
    ride = roads.rides[leg.departure]
    board = next((i for i, stop in enumerate(ride.stops) if leg.board in (stop[1], f"{stop[1]}#{i}")), 0)
    return f"{_moment(ride.calls[board].leaves_at)} {line_words(ride.number, ride.kind)}"


def _moment(instant: datetime) -> str:
    """The hour, of another day than today with its day."""
    shown = f"{clock.local(instant):%H:%M}"
    return shown if clock.business_date(instant) == clock.today() else f"{i18n.day(instant)} {shown}"
