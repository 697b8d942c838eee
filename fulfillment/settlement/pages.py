"""/finance/settlements – what would be paid, the runs, one run with its steps and its statements; disputes to answer."""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.moments import read_day
from core.paging import Cursor, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, do_once, fen
from core.web.nav import Entry, register
from fulfillment.income.words import source_words
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import disputing, drafting, paying, reading, service
from .files import payment_file
from .forms import AnswerForm, BankListForm, FreezeForm, PaidForm, VoidForm
from .matching import Match, match
from .models import Way
from .words import dispute_words, names_of, party_words, run_words, statement_words, way_words

router = APIRouter(prefix="/finance")
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
RUNS = Entry(2, "/finance/settlements", i18n.marked("结算"), "coin")
DISPUTES = Entry(3, "/finance/disputes", i18n.marked("疑问"), "warn")
register("finance", RUNS, DISPUTES)
Text = Annotated[str, Query(max_length=40)]
A_PAGE = 100  # statements of a run


def words() -> dict[str, Any]:
    return {
        "states": run_words(), "statement_states": statement_words(), "ways": way_words(), "parties": party_words(),
        "sources": source_words(), "form_key": new_token(),
    }  # fmt: skip


@router.get("/settlements")
def index(request: Request, session: Read, actor: Reader, county: CurrentCounty, until: Text = "", cursor: Cursor = None) -> Response:
    return _index(request, session, actor, county, until, cursor=cursor)


