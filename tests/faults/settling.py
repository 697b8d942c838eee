"""Processes that settle, for the fault tests: `python -m tests.faults.settling freeze|void|pay|reconcile|return|close RUN`.

For every line it reads, it does the deed in a new process whose JISHI_FAILPOINT is that line, and says how that one ended: a JSON list of
its exit code, as subprocess says it, and how the run stands then. A deed goes on from wherever an earlier process was ended.
"""

from sqlmodel import Session, select

import shop.wiring  # noqa: F401 - who answers what
from core import clock, db
from fulfillment.partners import closing
from fulfillment.settlement import paying, service
from fulfillment.settlement.models import Statement
from supply.counties.models import County
from tests.faults.apart import answer_lines
from tests.fulfillment.partners.carrying import AFTER, BUS, MAY
from tests.fulfillment.settlement.owing import ONE, TWO

POINTS = {
    "freeze": ("settlement.stated", "settlement.frozen"),
    "void": ("settlement.voided",),
    "pay": ("settlement.rows_paid", "settlement.posted"),
    "reconcile": ("settlement.reconciled",),
    "return": ("settlement.reconciled",),
    "close": ("partners.frozen",),
}


def settle(deed: str, code: str) -> str:
    """The run's status after it, or its code when it was frozen; of a close the partner's month."""
    with db.reading() as session:
        county = session.exec(select(County)).one()
    if deed == "close":
        with clock.at(AFTER):
            return db.run_write(lambda session: closing.close(session, county.id, BUS, MAY, by=ONE).code)
    if deed == "freeze":
        return db.run_write(lambda session: service.freeze(session, county, clock.today(), by=ONE).code)
    if deed == "void":
        db.run_write(lambda session: service.void(session, service.run_named(session, code, tenant_id=county.id), by=ONE, reason="错"))
    else:
        with db.reading() as session:
            run = service.run_named(session, code, tenant_id=county.id)
            ids = [statement.id for statement in service.statements_of(session, run)]
        for each in ids:
            db.run_write(lambda session, each=each: _step(session, deed, session.get_one(Statement, each)))  # type: ignore[misc]
    with db.reading() as session:
        return service.run_named(session, code, tenant_id=county.id).status


def _step(session: Session, deed: str, statement: Statement) -> None:
    {"pay": paying.mark_paid, "reconcile": paying.reconcile, "return": paying.send_back}[deed](session, statement, by=TWO)


if __name__ == "__main__":
    answer_lines(settle, service, paying, closing)
