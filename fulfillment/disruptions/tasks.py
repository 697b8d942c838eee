"""The closings' own work: a station whose time is over is open again, with all that a reopening does."""

from contextlib import suppress
from functools import partial

from sqlmodel import Session

from core import db
from core.tasks import every
from fulfillment.batching.service import RoadsMoved
from supply.counties.models import County

from .closures import over_by_clock
from .lifting import end_by_clock


@every(30, "closures.end")
def end_closings() -> None:
    """One transaction each, so that whatever ends this process between them, each has ended once or not yet."""
    with db.reading() as session:
        over = over_by_clock(session)
    for tenant_id, code in over:
        with suppress(RoadsMoved):  # the next tick looks at the roads anew
            db.run_write(partial(_end, tenant_id, code))


def _end(tenant_id: int, code: str, session: Session) -> None:
    end_by_clock(session, session.get_one(County, tenant_id), code)
