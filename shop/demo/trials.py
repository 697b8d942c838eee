"""What the demonstration's dispatcher wants tried out: one scenario and one look for proposals.

They are asked for when everything is loaded and answered by the worker a minute later: solving them takes longer than anybody should
wait for a first look around, and a demonstration says it is ready once nothing is left to do.
"""

from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock
from core.outbox import Outbox
from fulfillment.whatif.book import Book, read_book
from fulfillment.whatif.service import NothingSent, ask_proposals, ask_scenario, make_scenario
from supply.counties.models import County
from supply.stations.models import Node, NodeKind

EARLIER_MIN = 20
LATER = timedelta(seconds=60)  # by then the shop is open


def ask_for_trials(session: Session, county: County) -> None:
    """A run to the hub tried earlier tomorrow, and what the days played are worth; nothing in a county without parcels."""
    hubs = set(session.exec(select(Node.code).where(Node.tenant_id == county.id, Node.kind == NodeKind.HUB)))
    book = read_book(session, county.id)
    if (run := _afternoon_run(book, hubs)) is None:
        return
    try:
        ask_proposals(session, county, by="demo")
    except NothingSent:
        return
    change = {"kind": "shift_run", "run": run, "minutes": -EARLIER_MIN}
    scenario = make_scenario(
        session, county, clock.today() + timedelta(days=1), title="午后班提前二十分钟", changes=[change], by="demo"
    )  # fmt: skip
    ask_scenario(session, county, scenario.code)
    for task in session.exec(
        select(Outbox).where(Outbox.tenant_id == county.id, col(Outbox.topic).in_(("what_if.asked", "proposals.asked")))
    ):
        task.available_at = clock.now() + LATER
        session.add(task)


def _afternoon_run(book: Book, hubs: set[str]) -> str | None:
    """The first after noon of the first line with one; None in a county whose goods reach no hub then."""
    for line in book.lines:
        for run in book.runs_of(line):
            if run.calls[-1][0] in hubs and 12 * 60 <= run.calls[0][1] < 18 * 60:
                return run.run
    return None
