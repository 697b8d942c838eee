"""A small county with its roads open, and two packed parcels on one bus."""

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from core import db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import RefuseBoxes
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed, person
from tests.fulfillment.web import county_with_roads


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


@pytest.fixture
def two(rows: SmallCounty) -> tuple[str, str, str]:
    """Two packed parcels planned on one bus: their codes and the departure's."""
    with db.writing() as session:
        made = [packed(session, rows, "tomato", 1).code for _ in range(2)]
        plan_day(session, rows.county, DAY)
        (run,) = {run.code for code in made for run in on(session, code)}
    return made[0], made[1], run


@pytest.fixture
def refused(rows: SmallCounty, two: tuple[str, str, str]) -> tuple[str, str]:
    """A parcel and the departure that did not take it."""
    parcel, _, run = two
    do(rows, RefuseBoxes(run, 0, (parcel,), "装不下这件"))
    return parcel, run


def on(session: Session, code: str) -> list[Departure]:
    """The departures a parcel is planned on, in order."""
    legs = select(Departure).join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id)).join(Parcel)
    return list(session.exec(legs.where(Parcel.code == code, col(PlannedLeg.voided_at).is_(None)).order_by(col(PlannedLeg.position))))


def rides(parcel: str) -> list[str]:
    """Their codes."""
    with db.reading() as session:
        return [departure.code for departure in on(session, parcel)]


def do(rows: SmallCounty, incident, key: str | None = None):
    return apply(rows.county, incident, actor=person(rows, "dispatcher"), route="POST", key=key)
