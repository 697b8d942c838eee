"""Processes that disrupt, for the fault tests: `python -m tests.faults.disrupting cancel|extra|close|end CODE KEY`.

For every line it reads, it does the deed in a new process whose JISHI_FAILPOINT is that line, and says how that one ended: a JSON list of
its exit code, as subprocess says it, and its answer. What a process loads before it begins is loaded once.

`cancel` strikes a departure out, `extra` drives an emergency run in its place, `close` closes a station until told otherwise and has
what ends there collected at the county's last one; `end` is the tick that ends closings whose time is over, two days later.
"""

import importlib
import json
import os
import signal
import sys
from datetime import timedelta

from sqlmodel import col, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, failpoints
from core.permissions import Actor
from fulfillment.disruptions.closing import CloseStation
from fulfillment.disruptions.closures import Span
from fulfillment.disruptions.deed import apply
from fulfillment.disruptions.kinds import CancelDeparture
from fulfillment.disruptions.tasks import end_closings
from supply.counties.models import County
from supply.stations.models import Station
from tests.fulfillment.conftest import NINE

PATIENCE_S = 120


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


def apart(point: str, *asked: str) -> tuple[int, str]:
    """In a process of its own, which has opened nothing yet."""
    heard, told = os.pipe()
    if not (child := os.fork()):
        signal.alarm(PATIENCE_S)
        os.environ[failpoints.SETTING] = point
        importlib.reload(failpoints)  # reads the environment as a process that begins
        os.write(told, disrupt(*asked).encode())
        os._exit(0)
    os.close(told)
    with os.fdopen(heard) as answer:
        said = answer.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(apart(line.strip(), *sys.argv[1:])), flush=True)
