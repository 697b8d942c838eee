"""/api/v1/settlements/{code}/… – the end of a run's road as JSON: its payment files, said to be paid, the bank's own list."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db
from core.db import Read, Write
from core.permissions import Actor, allow
from core.status import StatusMoved
from core.web.refusals import refusals

from . import paying, service
from .api import Code, Finance, NewPayment, run_shape
from .api_shapes import BankListAnswer, PaymentFile, Settlement, WaySums
from .files import payment_file
from .matching import Match, match
from .models import Way

router = APIRouter(prefix="/api/v1", tags=["income"])
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]


class NewBankList(BaseModel):
    """The bank's list as CSV: each line with a statement's code and its amount, those that came back saying so."""

    model_config = {"extra": "forbid"}
    rows: Annotated[str, Field(max_length=400_000, description="As text; any columns.")]


@router.get("/settlements/{code}/files", responses=refusals(service.RunUnknown))
def read_files(code: Code, session: Read, actor: Reader) -> WaySums:
    """How much is transferred which way, without any account."""
    statements = service.statements_of(session, service.run_named(session, code, tenant_id=actor.tenant_id))
    due = {way: [s for s in statements if s.way == way and s.transfer_fen] for way in Way}
    return {"items": [{"way": w, "statements": len(own), "payout_fen": sum(s.transfer_fen for s in own)} for w, own in due.items()]}


@router.post("/settlements/{code}/files/{way}", responses=refusals(service.RunUnknown, service.SharesOpen, StatusMoved))
def take_payment_file(
    code: Code, way: Annotated[Way, Path(description="Which of the files.")], session: Write, actor: Finance
) -> PaymentFile:
    """The file itself, with full account numbers: from here on the run is not voided, and whoever takes it leaves an audit row."""
    run = service.run_named(session, code, tenant_id=actor.tenant_id)
    service.give_to_bank(session, run, by=actor.user_code)
    made = payment_file(run, service.statements_of(session, run), way)
    return {"name": made.name, "way": way, "csv": made.body.decode("utf-8-sig")}


@router.post("/settlements/{code}/payments", responses=refusals(service.RunUnknown, paying.NotExported, StatusMoved))
def pay_all(code: Code, body: Annotated[NewPayment, Body()], actor: Finance) -> Settlement:
    """All of it has left. Each statement is a transaction of its own: interrupted, it is asked for again and the rest is paid."""
    for each in _statements(code, actor):
        db.run_write(partial(_pay, actor=actor, code=each, reference=body.reference))
    with db.reading() as session:
        return run_shape(service.run_named(session, code, tenant_id=actor.tenant_id))


@router.post("/settlements/{code}/bank-lists", responses=refusals(service.RunUnknown, StatusMoved))
def read_list(code: Code, body: Annotated[NewBankList, Body()], actor: Finance) -> BankListAnswer:
    """What fits is confirmed or sent back; what does not is told and changes nothing, so the list can be read in again."""
    with db.reading() as session:
        found = match(body.rows, service.statements_of(session, service.run_named(session, code, tenant_id=actor.tenant_id)))
    for each in found.matched:
        db.run_write(partial(_settle, actor=actor, code=each.statement.code, is_back=each.is_back))
    return _told(found)


def _statements(code: str, actor: Actor) -> list[str]:
    with db.reading() as session:
        run = service.run_named(session, code, tenant_id=actor.tenant_id)
        return [s.code for s in service.statements_of(session, run)]


def _pay(session: Session, *, actor: Actor, code: str, reference: str) -> bool:
    statement = paying.statement_named(session, code, tenant_id=actor.tenant_id)
    return paying.mark_paid(session, statement, by=actor.user_code, reference=reference)


def _settle(session: Session, *, actor: Actor, code: str, is_back: bool) -> bool:
    deed = paying.send_back if is_back else paying.reconcile
    return deed(session, paying.statement_named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)


def _told(found: Match) -> BankListAnswer:
    return {
        "confirmed": [m.statement.code for m in found.matched if not m.is_back],
        "sent_back": [m.statement.code for m in found.matched if m.is_back],
        "wrong_amount": found.wrong, "foreign": found.foreign, "missing": found.missing,
    }  # fmt: skip
