"""Processes that share a run out, for the fault tests: `python -m tests.faults.sharing settle|ask|end RUN`.

For every line it reads, a failpoint, it does the deed in a process that ends there; how, it says as `tests.faults.apart` does. A deed goes
on from wherever an earlier process was ended. The gateway is where JISHI_ALIPAY_GATEWAY says.
"""

from datetime import timedelta

from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db, tasks
from fulfillment.settlement import service as settlement
from shop.sharing import service
from shop.sharing import tasks as asking
from shop.sharing.models import ShareRequest
from supply.counties.models import County
from tests.faults.apart import answer_lines

ONE = "UFINANCE1"
POINTS = {
    "settle": ("share.settled",),
    "ask": ("share.asked", "share.given", "share.moved", "share.posted"),
    "end": ("share.ended",),
}


def share(deed: str, code: str) -> str:
    """How the run's requests stand after it."""
    if deed == "ask":
        with db.reading() as session:
            tries = session.exec(select(ShareRequest.tries)).one()
        with clock.at(clock.now() + timedelta(minutes=10 * (tries + 1))):  # what a killed process had claimed is due again
            tasks.drain(raising=False)
    else:
        with db.reading() as session:
            county = session.exec(select(County)).one()

        def work(session: Session) -> int:
            run = settlement.run_named(session, code, tenant_id=county.id)
            return service.share_out(session, county, run, by=ONE) if deed == "settle" else service.end(session, run, by=ONE)

        db.run_write(work)
    with db.reading() as session:
        return " ".join(session.exec(select(ShareRequest.status).order_by(ShareRequest.id)))


if __name__ == "__main__":
    answer_lines(share, service, asking)
