"""A small county with its roads open, and two packed parcels on one bus."""

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from core import db
from fulfillment.batching.models import PlannedLeg
from fulfillment.batching.service import plan_day
from fulfillment.consignments.models import Parcel
from fulfillment.timetable.models import Departure
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import packed
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


def on(session: Session, code: str) -> list[Departure]:
    """The departures a parcel is planned on, in order."""
    legs = select(Departure).join(PlannedLeg, col(PlannedLeg.departure_id) == col(Departure.id)).join(Parcel)
    return list(session.exec(legs.where(Parcel.code == code, col(PlannedLeg.voided_at).is_(None)).order_by(col(PlannedLeg.position))))
