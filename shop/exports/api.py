"""/api/v1/ledger – the trial balance and the entries of a period, for auditors' programs. Read only."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import col, select

from core.clock import today
from core.db import Read
from core.errors import Refused
from core.ledger.models import Journal
from core.moments import Day
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web.refusals import refusals

from . import ledger
from .api_shapes import LedgerEntries, TrialBalance
from .periods import Span, checked

router = APIRouter(prefix="/api/v1/ledger", tags=["ledger"])
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
First = Annotated[Day | None, Query(alias="from", description="The first business day; the month's first without it.")]
Last = Annotated[Day | None, Query(alias="to", description="The last business day, at most a year later; today without it.")]


def _span(first: date | None, last: date | None) -> Span:
    begin = first or today().replace(day=1)
    return checked(Span(begin, last or max(today(), begin)))


@router.get("/trial-balance", responses=refusals(Refused))
def read_trial_balance(session: Read, actor: Reader, first: First = None, last: Last = None) -> TrialBalance:
    """What every account held before, what came on either side, what it held after."""
    span = _span(first, last)
    totals = ledger.trial_balance(session, span, tenant_id=actor.tenant_id)
    return {
        "first": span.first, "last": span.last,
        "items": [
            {
                "account": t.code, "side": t.side, "currency": t.currency, "opening_fen": t.opening_fen, "debit_fen": t.debit_fen,
                "credit_fen": t.credit_fen, "closing_fen": t.closing_fen,
            }
            for t in totals
        ],
    }  # fmt: skip


@router.get("/journals", responses=refusals(Refused))
def read_journals(
    session: Read, actor: Reader, first: First = None, last: Last = None, cursor: Cursor = None, limit: Limit = 50
) -> LedgerEntries:  # fmt: skip
    """The period's entries with their lines, in the order they were made."""
    after = read_cursor(cursor, int)
    found = ledger.entries(session, _span(first, last), tenant_id=actor.tenant_id, after_id=after[0] if after else 0, limit=limit + 1)
    shown = found[:limit]
    taken_back = [each.journal.reverses_id for each in shown if each.journal.reverses_id]
    keys = dict(session.exec(select(Journal.id, Journal.key).where(col(Journal.id).in_(taken_back))).all())
    return {
        "items": [
            {
                "key": j.key, "kind": j.kind, "currency": j.currency, "cause_kind": j.cause_kind, "cause": j.cause_code,
                "business_date": j.business_date, "posted_at": j.posted_at, "reverses": keys.get(j.reverses_id),
                "lines": [{"account": line.account, "amount_fen": line.amount_fen} for line in lines],
            }
            for j, lines in shown
        ],
        "next": make_cursor(shown[-1].journal.id) if len(found) > limit else None,
    }  # fmt: skip
