"""/county – the month in figures; /finance – the books."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from core import clock, i18n
from core.auth.pages import homes
from core.db import Read
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from shop.boards import queries

router = APIRouter()
_ = i18n.gettext
Admin = Annotated[Actor, Depends(allow("admin"))]
Treasurer = Annotated[Actor, Depends(allow("finance", "admin"))]
homes.update(admin="/county", finance="/finance")
BOOKS = Entry(1, "/finance", "账本", "coin")
COUNTY = Entry(0, "/county", "全县", "home")
register("county", COUNTY, BOOKS)
register("finance", BOOKS)
SPANS = {7: "近七天", 30: "近三十天", 365: "近一年"}


@router.get("/county")
def county(request: Request, session: Read, actor: Admin, days: int = 30) -> Response:
    span = days if days in SPANS else 30
    last = clock.today()
    first = last - timedelta(days=span - 1)
    return page(
        request, "boards/county.html", block="board", span=span, spans={n: _(words) for n, words in SPANS.items()},
        figures=queries.figures(session, tenant_id=actor.tenant_id, first=first, last=last),
        stations=queries.by_station(session, tenant_id=actor.tenant_id, first=first, last=last),
    )  # fmt: skip


@router.get("/finance")
def finance(request: Request, session: Read, actor: Treasurer) -> Response:
    debit, credit = queries.sides(session, tenant_id=actor.tenant_id)
    return page(
        request, "boards/finance.html", block="books", accounts=queries.trial_balance(session, tenant_id=actor.tenant_id),
        debit=debit, credit=credit, journals=queries.journals(session, tenant_id=actor.tenant_id),
    )  # fmt: skip
