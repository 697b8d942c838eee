"""/api/v1/settlements, /statements and disputes – the treasurer's road and one's own statements as JSON."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock
from core.db import Read, Write
from core.errors import NotFound, Refused
from core.idempotency import KeyHeader, KeyReused, once
from core.moments import Day
from core.paging import Cursor, Limit
from core.permissions import Actor, SignedIn, allow
from core.status import StatusMoved
from core.text import Told
from core.web.refusals import refusals
from fulfillment.income import queries
from fulfillment.income.models import IncomeEntry
from fulfillment.income.scopes import may_read
from supply.counties.deps import CurrentCounty

from . import disputing, drafting, paying, reading, service
from .api_shapes import (
    Dispute,
    Disputes,
    Settlement,
    SettlementDetail,
    SettlementPreview,
    Settlements,
    StatementDetail,
    StatementList,
    StatementShape,
)
from .models import IncomeDispute, SettlementRun, Statement

router = APIRouter(prefix="/api/v1", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Code = Annotated[str, Path(description="The run's code.")]


class NewSettlement(BaseModel):
    """Up to which business day."""

    model_config = {"extra": "forbid"}
    until: Annotated[Day, Field(description="The last business day whose income is paid; today at the latest.")]


class Why(BaseModel):
    """Why, in a sentence."""

    model_config = {"extra": "forbid"}
    reason: Annotated[Told, Field(min_length=1, max_length=300, description="In plain words; numbers of people are masked.")]


class NewPayment(BaseModel):
    """The bank's own number, where there is one."""

    model_config = {"extra": "forbid"}
    reference: Annotated[Told, Field(max_length=100, description="As on the bank's receipt.")] = ""


class NewAnswer(BaseModel):
    """What finance says, and pays on top or takes off."""

    model_config = {"extra": "forbid"}
    answer: Annotated[Told, Field(min_length=1, max_length=300, description="In plain words.")]
    granted_fen: Annotated[
        int,
        Field(
            ge=-disputing.MOST_FEN, le=disputing.MOST_FEN, strict=True,
            description="Fen to pay on top, below zero to take off (no more than the row gave); 0 keeps the row.",
        ),
    ] = 0  # fmt: skip


@router.get("/settlements/preview", responses=refusals(Refused))
def preview_settlement(
    session: Read, actor: Reader, county: CurrentCounty, until: Annotated[Day | None, Query(description="Today without it.")] = None
) -> SettlementPreview:
    """Who would be paid what up to a day, and who is carried over; nothing is written."""
    day = until or clock.today()
    drafts = drafting.preview(session, county, day)
    return {
        "until": day, "payout_fen": sum(d.payout_fen for d in drafts if not d.carried),
        "items": [
            {
                "party_kind": d.kind, "party": d.code, "rows": len(d.rows), "amount_fen": d.amount_fen, "netted_fen": d.netted_fen,
                "payout_fen": 0 if d.carried else d.payout_fen, "carried": d.carried, "share_until": d.pay_by,
            }
            for d in drafts
        ],
    }  # fmt: skip


@router.get("/settlements")
def read_settlements(session: Read, actor: Reader, cursor: Cursor = None, limit: Limit = 50) -> Settlements:
    """The runs so far."""
    found, following = reading.runs(session, tenant_id=actor.tenant_id, cursor=cursor, limit=limit)
    return {"items": [run_shape(run) for run in found], "next": following}


@router.post("/settlements", status_code=201, responses=refusals(Refused, service.NothingToSettle, KeyReused))
def create_settlement(
    request: Request, body: Annotated[NewSettlement, Body()], session: Write, actor: Finance, county: CurrentCounty, key: KeyHeader = None
) -> Settlement:
    """Freeze payable income into one statement a party. Rows that are disputed or in a statement already stay out."""

    def work() -> dict[str, Any]:
        return dict(run_shape(service.freeze(session, county, body.until, by=actor.user_code)))

    return cast(Settlement, _once(session, actor, request, key, body, work))


@router.get("/settlements/{code}", responses=refusals(service.RunUnknown))
def read_settlement(code: Code, session: Read, actor: Reader) -> SettlementDetail:
    """A run with its statements."""
    run = service.run_named(session, code, tenant_id=actor.tenant_id)
    return {**run_shape(run), "statements": [_statement(s) for s in service.statements_of(session, run)]}


@router.post("/settlements/{code}/approval", responses=refusals(service.RunUnknown, service.SamePerson, StatusMoved))
def approve_settlement(code: Code, session: Write, actor: Finance) -> Settlement:
    """Approve a run that somebody else froze; again changes nothing."""
    run = service.run_named(session, code, tenant_id=actor.tenant_id)
    service.approve(session, run, by=actor.user_code)
    return run_shape(run)


@router.post(
    "/settlements/{code}/void", responses=refusals(service.RunUnknown, service.SharesOpen, service.AlreadyShared, StatusMoved)
)  # fmt: skip
def void_settlement(code: Code, body: Annotated[Why, Body()], session: Write, actor: Finance) -> Settlement:
    """Give its rows back to the next run, before the bank has the file."""
    run = service.run_named(session, code, tenant_id=actor.tenant_id)
    service.void(session, run, by=actor.user_code, reason=body.reason)
    return run_shape(run)


