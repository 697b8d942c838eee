"""/station – the master's desk: the next bus fills the top, the button comes before the list."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from core import clock
from core.auth.pages import homes
from core.db import Read
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.income import queries as income
from fulfillment.income.words import source_words
from shop.station import queries
from supply.stations.desk import KEEPERS, station_now

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
homes.update(master="/station", helper="/station")
register("station", Entry(0, "/station", "今天", "bus", KEEPERS), Entry(6, "/station/income", "收入", "coin", ("master",)))


@router.get("/station")
def desk(request: Request, session: Read, actor: Keeper, station: str = "") -> Response:
    here = station_now(request, session, actor, station)
    today = clock.today()
    may_see_income = here.code in actor.scopes("master")
    sums = (
        income.by_source_and_state(
            session, tenant_id=actor.tenant_id, party_kind="station", party_code=here.code, first=today.replace(day=1), last=today
        )
        if may_see_income
        else []
    )
    earned = [s for s in sums if s.state != "reversed"]
    sources = [(words, sum(s.amount_fen for s in earned if s.source == code)) for code, words in source_words().items()]
    return page(
        request, "station/index.html", block="desk", station=here, leaving=queries.leaving(session, here), work=queries.work(session, here),
        sources=[(words, fen) for words, fen in sources if fen], earned=sum(s.amount_fen for s in earned), may_see_income=may_see_income,
        month=today,
    )  # fmt: skip
