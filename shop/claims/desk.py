"""/ops/claims and /finance/claims – what buyers claim: those that wait, one opened with its photos and its trail, and the decision."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from sqlmodel import Session

from core import db
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.i18n import gettext as _
from core.idempotency import once
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from shop.payments.giving import left_of
from supply.counties.models import County

from . import queries
from .deciding import DECIDERS, SECONDS, decide
from .forms import DecisionForm
from .models import ClaimStatus
from .rules import desk_rules
from .service import ClaimUnknown
from .words import bearer_words, event_words, how_much, reason_words, standing

router = APIRouter()
Decider = Annotated[Actor, Depends(allow(*DECIDERS))]
register("ops", Entry(5, "/ops/claims", "售后", "camera", ("dispatcher", "admin")))
register("finance", Entry(5, "/finance/claims", "售后", "camera"))


@router.get("/ops/claims")
@router.get("/finance/claims")
def index(request: Request, session: Read, actor: Decider, status: str = "", cursor: str | None = None) -> Response:
    chosen = status if status in (ClaimStatus.APPROVED, ClaimStatus.REFUSED, ClaimStatus.WITHDRAWN) else ""
    rows, following = queries.desk(session, tenant_id=actor.tenant_id, status=chosen, cursor=cursor)
    return page(
        request, "claims/desk.html", block="desk", rows=rows, following=following, is_first=not cursor, chosen=chosen, base=_base(request),
        reasons=reason_words(), how_much=how_much, standing=standing,
        kinds=[("", _("等处理")), ("approved", _("通过的")), ("refused", _("没通过的")), ("withdrawn", _("撤回的"))],
    )  # fmt: skip


@router.get("/ops/claims/{code}")
@router.get("/finance/claims/{code}")
def show(request: Request, code: str, session: Read, actor: Decider) -> Response:
    return _shown(request, session, actor, code)


@router.post("/ops/claims/{code}/decision")
@router.post("/finance/claims/{code}/decision")
def create_decision(request: Request, code: str, form: Annotated[DecisionForm, Form()], actor: Decider) -> Response:
    """The same form twice decides once."""

    def write(session: Session) -> None:
        def work() -> tuple[int, dict[str, Any]]:
            return 200, {"id": decide(session, actor, code, form.decided()).code}

        once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route=f"POST /ops/claims/{code}", key=form.form_key or None,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip

    try:
        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, code, typed=form, wrong=wrong)
    return page(request, "claims/show.html", back=f"{_base(request)}/{code}")


def _shown(
    request: Request, session: Session, actor: Actor, code: str, *, typed: DecisionForm | None = None, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    view = queries.one(session, code, tenant_id=actor.tenant_id)
    if view is None:
        raise ClaimUnknown(_("没有这个售后申请"))
    field = str(wrong.more.get("field", "")) if wrong else ""
    answer = page(
        request, "claims/show.html", block="claim", status=wrong.status if wrong else 200, view=view, claim=view.claim,
        base=_base(request),
        left_fen=left_of(session, [view.line])[view.line.id or 0].fen, values=typed.model_dump() if typed else {},
        errors={field: wrong.detail} if wrong and field else {}, wrong=wrong if wrong and not field else None, form_key=new_token(),
        reasons=reason_words(), bearers=bearer_words(), how_much=how_much, standing=standing, trail=event_words(view),
        second_fen=desk_rules(session.get_one(County, actor.tenant_id)).second_fen,
        may=_may(actor, view), needs_second=view.claim.status == ClaimStatus.SECOND,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _base(request: Request) -> str:
    """The list at the caller's desk."""
    return "/finance/claims" if request.scope["path"].startswith("/finance") else "/ops/claims"


def _may(actor: Actor, view: queries.ClaimView) -> str:
    """In words, why this colleague cannot decide it now; empty when they can. The verb decides again."""
    if view.order.user_id is not None and view.order.user_id == actor.user_id:
        return _("自己的订单，请别的同事来处理")
    if view.claim.vouched_by == actor.key:
        return _("你替买家提的，请别的同事来定")
    if view.claim.status == ClaimStatus.SECOND:
        if view.claim.decided_by == actor.key:
            return _("你同意过了，等第二个人复核")
        if not actor.has(*SECONDS):
            return _("金额大，等财务或者县管理员复核")
    return ""
