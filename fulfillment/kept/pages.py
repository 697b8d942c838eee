"""/ops/promises – the promises of some weeks against what the scans prove, lane by lane."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from core import clock, i18n
from core.db import Read
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register

from .queries import CAUSES, WAYS, kept_by, total

router = APIRouter()
_ = i18n.gettext
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
PROMISES = Entry(5, "/ops/promises", i18n.marked("承诺兑现"), "check", ("dispatcher", "admin"))
register("ops", PROMISES)
register("county", PROMISES)
SPANS = i18n.marked({7: "近七天", 30: "近三十天", 365: "近一年"})


@router.get("/ops/promises")
def promises(request: Request, session: Read, actor: Reader, days: int = 30, by: str = "station") -> Response:
    span, way = days if days in SPANS else 30, by if by in WAYS else "station"
    last = clock.today()
    rows = kept_by(session, tenant_id=actor.tenant_id, first=last - timedelta(days=span - 1), last=last, way=way)
    return page(
        request, "fulfillment/kept/index.html", block="kept", span=span, spans={n: _(words) for n, words in SPANS.items()}, way=way,
        ways={key: _(words) for key, words in WAYS.items()}, causes={key: _(words) for key, words in CAUSES.items()},
        rows=rows, total=total(rows),
    )  # fmt: skip
