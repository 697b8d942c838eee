"""Solving what was asked for: read, solve in a child with no transaction open, then keep the answer.

What cannot be solved as it stands (a change that no longer fits the timetable, nothing to try with) is answered in words; a solver that
dies is tried again like any other task, and after its last try the row stays for the dead letters.
"""

from typing import Any

from sqlmodel import Session, select

from core import clock, db
from core.errors import Refused
from core.tasks import Event, handler
from fulfillment.network.rules import run_rules
from supply.counties.models import County

from .child import propose_apart, solve_both
from .compare import as_data, compare
from .models import ProposalRun, WhatIf
from .running import running_fen
from .service import find_proposals, find_scenario, month_of, problem_of


def compare_asked(event: Event) -> dict[str, Any] | None:
    """The comparison of a scenario that still wants one."""
    with db.reading() as session:
        scenario = find_scenario(session, event.tenant_id, event.payload["code"])
        if scenario.status != "solving":
            return None
        county = session.get_one(County, event.tenant_id)
        try:
            base, changed, lent = problem_of(session, county, scenario)
        except Refused as refused:
            return {"words": refused.detail}
        rules = run_rules(county)
    before, after = solve_both(base, changed)
    told = as_data(compare(base, before, changed, after, runs_fen=running_fen(base, changed, rules)))
    return {**told, "parcels_of": lent.isoformat(), "parcels": len(base.parcels), "seconds": round(before.seconds + after.seconds, 3)}


@handler("what_if.asked", ask=compare_asked, heavy=True)
def keep_comparison(session: Session, event: Event, told: dict[str, Any] | None) -> None:
    scenario = find_scenario(session, event.tenant_id, event.payload["code"], for_update=True)
    if told is not None and scenario.status == "solving":
        _close(session, scenario, told)


def propose_asked(event: Event) -> dict[str, Any] | None:
    """The proposals that are still wanted."""
    with db.reading() as session:
        if find_proposals(session, event.tenant_id, event.payload["code"]).status != "solving":
            return None
        month, seen = month_of(session, session.get_one(County, event.tenant_id))
    return {**seen, **propose_apart(month)}


@handler("proposals.asked", ask=propose_asked, heavy=True)
def keep_proposals(session: Session, event: Event, told: dict[str, Any] | None) -> None:
    run = session.exec(select(ProposalRun).where(ProposalRun.code == event.payload["code"]).with_for_update()).one()
    if told is not None and run.status == "solving":
        _close(session, run, told)


def _close(session: Session, row: WhatIf | ProposalRun, told: dict[str, Any]) -> None:
    row.status, row.answer, row.finished_at = "failed" if "words" in told else "done", told, clock.now()
    session.add(row)
