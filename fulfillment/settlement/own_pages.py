"""/statements – one's own statements; one of them row by row, as PDF, XLSX and CSV; a row disputed; /station/slips – slips to print.

A grower without a phone gets a slip from the station's master: goods, weight and money in large type, with a line to sign.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.db import Read
from core.errors import JishiError, NotFound
from core.paging import Cursor
from core.permissions import Actor, SignedIn, allow
from core.web import page
from core.web.forms import do_once
from core.web.nav import Entry, register
from fulfillment.income import queries
from fulfillment.income.causes import cause_of
from fulfillment.income.scopes import may_read
from fulfillment.income.words import source_words, state_words
from supply.stations.desk import station_now

from . import disputing, reading
from .files import statement_file
from .forms import DisputeForm
from .members import is_coop
from .models import Statement
from .pages import words
from .paper import statement_pdf
from .words import dispute_words

router = APIRouter()
_ = i18n.gettext
Master = Annotated[Actor, Depends(allow("master"))]
register("station", Entry(10, "/station/slips", i18n.marked("领款单"), "coin", ("master",)))
WHOLE = 100_000  # rows of a file: more than a county's busiest party earns in a run


@router.get("/statements")
def index(request: Request, session: Read, actor: SignedIn, cursor: Cursor = None) -> Response:
    found, following = reading.statements(session, reading.parties_of(actor), tenant_id=actor.tenant_id, cursor=cursor)
    return page(
        request,
        "fulfillment/settlement/own.html",
        block="statements",
        statements=found,
        following=following,
        is_first=not cursor,
        **words(),
    )


@router.get("/statements/rows/{code}")
def row(request: Request, code: str, session: Read, actor: SignedIn) -> Response:
    return _row(request, session, actor, code)


def _row(
    request: Request, session: Session, actor: Actor, code: str, *, wrong: JishiError | None = None, typed: DisputeForm | None = None
) -> Response:
    found = queries.find(session, code, tenant_id=actor.tenant_id)
    if found is None or not may_read(actor, found):
        raise NotFound(_("没有这笔收入"))
    statement = session.get(Statement, found.statement_id) if found.statement_id else None
    return page(
        request, "fulfillment/settlement/row.html", block="row", status=wrong.status if wrong else 200, row=found, statement=statement,
        cause=cause_of(session, tenant_id=actor.tenant_id, kind=found.cause_kind, code=found.cause_code),
        disputes=reading.disputes_of(session, found), dispute_states=dispute_words(), income_states=state_words(), wrong=wrong,
        errors={str(wrong.more.get("field", "reason")): wrong.detail} if wrong else {}, typed=typed.model_dump() if typed else {},
        **words(),
    )  # fmt: skip


@router.post("/statements/rows/{code}/disputes")
def create_dispute(request: Request, code: str, form: Annotated[DisputeForm, Form()], actor: SignedIn) -> Response:
    def work(session: Session) -> str:
        found = queries.find(session, code, tenant_id=actor.tenant_id)
        if found is None or not may_read(actor, found):
            raise NotFound(_("没有这笔收入"))
        return disputing.dispute(session, found, by=actor.user_code, reason=form.reason).code

    try:
        do_once(actor, f"POST /statements/rows/{code}/disputes", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _row(request, session, actor, code, wrong=wrong, typed=form)
    return page(request, "fulfillment/ops/asked.html", back=f"/statements/rows/{code}")


@router.get("/statements/{code}")
def show(request: Request, code: str, session: Read, actor: SignedIn, cursor: Cursor = None) -> Response:
    statement = reading.find_statement(session, actor, code)
    rows, following = reading.rows_of(session, statement, cursor=cursor)
    return page(
        request, "fulfillment/settlement/statement.html", block="statement", s=statement, rows=rows, following=following,
        is_first=not cursor, parts=reading.sources_of(session, statement), is_desk=actor.has(*reading.OVERSEERS),
        run=reading.run_of(session, statement), has_members=is_coop(session, statement), **words(),
    )  # fmt: skip


@router.get("/statements/{code}/statement.{kind}")
def download(code: str, kind: str, session: Read, actor: SignedIn) -> Response:
    """The same as a file: pdf, xlsx or csv."""
    statement = reading.find_statement(session, actor, code)
    rows, _more = reading.rows_of(session, statement, limit=WHOLE)
    if kind == "pdf":
        body, media, name = statement_pdf(statement, rows, source_words()), "application/pdf", f"{statement.code}.pdf"
    elif kind in ("csv", "xlsx"):
        made = statement_file(statement, rows, kind)
        body, media, name = made.body, made.kind, made.name
    else:
        raise NotFound(_("没有这种文件"))
    return Response(body, media_type=media, headers={"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "no-store"})


@router.get("/statements/{code}/slip")
def slip(request: Request, code: str, session: Read, actor: SignedIn) -> Response:
    statement = reading.find_slip(session, actor, code)
    return page(
        request, "fulfillment/settlement/slip.html", block="slip", s=statement, goods=reading.goods_in(session, statement),
        parts=reading.sources_of(session, statement), has_members=is_coop(session, statement), **words(),
    )  # fmt: skip


@router.get("/station/slips")
def slips(request: Request, session: Read, actor: Master, station: str = "") -> Response:
    """The last statements of the station's growers."""
    here = station_now(request, session, actor, station, roles=("master",))
    own, _more = reading.statements(session, [("station", here.code)], tenant_id=actor.tenant_id, limit=12)
    return page(
        request, "fulfillment/settlement/slips.html", block="slips", station=here, own=own,
        statements=reading.growers_statements(session, here), **words(),
    )  # fmt: skip


@router.get("/station/slips/sheet")
def slip_sheet(request: Request, session: Read, actor: Master, station: str = "") -> Response:
    """All slips of the station's growers of the last run that pays any of them, to be printed at once."""
    here = station_now(request, session, actor, station, roles=("master",))
    found = reading.growers_statements(session, here)
    last = [s for s in found if s.run_id == found[0].run_id]
    slips = [(s, reading.goods_in(session, s), reading.sources_of(session, s)) for s in sorted(last, key=lambda each: each.name)]
    return page(request, "fulfillment/settlement/slip_sheet.html", block="slips", station=here, slips=slips, **words())