@router.get("/statements")
def read_statements(session: Read, actor: SignedIn, cursor: Cursor = None, limit: Limit = 50) -> StatementList:
    """One's own statements: a master's stations', a grower's, a seller's."""
    parties = reading.parties_of(actor)
    found, following = reading.statements(session, parties, tenant_id=actor.tenant_id, cursor=cursor, limit=limit)
    return {"items": [_statement(s) for s in found], "next": following}


@router.get("/statements/{code}", responses=refusals(paying.StatementUnknown))
def read_statement(
    code: Annotated[str, Path(description="The statement's code.")], session: Read, actor: SignedIn, cursor: Cursor = None,
    limit: Limit = 50,
) -> StatementDetail:  # fmt: skip
    """A statement with its rows; each opens to its cause by `GET /income/{entry}`."""
    found = reading.find_statement(session, actor, code)
    rows, following = reading.rows_of(session, found, cursor=cursor, limit=limit)
    items = [
        {"id": r.code, "date": r.business_date, "source": r.source, "amount_fen": r.amount_fen, "words": r.words} for r in rows
    ]  # fmt: skip
    return cast(StatementDetail, {**_statement(found), "items": items, "next": following})


@router.post(
    "/statements/{code}/payment", responses=refusals(paying.StatementUnknown, paying.NotExported, StatusMoved)
)  # fmt: skip
def pay_statement(
    code: Annotated[str, Path(description="The statement's code.")], body: Annotated[NewPayment, Body()], session: Write, actor: Finance
) -> StatementShape:
    """The money has left: its income is paid, once however often this is asked."""
    found = paying.statement_named(session, code, tenant_id=actor.tenant_id)
    paying.mark_paid(session, found, by=actor.user_code, reference=body.reference)
    return _statement(found)


@router.post(
    "/income/{entry}/disputes", status_code=201, responses=refusals(NotFound, disputing.AlreadyDisputed, Refused, KeyReused)
)  # fmt: skip
def create_dispute(
    request: Request, entry: Annotated[str, Path(description="The row's code.")], body: Annotated[Why, Body()], session: Write,
    actor: SignedIn, key: KeyHeader = None,
) -> Dispute:  # fmt: skip
    """Say that a row is wrong: it stays out of the next run until finance answers."""
    row = queries.find(session, entry, tenant_id=actor.tenant_id)
    if row is None or not may_read(actor, row):
        raise NotFound("没有这笔收入")

    def work() -> dict[str, Any]:
        return dict(_dispute(disputing.dispute(session, row, by=actor.user_code, reason=body.reason), row.code))

    return cast(Dispute, _once(session, actor, request, key, body, work))


@router.get("/disputes")
def read_disputes(
    session: Read, actor: Reader,
    status: Annotated[Literal["open", "granted", "refused", "reduced"], Query(description="Which ones.")] = "open",
    cursor: Cursor = None, limit: Limit = 50,
) -> Disputes:  # fmt: skip
    """Disputes of one status."""
    rows, following = reading.disputes(session, tenant_id=actor.tenant_id, status=status, cursor=cursor, limit=limit)
    return {"items": [_dispute(each.dispute, each.row.code) for each in rows], "next": following}


@router.post("/disputes/{code}/answer", responses=refusals(disputing.DisputeUnknown, StatusMoved, Refused))
def answer_dispute(
    code: Annotated[str, Path(description="The dispute's code.")], body: Annotated[NewAnswer, Body()], session: Write, actor: Finance
) -> Dispute:
    """Answer it, with what is paid on top or taken off; the row may be settled again."""
    asked = disputing.dispute_named(session, code, tenant_id=actor.tenant_id)
    disputing.answer(session, asked, by=actor.user_code, words=body.answer, granted_fen=body.granted_fen)
    row = session.get_one(IncomeEntry, asked.income_id)
    return _dispute(asked, row.code)


def _once(session: Session, actor: Actor, request: Request, key: str | None, body: BaseModel, work: Callable[[], dict[str, Any]]) -> Any:
    def kept() -> tuple[int, dict[str, Any]]:
        return 201, {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in work().items()}

    route = f"{request.method} {request.url.path}"
    return once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=body.model_dump_json().encode(), work=kept)[
        1
    ]


def run_shape(run: SettlementRun) -> Settlement:
    return {
        "code": run.code, "until": run.until, "status": run.status, "payout_fen": run.payout_fen,
        "frozen_at": clock.local(run.frozen_at).isoformat(),
        "approved_at": clock.local(run.approved_at).isoformat() if run.approved_at else None,
    }  # fmt: skip


def _statement(s: Statement) -> StatementShape:
    return {
        "code": s.code, "party_kind": s.party_kind, "party": s.party_code, "name": s.name, "status": s.status, "rows": s.rows,
        "first": s.first, "last": s.last, "amount_fen": s.amount_fen, "netted_fen": s.netted_fen, "payout_fen": s.payout_fen,
        "shared_fen": s.shared_fen, "way": s.way,
    }  # fmt: skip


def _dispute(asked: IncomeDispute, row: str) -> Dispute:
    return {
        "code": asked.code, "income": row, "status": asked.status, "reason": asked.reason, "answer": asked.answer,
        "granted_fen": asked.granted_fen,
    }  # fmt: skip
