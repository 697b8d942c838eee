"""Processes that disrupt, for the fault tests: `python -m tests.faults.disrupting cancel|extra|close|end CODE KEY`.

For every line it reads, it does the deed in a new process whose JISHI_FAILPOINT is that line, and says how that one ended: a JSON list of
its exit code, as subprocess says it, and its answer. What a process loads before it begins is loaded once.

`cancel` strikes a departure out, `extra` drives an emergency run in its place, `close` closes a station until told otherwise and has
what ends there collected at the county's last one; `end` is the tick that ends closings whose time is over, two days later.
"""

import json
from datetime import timedelta

from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from core.permissions import Actor
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.disruptions.tasks import end_closings
from supply.counties.models import County
from supply.stations.models import Station
from tests.faults.apart import answer_lines
from tests.fulfillment.conftest import NINE


def disrupt(deed: str, code: str, key: str) -> str:
    """The deed's answer; the tick has none."""
    if deed == "end":
        with clock.at(NINE + timedelta(days=2)):
            end_closings()
        return ""
    with db.reading() as session:
        county = session.exec(select(County)).one()
        last = session.exec(select(Station.code).order_by(col(Station.node_id).desc())).first()
    desk = Actor(tenant_id=county.id, user_id=1, user_code="U1", grants=frozenset({("dispatcher", "county", "")}))
    incident = CloseStation(code, Span(NINE, None), "停电", last or "") if deed == "close" else CancelDeparture(code, "大雾")
    with clock.at(NINE):
        done = apply(county, incident, actor=desk, route="POST", key=key, extra=deed == "extra")
    return json.dumps(done, sort_keys=True)


if __name__ == "__main__":
    answer_lines(disrupt)
