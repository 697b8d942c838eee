"""A process that cancels a departure, for the fault tests: `python -m tests.faults.disrupting CODE KEY`. JISHI_FAILPOINT may end it."""

import sys

from sqlmodel import select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.permissions import Actor
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import CancelDeparture
from supply.counties.models import County
from tests.fulfillment.conftest import NINE

if __name__ == "__main__":
    _, code, key = sys.argv
    with db.reading() as session:
        county = session.exec(select(County)).one()
    desk = Actor(tenant_id=county.id, user_id=1, user_code="U1", grants=frozenset({("dispatcher", "county", "")}))
    with clock.at(NINE):
        print(sorted(apply(county, CancelDeparture(code, "大雾"), actor=desk, route="POST", key=key).items()))
