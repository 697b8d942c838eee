"""The timetable's own work: days are opened ahead, departures follow the clock, what has left gets its manifest."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlmodel import Session, select

from core import clock, db
from core.tasks import every
from fulfillment.batching.missed import leave_behind
from fulfillment.manifests.service import issue_due, revise
from supply.counties.models import County

from .service import HORIZON_DAYS, follow_the_clock, open_days


def _for_each_county(work: Callable[[Session, County], object]) -> None:
    """One short transaction a county."""
    with db.reading() as session:
        counties = list(session.exec(select(County)).all())
    for county in counties:
        db.run_write(partial(_one, work, county))


def _one(work: Callable[[Session, County], object], county: County, session: Session) -> None:
    work(session, county)


@every(30, "departures.follow")
def follow() -> None:
    """A bus whose loading closed is closed here; who missed it is planned anew, and what it takes is frozen, in the same transaction."""
    _for_each_county(_follow)


def _follow(session: Session, county: County) -> None:
    follow_the_clock(session, county.id)
    for departure in leave_behind(session, county.id):
        revise(session, departure)
    issue_due(session, county.id)


@every(3600, "departures.open")
def open_ahead() -> None:
    today = clock.today()
    _for_each_county(lambda session, county: open_days(session, county, today, today + timedelta(days=HORIZON_DAYS)))
