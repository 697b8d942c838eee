"""/api/v1/subsidies – programmes with what is left of them, their awards each with its cause, and the quarterly report."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from sqlmodel import Session

from core import clock
from core.db import Read
from core.errors import Refused
from core.paging import Cursor, Limit
from core.permissions import Actor, allow
from core.web.refusals import refusals

from . import queries, service
from .api_shapes import SubsidyAwards, SubsidyFact, SubsidyProgramme, SubsidyProgrammes, SubsidyReport
from .causes import facts_of
from .queries import Programme
from .report import read_quarter, report
from .words import amounts_told, conditions_told

router = APIRouter(prefix="/api/v1/subsidies", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]


@router.get("")
def read_subsidies(session: Read, actor: Reader) -> SubsidyProgrammes:
    """Every programme with its rule, its budget and what is left of it."""
    return {"items": [_programme(session, each) for each in queries.programmes(session, actor.tenant_id)]}


@router.get("/report", responses=refusals(Refused))
def read_subsidy_report(
    session: Read,
    actor: Reader,
    quarter: Annotated[str | None, Query(max_length=20, description="As `2026Q3`; this quarter when left out.")] = None,
) -> SubsidyReport:
    """What was awarded for causes of a quarter's months, by programme, beneficiary and month."""
    told = report(session, actor.tenant_id, read_quarter(quarter))
    return {
        "quarter": told.quarter.text, "amount_fen": told.amount_fen, "programmes": [_programme(session, each) for each in told.programmes],
        "items": [
            {
                "programme": r.programme, "beneficiary": r.party_kind, "party": r.party_code, "month": f"{r.month:%Y-%m}",
                "awards": r.awards, "amount_fen": r.amount_fen,
            }
            for r in told.rows
        ],
        "evidence": [
            {"code": p.code, "programme": code, "document": p.document, "on_date": p.on_date, "amount_fen": p.amount_fen}
            for code, p in told.evidence
        ],
    }  # fmt: skip


@router.get("/{code}/awards", responses=refusals(service.SubsidyUnknown, Refused))
def read_awards(
    code: Annotated[str, Path(description="The programme's code.")], session: Read, actor: Reader, cursor: Cursor = None, limit: Limit = 50
) -> SubsidyAwards:
    """A programme's awards, each with its cause and what it was reckoned from, the last made first."""
    fund = service.fund_named(session, code, tenant_id=actor.tenant_id)
    rows, following = queries.awards(session, fund, cursor=cursor, limit=limit)
    return {
        "items": [
            {
                "code": row.code, "state": row.state, "waits_for": row.waits_for, "cause_kind": row.cause_kind, "cause": row.cause_code,
                "period": row.period, "month": f"{row.month:%Y-%m}", "beneficiary": row.party_kind, "party": row.party_code,
                "amount_fen": row.amount_fen, "words": row.words, "facts": _facts(facts_of(row)),
                "made_at": clock.local(row.made_at).isoformat(),
            }
            for row in rows
        ],
        "next": following,
    }  # fmt: skip


def _facts(told: list[tuple[str, str]]) -> list[SubsidyFact]:
    return [{"name": name, "value": value} for name, value in told]


def _programme(session: Session, p: Programme) -> SubsidyProgramme:
    return {
        "code": p.fund.code, "name": p.rule.name, "funder": p.rule.funder, "basis": p.rule.basis, "beneficiary": p.rule.beneficiary,
        "starts_on": p.rule.starts, "ends_on": p.rule.ends, "version": p.version.version, "version_state": p.version.state,
        "amounts": amounts_told(p.rule),
        "conditions": _facts(conditions_told(session, p.rule, p.fund.tenant_id)),
        "budget_fen": p.fund.budget_fen, "taken_fen": p.fund.taken_fen, "left_fen": p.left_fen,
        "waiting_fen": p.waiting_fen, "paid_fen": p.fund.paid_fen,
    }  # fmt: skip
