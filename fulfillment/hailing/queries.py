"""Who waits where: for the driver and the dispatcher by stop, for a caller their own."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core import clock
from core.permissions import Actor
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.board import Run
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import StopCall, StopCallStatus

LISTED = 50


class Placed(NamedTuple):
    """A call with its run, line and stop; `leaves_at` with the delay as it stands."""

    call: StopCall
    departure: Departure
    line: Line
    stop: Node
    leaves_at: datetime

    @property
    def may_withdraw(self) -> bool:
        stands = self.call.status == StopCallStatus.CALLED and self.departure.status != DepartureStatus.CANCELLED
        return stands and self.leaves_at > clock.now()

    @property
    def is_passed_by(self) -> bool:
        """The run runs, but not to this stop: it is closed then."""
        return self.call.status == StopCallStatus.CALLED_OFF and self.departure.status != DepartureStatus.CANCELLED


def people_waiting(session: Session, departure: Departure) -> dict[int, int]:
    """How many people asked for each stop of a run, by position; one query."""
    rows = session.exec(
        select(StopCall.position, func.sum(StopCall.people))
        .where(StopCall.departure_id == departure.id, StopCall.status == StopCallStatus.CALLED)
        .group_by(col(StopCall.position))
    )
    return {position: int(people) for position, people in rows}


def people_on_runs(session: Session, runs: Sequence[Run]) -> dict[int, int]:
    """How many people asked for a stop of each run, by departure id; runs nobody asked are not in it. One query."""
    rows = session.exec(
        select(StopCall.departure_id, func.sum(StopCall.people))
        .where(col(StopCall.departure_id).in_([run.departure.id for run in runs]), StopCall.status == StopCallStatus.CALLED)
        .group_by(col(StopCall.departure_id))
    )
    return {departure: int(people) for departure, people in rows}


def standing_calls(session: Session, departure: Departure) -> list[StopCall]:
    """The calls of a run that stand, by stop and then by when they were made; one query."""
    mine = select(StopCall).where(StopCall.departure_id == departure.id, StopCall.status == StopCallStatus.CALLED)
    return list(session.exec(mine.order_by(col(StopCall.position), col(StopCall.id))))


def mine(session: Session, actor: Actor) -> list[Placed]:
    """The caller's last, newest first; one query."""
    own = (col(StopCall.tenant_id) == actor.tenant_id, col(StopCall.user_id) == actor.user_id)
    return _read(session, _placed(*own).order_by(col(StopCall.id).desc()).limit(LISTED))


def to_come(session: Session, tenant_id: int) -> list[Placed]:
    """Calls of today's and later runs, and of those still on the road over midnight, that were not taken back; one query."""
    since = clock.today() - timedelta(days=1)
    wanted = (
        col(StopCall.tenant_id) == tenant_id, col(StopCall.status) != StopCallStatus.WITHDRAWN, col(Departure.service_date) >= since,
    )  # fmt: skip
    return _read(session, _placed(*wanted).order_by(col(StopCall.id)))


def _placed(*wanted: ColumnElement[bool]) -> Select[StopCall, Departure, Line, Node, int]:
    first = select(func.min(StopTime.dep_min)).where(StopTime.trip_id == Departure.trip_id).correlate(Departure).scalar_subquery()
    return (
        sql_select(StopCall, Departure, Line, Node, col(StopTime.dep_min) - first)
        .join(Departure, col(Departure.id) == col(StopCall.departure_id))
        .join(Line, col(Line.id) == col(Departure.line_id))
        .join(StopTime, (col(StopTime.trip_id) == col(Departure.trip_id)) & (col(StopTime.position) == col(StopCall.position)))
        .join(Node, col(Node.id) == col(StopTime.node_id))
        .where(*wanted)
    )


def _read(session: Session, query: Select[StopCall, Departure, Line, Node, int]) -> list[Placed]:
    return [
        Placed(call, run, line, stop, run.starts_at + timedelta(minutes=run.delay_min + after))
        for call, run, line, stop, after in session.execute(query)
    ]
