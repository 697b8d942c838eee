"""Whether a run can still be asked to stop at a request stop, and in words why not: pages and programs keep to the one rule."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session

from core import clock, i18n
from fulfillment.disruptions.closures import STATION, Span, spans

from .models import DepartureStatus
from .passengers import Halt, Ride

_ = i18n.gettext
WAITS = (DepartureStatus.SCHEDULED, DepartureStatus.OPEN, DepartureStatus.CLOSED, DepartureStatus.DEPARTED)


def why_not(status: str, closes_at: datetime, leaves_at: datetime, closed: Sequence[Span]) -> str:
    """Why nobody can ask a run to stop any more, in words; empty while one can. `closed`: when its station is."""
    if status == DepartureStatus.CANCELLED:
        return _("这班车停了")
    if status not in WAITS or closes_at <= clock.now():
        return _("这班车快到了，来不及约了；招手试试，或约下一班")
    shut = [span for span in closed if span.holds(leaves_at)]
    if not shut:
        return ""
    if (opens := shut[0].ends) is not None:
        return _("这个站关到{t}，车不停；请到附近的站上车").format(t=i18n.moment(opens))
    return _("这个站那时候关着，车不停；请到附近的站上车")


def not_asked(session: Session, tenant_id: int, calls: Collection[tuple[Ride, Halt]]) -> dict[tuple[str, int], str]:
    """Of these calls those at request stops that cannot be asked for: why, by run and position. One query, none where nobody need ask."""
    asked = [(ride, halt) for ride, halt in calls if halt.on_request]
    if not asked:
        return {}
    closed = spans(session, tenant_id, STATION, Span(min(halt.leaves_at for _ride, halt in asked), None))
    found = {}
    for ride, halt in asked:
        closes_at = halt.leaves_at - timedelta(minutes=ride.line.close_min)
        if why := why_not(ride.status, closes_at, halt.leaves_at, closed.get(halt.node, ())):
            found[ride.code, halt.position] = why
    return found
