"""Which runs about now have manifests that somebody gives, takes or takes over: a page of them, those with something to sign first."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, not_, or_
from sqlalchemy import select as sql_select
from sqlalchemy.orm import Mapped, aliased
from sqlmodel import Session, col, select

from core import clock
from core.paging import make_cursor, read_cursor
from fulfillment.network.models import Line, StopTime
from fulfillment.timetable.models import Departure, DepartureStatus
from supply.stations.models import Node

from .models import Manifest, ManifestSignature, SignedAs
from .sides import Reach

BEHIND = AHEAD = timedelta(hours=14)  # of now: a day's work, and what is loaded the evening before
RUNS = 40  # of a page: all manifests of each


class RunPage(NamedTuple):
    """Ids of departures in their order, and the cursor of the page that follows."""

    departures: Sequence[int]
    following: str | None


def runs_about_now(session: Session, tenant_id: int, reach: Reach, cursor: str | None = None) -> RunPage:
    """Those with something unsigned first, each part by time; one query. Raises Refused for a cursor that is not ours.

    What is set down counts as unsigned wherever the run still calls at one of the stations: whether anything is for it is read later.
    """
    now, today, signed = clock.now(), clock.today(), case((_unsigned(reach), 0), else_=1)
    days = col(Departure.service_date).between(today - timedelta(days=1), today + timedelta(days=1))
    about = col(Departure.starts_at).between(now - BEHIND, now + AHEAD)
    query = _with_manifests(tenant_id, reach, signed).where(days, about)
    if (after := read_cursor(cursor, int, int, int)) is not None:
        part, minute, number = after
        starts = datetime.fromtimestamp(minute * 60, UTC)
        later = or_(col(Departure.starts_at) > starts, and_(col(Departure.starts_at) == starts, col(Departure.id) > number))
        query = query.where(or_(signed > part, and_(signed == part, later)))
    rows = session.execute(query.order_by(signed, col(Departure.starts_at), col(Departure.id)).limit(RUNS + 1)).all()
    shown, following = rows[:RUNS], None
    if len(rows) > RUNS:
        number, starts, part = shown[-1]
        following = make_cursor(part, int(starts.timestamp()) // 60, number)
    return RunPage([row[0] for row in shown], following)


def _with_manifests(tenant_id: int, reach: Reach, signed: ColumnElement[int]) -> Select[int | None, datetime, int]:
    calling = select(StopTime.trip_id).join(Node, col(Node.id) == col(StopTime.node_id)).where(col(Node.code).in_(reach.nodes))
    issued = select(Manifest.id).where(col(Manifest.departure_id) == col(Departure.id), col(Manifest.voided_at).is_(None))
    return (
        sql_select(col(Departure.id), col(Departure.starts_at), signed)
        .join(Line, col(Line.id) == col(Departure.line_id))
        .where(col(Departure.tenant_id) == tenant_id, col(Departure.status) != DepartureStatus.CANCELLED, issued.exists())
        .where(or_(col(Line.code).in_(reach.lines), col(Departure.trip_id).in_(calling)))
    )


def _unsigned(reach: Reach) -> ColumnElement[bool]:
    """Of the departure a manifest holds that lacks the signature of a side within reach."""
    call, node, word = aliased(StopTime), aliased(Node), aliased(ManifestSignature)

    def lacks(side: SignedAs, stop: ColumnElement[int] | Mapped[int]) -> ColumnElement[bool]:
        made = select(word.id).where(col(word.manifest_id) == col(Manifest.id), col(word.side) == side, col(word.stop) == stop)
        return not_(made.correlate(Manifest, call).exists())

    here = (
        select(col(call.position))
        .join(node, col(node.id) == col(call.node_id))
        .where(col(call.trip_id) == col(Departure.trip_id), col(node.code).in_(reach.nodes))
        .where(
            or_(
                and_(col(call.position) == col(Manifest.stop), lacks(SignedAs.GIVEN, col(Manifest.stop))),
                and_(col(call.position) > col(Manifest.stop), lacks(SignedAs.RECEIVED, col(call.position))),
            )
        )
        .correlate(Manifest, Departure)
    )
    taken = and_(col(Line.code).in_(reach.lines), lacks(SignedAs.TAKEN, col(Manifest.stop)))
    lacking = select(Manifest.id).where(
        col(Manifest.departure_id) == col(Departure.id), col(Manifest.voided_at).is_(None), or_(here.exists(), taken)
    )
    return lacking.correlate(Departure, Line).exists()