def _index(
    request: Request, session: Session, actor: Actor, county: CurrentCounty, until: str, *, cursor: str | None = None,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    try:
        day = read_day(until) if until.strip() else clock.today()
    except ValueError:
        day = clock.today()
    drafts = drafting.preview(session, county, day)
    found, following = reading.runs(session, tenant_id=actor.tenant_id, cursor=cursor)
    return page(
        request, "fulfillment/settlement/index.html", block="settlements", status=wrong.status if wrong else 200, wrong=wrong, until=day,
        drafts=drafts, names=names_of(session, [(d.kind, d.code) for d in drafts]), runs=found, following=following, is_first=not cursor,
        total=sum(d.payout_fen for d in drafts if not d.carried), least=drafting.rules_of(county).min_payout_fen, **words(),
    )  # fmt: skip


@router.post("/settlements")
def create(request: Request, form: Annotated[FreezeForm, Form()], actor: Finance, county: CurrentCounty) -> Response:
    def work(session: Session) -> str:
        return service.freeze(session, county, _until(form.until), by=actor.user_code).code

    try:
        code = do_once(actor, "POST /finance/settlements", form, work)
    except JishiError as wrong:
        with db.reading() as session:
            return _index(request, session, actor, county, form.until, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/settlements/{code}")


def _until(text: str) -> date:
    try:
        return read_day(text.strip()) if text.strip() else clock.today()
    except ValueError as wrong:
        raise Refused(_("没有这一天，请写成 2026-05-23"), field="until") from wrong


@router.get("/settlements/{code}")
def show(request: Request, code: str, session: Read, actor: Reader, cursor: Cursor = None) -> Response:
    return _show(request, session, actor, code, cursor=cursor)


def _show(
    request: Request, session: Session, actor: Actor, code: str, *, wrong: JishiError | None = None, told: Match | None = None,
    typed: str = "", cursor: str | None = None,
) -> Response:  # fmt: skip
    run = service.run_named(session, code, tenant_id=actor.tenant_id)
    found = service.statements_of(session, run)
    by_way = {way.value: [s for s in found if s.way == way and s.transfer_fen] for way in Way}
    (after,) = read_cursor(cursor, int) or (0,)
    shown = [s for s in found if (s.id or 0) > after]
    following = make_cursor(shown[A_PAGE - 1].id) if len(shown) > A_PAGE else None
    return page(
        request, "fulfillment/settlement/run.html", block="run", status=wrong.status if wrong else 200, run=run, statements=shown[:A_PAGE],
        count=len(found), following=following, is_first=not after, by_way=by_way, wrong=wrong, told=told, typed=typed,
        is_shared=any(s.shared_fen for s in found), people=_people(session, run),
        shares_out=drafting.rules_of(session.get_one(County, actor.tenant_id)).share_out, **words(),
    )  # fmt: skip


def _people(session: Session, run: Any) -> dict[str, str]:
    codes = {code for code in (run.frozen_by, run.approved_by) if code}
    return {code: name for (_kind, code), name in names_of(session, [("seller", code) for code in codes]).items()}


def _step(request: Request, actor: Actor, form: Plain, code: str, name: str, work: Callable[[Session, Any], Any]) -> Response:
    try:
        do_once(
            actor, f"POST /finance/settlements/{code}/{name}", form,
            lambda session: work(session, service.run_named(session, code, tenant_id=actor.tenant_id)),
        )  # fmt: skip
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _show(request, session, actor, code, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/settlements/{code}")


@router.post("/settlements/{code}/approval")
def approve(request: Request, code: str, form: Annotated[Plain, Form()], actor: Finance) -> Response:
    return _step(request, actor, form, code, "approval", lambda session, run: service.approve(session, run, by=actor.user_code))


@router.post("/settlements/{code}/void")
def void(request: Request, code: str, form: Annotated[VoidForm, Form()], actor: Finance) -> Response:
    def work(session: Session, run: Any) -> None:
        service.void(session, run, by=actor.user_code, reason=form.reason)

    return _step(request, actor, form, code, "void", work)


@router.post("/settlements/{code}/files/{way}")
def take_file(request: Request, code: str, way: str, form: Annotated[Plain, Form()], actor: Finance) -> Response:
    """The payment file itself; whoever takes it leaves an audit row, every time."""
    if way not in set(Way):
        raise NotFound(_("没有这种付款文件"))
    try:
        with db.writing() as session:
            run = service.run_named(session, code, tenant_id=actor.tenant_id)
            service.give_to_bank(session, run, by=actor.user_code)
            made = payment_file(run, service.statements_of(session, run), way)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _show(request, session, actor, code, wrong=wrong)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.body, media_type=made.kind, headers=headers)


@router.post("/settlements/{code}/payments")
def pay(request: Request, code: str, form: Annotated[PaidForm, Form()], actor: Finance) -> Response:
    """Every statement that is not paid yet, each in a transaction of its own: interrupted, the button is pressed again."""
    try:
        with db.reading() as session:
            run = service.run_named(session, code, tenant_id=actor.tenant_id)
            waiting = [s.code for s in service.statements_of(session, run)]
        for each in waiting:
            db.run_write(lambda session, each=each: _pay(session, actor, each, form.reference))  # type: ignore[misc]
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _show(request, session, actor, code, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/settlements/{code}")


def _pay(session: Session, actor: Actor, code: str, reference: str) -> bool:
    statement = paying.statement_named(session, code, tenant_id=actor.tenant_id)
    return paying.mark_paid(session, statement, by=actor.user_code, reference=reference.strip())


@router.post("/settlements/{code}/bank-lists")
def read_bank_list(request: Request, code: str, form: Annotated[BankListForm, Form()], actor: Finance) -> Response:
    """The bank's list, pasted: what fits is confirmed or sent back, the rest is shown and changes nothing."""
    with db.reading() as session:
        found = match(form.rows, service.statements_of(session, service.run_named(session, code, tenant_id=actor.tenant_id)))
    wrong = None
    try:
        for statement, is_back in found.matched:
            deed = paying.send_back if is_back else paying.reconcile
            step = lambda session, deed=deed, each=statement.code: deed(  # noqa: E731
                session, paying.statement_named(session, each, tenant_id=actor.tenant_id), by=actor.user_code
            )
            db.run_write(step)
    except JishiError as refused:
        wrong = refused
    with db.reading() as session:
        return _show(request, session, actor, code, wrong=wrong, told=found, typed=form.rows if found.wrong or found.foreign else "")


@router.post("/statements/{code}/payment")
def pay_one(request: Request, code: str, form: Annotated[PaidForm, Form()], actor: Finance) -> Response:
    """Of somebody who is paid by hand, when they came."""
    with db.writing() as session:
        statement = paying.statement_named(session, code, tenant_id=actor.tenant_id)
        paying.mark_paid(session, statement, by=actor.user_code, reference=form.reference.strip())
    return page(request, "fulfillment/ops/asked.html", back=f"/statements/{code}")


@router.get("/disputes")
def disputes(request: Request, session: Read, actor: Reader, status: Text = "open", cursor: Cursor = None) -> Response:
    return _disputes(request, session, actor, status, cursor=cursor)


def _disputes(
    request: Request, session: Session, actor: Actor, status: str, *, cursor: str | None = None, wrong: JishiError | None = None,
    at: str = "", typed: Any = None,
) -> Response:  # fmt: skip
    chosen = status if status in dispute_words() else "open"
    rows, following = reading.disputes(session, tenant_id=actor.tenant_id, status=chosen, cursor=cursor)
    return page(
        request, "fulfillment/settlement/disputes.html", block="disputes", status=wrong.status if wrong else 200, rows=rows, chosen=chosen,
        following=following, is_first=not cursor, dispute_states=dispute_words(), at_code=at, typed=typed or {},
        names=names_of(session, list({(each.row.party_kind, each.row.party_code) for each in rows})),
        errors={str(wrong.more.get("field", "answer")): wrong.detail} if wrong else {}, **words(),
    )  # fmt: skip


@router.post("/disputes/{code}/answer")
def answer(request: Request, code: str, form: Annotated[AnswerForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        asked = disputing.dispute_named(session, code, tenant_id=actor.tenant_id)
        granted, taken = fen(form.granted, "granted", empty=0), fen(form.taken, "taken", empty=0)
        if granted and taken:
            raise Refused(_("补和扣只写一个"), field="taken")
        disputing.answer(session, asked, by=actor.user_code, words=form.answer, granted_fen=granted - taken)
        return code

    try:
        do_once(actor, f"POST /finance/disputes/{code}/answer", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _disputes(request, session, actor, "open", wrong=wrong, at=code, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/finance/disputes")
