"""/finance/settlements/{code}/shares – what a run's parties are given straight out of buyers' payments, part by part; the royalty list."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.paging import Cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import Plain, do_once
from fulfillment.settlement.drafting import rules_of
from fulfillment.settlement.models import RunStatus, Way
from fulfillment.settlement.service import run_named, statements_of
from supply.counties.deps import CurrentCounty

from . import files, queries, service
from .words import share_words

router = APIRouter(prefix="/finance/settlements/{code}/shares")
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
SHOWN = 200  # statements; the parts below are paged


@router.get("")
def index(request: Request, code: str, session: Read, actor: Reader, county: CurrentCounty, cursor: Cursor = None) -> Response:
    return _index(request, session, actor, county, code, cursor=cursor)


def _index(
    request: Request, session: Session, actor: Actor, county: CurrentCounty, code: str, *, cursor: str | None = None,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    run = run_named(session, code, tenant_id=actor.tenant_id)
    is_on = bool(rules_of(county).share_out)
    may_begin = is_on and run.shared_at is None and run.status in (RunStatus.FROZEN, RunStatus.APPROVED)
    could_fen, people = queries.could(session, county, run) if may_begin else (0, 0)
    found, following = queries.parts(session, run, cursor=cursor)
    by_alipay = [s for s in statements_of(session, run) if s.way == Way.ALIPAY and s.payout_fen]
    return page(
        request, "sharing/index.html", block="shares", status=wrong.status if wrong else 200, run=run, is_on=is_on, may_begin=may_begin,
        could_fen=could_fen, people=people, sums=queries.sums(session, run), statements=by_alipay[:SHOWN], count=len(by_alipay),
        parts=found, following=following, is_first=not cursor, states=share_words(), wrong=wrong, form_key=new_token(),
    )  # fmt: skip


@router.post("")
def create(request: Request, code: str, form: Annotated[Plain, Form()], actor: Finance, county: CurrentCounty) -> Response:
    """Settle it, once; later: have asked anew what no worker tries any more."""

    def work(session: Session) -> Any:
        return service.share_out(session, county, run_named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)

    return _step(request, actor, county, form, code, "", work)


@router.post("/ending")
def end(request: Request, code: str, form: Annotated[Plain, Form()], actor: Finance, county: CurrentCounty) -> Response:
    """What nobody was asked for is transferred."""

    def work(session: Session) -> Any:
        return service.end(session, run_named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)

    return _step(request, actor, county, form, code, "/ending", work)


def _step(request: Request, actor: Actor, county: CurrentCounty, form: Plain, code: str, name: str, work: Any) -> Response:
    try:
        do_once(actor, f"POST /finance/settlements/{code}/shares{name}", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _index(request, session, actor, county, code, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"/finance/settlements/{code}/shares")


@router.post("/list")
def take_list(code: str, form: Annotated[Plain, Form()], actor: Finance) -> Response:
    """The royalty list itself; whoever takes it leaves an audit row, every time."""
    with db.writing() as session:
        made = files.take_list(session, run_named(session, code, tenant_id=actor.tenant_id), by=actor.user_code)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.body, media_type=made.kind, headers=headers)
