"""/county/subsidies – programmes and what is left of them, one programme with its awards and documents, the quarterly report."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.paging import Cursor
from core.permissions import Actor, allow
from core.text import clean
from core.web import page
from core.web.forms import Plain, do_once, fen
from core.web.nav import Entry, register

from . import queries, service
from .causes import facts_of, href_of
from .entering import enter
from .forms import EvidenceForm, Misread, PaymentForm, RuleForm, read_rule, typed_of
from .report import quarters_shown, read_quarter, report, report_file
from .words import (
    amounts_told,
    award_words,
    basis_words,
    beneficiary_words,
    conditions_told,
    every_words,
    party_names,
    version_words,
    waits_words,
)  # fmt: skip

router = APIRouter(prefix="/county/subsidies")
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("admin", "finance"))]
Admin = Annotated[Actor, Depends(allow("admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
SUBSIDIES = Entry(7, "/county/subsidies", i18n.marked("补贴"), "coin", ("admin", "finance"))
register("county", SUBSIDIES)
register("finance", SUBSIDIES)
A_PAGE = 30


def words() -> dict[str, Any]:
    return {
        "bases": basis_words(), "beneficiaries": beneficiary_words(), "award_states": award_words(), "waits": waits_words(),
        "version_states": version_words(), "spans": every_words(), "form_key": new_token(),
    }  # fmt: skip


@router.get("")
def index(request: Request, session: Read, actor: Reader) -> Response:
    found = queries.programmes(session, actor.tenant_id)
    return page(
        request, "fulfillment/subsidies/index.html", block="programmes", programmes=found, amounts=[amounts_told(p.rule) for p in found],
        **words(),
    )  # fmt: skip


@router.get("/new")
def new(request: Request, session: Read, actor: Admin, like: Annotated[str, Query(max_length=60)] = "") -> Response:
    """A programme that is not yet, or the next version of one (`like`)."""
    return _form(request, session, actor, like)


def _form(
    request: Request, session: Session, actor: Actor, like: str, *, typed: dict[str, Any] | None = None, wrong: JishiError | None = None
) -> Response:
    found = queries.programmes(session, actor.tenant_id, code=like)[:1] if like else []
    errors = wrong.errors if isinstance(wrong, Misread) else {str(wrong.more.get("field", "code")): wrong.detail} if wrong else {}
    values = typed or (typed_of(found[0].rule) if found else {})
    return page(
        request, "fulfillment/subsidies/form.html", block="form", status=wrong.status if wrong else 200, values=values, errors=errors,
        like=like if found else "", **words(),
    )  # fmt: skip


@router.post("")
def create(request: Request, form: Annotated[RuleForm, Form()], actor: Admin) -> Response:
    """A draft, of a programme that is not yet or of the next version of one; a second person puts it in force."""

    def work(session: Session) -> str:
        rule, from_on = read_rule(session, form, actor.tenant_id)
        service.draft(session, rule, from_on, tenant_id=actor.tenant_id, by=actor.user_code)
        return rule.code

    try:
        code = do_once(actor, "POST /county/subsidies", form, work)
    except JishiError as wrong:
        with db.reading() as session:
            return _form(request, session, actor, form.code.strip(), typed=form.model_dump(), wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"/county/subsidies/{code}")


@router.get("/report")
def read_report(request: Request, session: Read, actor: Reader, quarter: Annotated[str, Query(max_length=20)] = "") -> Response:
    asked = read_quarter(quarter)
    told = report(session, actor.tenant_id, asked)
    parties = {(row.party_kind, row.party_code) for row in told.rows} | {(p.party_kind, p.party_code) for _code, p in told.evidence}
    return page(
        request, "fulfillment/subsidies/report.html", block="report", report=told, shown=quarters_shown(asked),
        names=party_names(session, sorted(parties)), **words(),
    )  # fmt: skip


@router.get("/report.{kind}")
def download_report(kind: str, session: Read, actor: Reader, quarter: Annotated[str, Query(max_length=20)] = "") -> Response:
    """The same as a file: xlsx or csv."""
    if kind not in ("xlsx", "csv"):
        raise NotFound(_("没有这种文件"))
    told = report(session, actor.tenant_id, read_quarter(quarter))
    body, media = report_file(session, told, kind)
    name = f"subsidies-{told.quarter.text}.{kind}"
    return Response(body, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"})


@router.get("/{code}")
def show(
    request: Request, code: str, session: Read, actor: Reader, state: Annotated[str, Query(max_length=20)] = "", cursor: Cursor = None
) -> Response:  # fmt: skip
    return _show(request, session, actor, code, state=state, cursor=cursor)


def _show(
    request: Request, session: Session, actor: Actor, code: str, *, state: str = "", cursor: str | None = None,
    wrong: JishiError | None = None, at: str = "", typed: dict[str, Any] | None = None,
) -> Response:  # fmt: skip
    fund = service.fund_named(session, code, tenant_id=actor.tenant_id)
    (found,) = queries.programmes(session, actor.tenant_id, code=code)
    chosen = state if state in award_words() else ""
    rows, following = queries.awards(session, fund, state=chosen or None, cursor=cursor, limit=A_PAGE)
    proofs = queries.evidence_of(session, fund)
    parties = {(row.party_kind, row.party_code) for row in rows} | {(proof.party_kind, proof.party_code) for proof in proofs}
    return page(
        request, "fulfillment/subsidies/programme.html", block="programme", status=wrong.status if wrong else 200, p=found,
        amounts=amounts_told(found.rule), conditions=conditions_told(session, found.rule, actor.tenant_id),
        versions=queries.versions_of(session, fund), rows=[(row, facts_of(row), href_of(row)) for row in rows], following=following,
        is_first=not cursor, state=chosen, evidence=proofs, payments=queries.payments_of(session, fund),
        names=party_names(session, sorted(parties)), takes_evidence=found.rule.basis == "grant" or found.rule.grades is not None,
        wrong=wrong, at_form=at, typed=typed or {},
        errors={str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {},
        **words(),
    )  # fmt: skip


def _step(request: Request, actor: Actor, form: Plain, code: str, at: str, work: Callable[[Session], Any]) -> Response:
    try:
        do_once(actor, f"POST {request.url.path}", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _show(request, session, actor, code, wrong=wrong, at=at, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back=f"/county/subsidies/{code}")


def _decide(request: Request, actor: Actor, form: Plain, code: str, *, approve: bool) -> Response:
    with db.reading() as session:
        programme = service.programme_of(session, service.version_named(session, code, tenant_id=actor.tenant_id))

    def work(session: Session) -> str:
        version = service.version_named(session, code, tenant_id=actor.tenant_id)
        service.decide(session, version, by=actor.user_code, approve=approve)
        return version.code

    return _step(request, actor, form, programme, "version", work)


@router.post("/versions/{code}/approval")
def approve(request: Request, code: str, form: Annotated[Plain, Form()], actor: Reader) -> Response:
    return _decide(request, actor, form, code, approve=True)


@router.post("/versions/{code}/refusal")
def refuse(request: Request, code: str, form: Annotated[Plain, Form()], actor: Reader) -> Response:
    return _decide(request, actor, form, code, approve=False)


@router.post("/{code}/evidence")
def create_evidence(request: Request, code: str, form: Annotated[EvidenceForm, Form()], actor: Reader) -> Response:
    return _step(request, actor, form, code, "evidence", lambda session: enter(session, actor, code, form).code)


def _prove(request: Request, actor: Actor, form: Plain, code: str, deed: Callable[..., None]) -> Response:
    with db.reading() as session:
        programme = service.programme_of(session, service.evidence_named(session, code, tenant_id=actor.tenant_id))

    def work(session: Session) -> str:
        proof = service.evidence_named(session, code, tenant_id=actor.tenant_id)
        deed(session, proof, by=actor.user_code)
        return proof.code

    return _step(request, actor, form, programme, "evidence", work)


@router.post("/evidence/{code}/confirmation")
def confirm(request: Request, code: str, form: Annotated[Plain, Form()], actor: Reader) -> Response:
    return _prove(request, actor, form, code, service.confirm_evidence)


@router.post("/evidence/{code}/withdrawal")
def withdraw(request: Request, code: str, form: Annotated[Plain, Form()], actor: Reader) -> Response:
    return _prove(request, actor, form, code, service.withdraw_evidence)


@router.post("/{code}/payments")
def receive(request: Request, code: str, form: Annotated[PaymentForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        fund = service.fund_named(session, code, tenant_id=actor.tenant_id)
        return service.receive(session, fund, fen(form.amount, "amount"), reference=clean(form.reference)[:100], by=actor.user_code).code

    return _step(request, actor, form, code, "payment", work)
