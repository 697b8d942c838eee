"""/finance/partners – what firms' months come to and what blocks them; a firm's month, its lines and legs, closed with one button.

A firm reads its own at /partner/months.
"""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.paging import Cursor, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.web import page
from core.web.forms import do_once
from core.web.nav import Entry, register
from fulfillment.contracts.queries import months_shown, read_month

from . import queries, reading
from .closing import close
from .forms import ClosingForm
from .queries import may_see, own_firms

router = APIRouter()
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("finance", "admin"))]
Finance = Annotated[Actor, Depends(allow("finance"))]
Firm = Annotated[Actor, Depends(allow("partner"))]
DESK, OWN = "/finance/partners", "/partner/months"
register("finance", Entry(6, DESK, i18n.marked("合作企业"), "bus"))
register("partner", Entry(2, OWN, i18n.marked("承运账"), "coin", ("partner",)))
A_PAGE = 50
STATES = i18n.marked({"running": "还没过完", "blocked": "缺合同价", "ready": "可以结账", "closed": "已结账"})
KINDS = i18n.marked({"ride": "跟车", "door": "送上门", "node": "经手", "zone": "片区"})


@router.get(DESK)
def index(request: Request, session: Read, actor: Reader, month: str | None = None) -> Response:
    return _index(request, session, actor, month, DESK)


@router.get(OWN)
def own_index(request: Request, session: Read, actor: Firm, month: str | None = None) -> Response:
    return _index(request, session, actor, month, OWN)


@router.get(DESK + "/{firm}")
def show(request: Request, firm: str, session: Read, actor: Reader, month: str | None = None, cursor: Cursor = None) -> Response:
    return _show(request, session, actor, firm, month, cursor, DESK)


@router.get(OWN + "/{firm}")
def own(request: Request, firm: str, session: Read, actor: Firm, month: str | None = None, cursor: Cursor = None) -> Response:
    return _show(request, session, actor, firm, month, cursor, OWN)


@router.post(DESK + "/{firm}/closing")
def close_month(request: Request, firm: str, form: Annotated[ClosingForm, Form()], actor: Finance) -> Response:
    def work(session: Session) -> str:
        return close(session, actor.tenant_id, firm, read_month(form.month), by=actor.user_code).code

    try:
        do_once(actor, f"POST {DESK}/{firm}/closing", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound) or wrong.more.get("field") == "month":
            raise
        with db.reading() as session:
            return _show(request, session, actor, firm, form.month, None, DESK, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"{DESK}/{firm}?month={form.month}")


def _index(request: Request, session: Session, actor: Actor, month: str | None, home: str) -> Response:
    asked = read_month(month)
    mine = actor.scopes("partner") if home == OWN else own_firms(actor)
    return page(
        request, "fulfillment/partners/index.html", block="partners", month=asked, shown=months_shown(asked), home=home,
        county_month=reading.county_month(session, actor.tenant_id, asked, mine), states=_told(STATES),
    )  # fmt: skip


def _show(
    request: Request, session: Session, actor: Actor, firm: str, month: str | None, cursor: str | None, home: str, *,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    asked = read_month(month)
    may_see(session, actor, firm)
    (before,) = read_cursor(cursor, int) or (None,)
    legs = queries.legs_in(session, actor.tenant_id, firm, asked, before=before, limit=A_PAGE)
    items, found = legs[:A_PAGE], reading.firm_month(session, actor.tenant_id, firm, asked)
    return page(
        request, "fulfillment/partners/month.html", block="month", status=wrong.status if wrong else 200, wrong=wrong, month=asked,
        shown=months_shown(asked), home=home, found=found, legs=items,
        names=queries.names_of_nodes(session, actor.tenant_id, items), called=queries.names_of_lines(session, actor.tenant_id, items),
        kinds=_told(KINDS), states=_told(STATES), following=make_cursor(items[-1].number) if len(legs) > A_PAGE else None,
        is_first=before is None, form_key=new_token(), may_close=home == DESK and actor.has("finance"),
    )  # fmt: skip


def _told(words: dict[str, str]) -> dict[str, str]:
    return {key: _(said) for key, said in words.items()}
