"""/api/v1 – income by station, and one row opened to its cause."""

from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from core import clock
from core.db import Read
from core.errors import NotFound, Refused
from core.moments import Day
from core.paging import Cursor, Limit
from core.permissions import Actor, SignedIn, allow
from core.web.refusals import refusals
from fulfillment.income import queries
from fulfillment.income.api_shapes import IncomeDetail, IncomeRow, StationIncome
from fulfillment.income.causes import as_json, cause_of
from fulfillment.income.models import IncomeEntry
from fulfillment.income.scopes import may_read, may_read_station

router = APIRouter(prefix="/api/v1", tags=["income"])
Earner = Annotated[Actor, Depends(allow("master", "admin", "finance"))]
LONGEST = timedelta(days=366 * 5)


@router.get("/stations/{code}/income", responses=refusals(NotFound))
def read_station_income(
    code: Annotated[str, Path(description="The station's code.")],
    session: Read,
    actor: Earner,
    first: Annotated[Day | None, Query(alias="from", description="The first day; the first of the month without it.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="The last day; today without it. Five years at most.")] = None,
    group: Annotated[Literal["day", "month", "year"], Query(description="What a period of `periods` is.")] = "day",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> StationIncome:
    """A station's income: sums by source and state (equal to the ledger), by period, and the rows, newest first."""
    last = last or clock.today()
    first = first or last.replace(day=1)
    if first > last or last - first > LONGEST:
        raise Refused("起止日期不对：先早后晚，最长五年", field="from")
    if not may_read_station(session, actor, code):
        raise NotFound("没有这个驿站")
    party = {"tenant_id": actor.tenant_id, "party_kind": "station", "party_code": code}
    sums = queries.by_source_and_state(session, first=first, last=last, **party)  # type: ignore[arg-type]
    periods = queries.by_period(session, first=first, last=last, group=group, **party)  # type: ignore[arg-type]
    rows, following = queries.entries(session, first=first, last=last, cursor=cursor, limit=limit, **party)  # type: ignore[arg-type]
    return {
        "station": code, "from": first, "to": last, "group": group,
        "sums": [{"source": s.source, "state": s.state, "amount_fen": s.amount_fen, "entries": s.entries} for s in sums],
        "periods": [{"start": p.start, "amount_fen": p.amount_fen, "entries": p.entries} for p in periods],
        "total_fen": sum(s.amount_fen for s in sums if s.state != "reversed"),
        "items": [_row(row) for row in rows], "next": following,
    }  # fmt: skip


@router.get("/income/{entry}", responses=refusals(NotFound))
def read_income_entry(entry: Annotated[str, Path(description="The row's code.")], session: Read, actor: SignedIn) -> IncomeDetail:
    """One row: what, why, by which rule, and the thing that caused it."""
    row = queries.find(session, entry, tenant_id=actor.tenant_id)
    if row is None or not may_read(actor, row):
        raise NotFound("没有这笔收入")
    cause = cause_of(session, tenant_id=actor.tenant_id, kind=row.cause_kind, code=row.cause_code)
    return {**_row(row), "facts": row.facts, "rule_version": row.rule_version, "cause": as_json(cause)}


def _row(row: IncomeEntry) -> IncomeRow:
    return {
        "id": row.code, "source": row.source, "state": row.state, "amount_fen": row.amount_fen, "words": row.words,
        "cause_kind": row.cause_kind, "cause_code": row.cause_code, "date": row.business_date,
        "payable_at": clock.local(row.payable_at).isoformat() if row.payable_at else None,
    }  # fmt: skip
