"""/station/income – what the station earned, each row open to its cause; /account/income – a grower's or seller's own."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from core import clock
from core.auth.pages import earning_roles, homes
from core.db import Read
from core.errors import NotFound
from core.permissions import Actor, allow
from core.web import page
from fulfillment.income import queries
from fulfillment.income.causes import cause_of
from fulfillment.income.goods import goods_of, lots_of
from fulfillment.income.scopes import may_read
from fulfillment.income.spans import KINDS, read_span, span
from fulfillment.income.words import source_words, state_words
from supply.stations.desk import station_now

router = APIRouter()
Text = Annotated[str, Query(max_length=20)]
Master = Annotated[Actor, Depends(allow("master"))]
earning_roles.update(("grower", "co-op", "merchant", "seller"))
Earner = Annotated[Actor, Depends(allow("grower", "co-op", "merchant", "seller"))]
Supplier = Annotated[Actor, Depends(allow("grower", "co-op", "merchant"))]
homes.update(grower="/account/income", merchant="/account/income", **{"co-op": "/account/income"})


@router.get("/station/income")
def index(
    request: Request, session: Read, actor: Master, day: Text = "", month: Text = "", year: Text = "", source: Text = "", state: Text = "",
    cursor: str | None = None, station: str = "",
) -> Response:  # fmt: skip
    """A day, a month or a year: sums by source and state, what it is made of, and its rows, of one source or state where asked."""
    here = station_now(request, session, actor, station, roles=("master",))
    asked = read_span(day, month, year)
    party = {"tenant_id": actor.tenant_id, "party_kind": "station", "party_code": here.code}
    sums = queries.by_source_and_state(session, first=asked.first, last=asked.last, **party)  # type: ignore[arg-type]
    parts = queries.by_period(session, first=asked.first, last=asked.last, group=asked.inner, **party) if asked.inner else []  # type: ignore[arg-type]
    chosen, stands = source if source in source_words() else "", state if state in state_words() else ""
    rows, following = queries.entries(
        session, first=asked.first, last=asked.last, source=chosen or None, state=stands or None, cursor=cursor, limit=30, **party  # type: ignore[arg-type]
    )  # fmt: skip
    return page(
        request, "fulfillment/income/index.html", block="rows", station=here, asked=asked, sums=sums,
        kinds=[span(kind, asked.last) for kind in KINDS], periods=[(span(asked.inner, p.start), p) for p in parts], rows=rows,
        following=following, source=chosen, state=stands, sources=source_words(), states=state_words(), total=_total(sums),
        previous=asked.moved(-1), later=asked.moved(1),
    )  # fmt: skip


@router.get("/station/income/{code}")
def entry(request: Request, code: str, session: Read, actor: Master) -> Response:
    row = queries.find(session, code, tenant_id=actor.tenant_id)
    if row is None or not may_read(actor, row):
        raise NotFound("没有这笔收入")
    cause = cause_of(session, tenant_id=actor.tenant_id, kind=row.cause_kind, code=row.cause_code)
    station = station_now(request, session, actor, row.party_code, roles=("master",))
    return page(
        request,
        "fulfillment/income/entry.html",
        block="entry",
        row=row,
        cause=cause,
        station=station,
        sources=source_words(),
        states=state_words(),
    )


@router.get("/account/income")
def own(request: Request, session: Read, actor: Earner, cursor: str | None = None) -> Response:
    """What a grower, co-op, merchant or livestream seller earned, newest first, above it what became of the goods they brought."""
    party_kind, party_code = _party(actor)
    party = {"tenant_id": actor.tenant_id, "party_kind": party_kind, "party_code": party_code}
    sums = queries.by_source_and_state(session, first=date(2020, 1, 1), last=clock.today(), **party)  # type: ignore[arg-type]
    rows, following = queries.entries(session, cursor=cursor, limit=30, **party)  # type: ignore[arg-type]
    goods = goods_of(session, party_code, tenant_id=actor.tenant_id) if party_kind == "grower" else None
    return page(
        request, "fulfillment/income/own.html", block="rows", rows=rows, following=following, is_first=not cursor, total=_total(sums),
        goods=goods, sources=source_words(), states=state_words(),
    )  # fmt: skip


@router.get("/account/income/{code}")
def own_entry(request: Request, code: str, session: Read, actor: Earner) -> Response:
    """One row of it, opened to its cause."""
    row = queries.find(session, code, tenant_id=actor.tenant_id)
    if row is None or (row.party_kind, row.party_code) not in _parties(actor):
        raise NotFound("没有这笔收入")
    cause = cause_of(session, tenant_id=actor.tenant_id, kind=row.cause_kind, code=row.cause_code)
    return page(
        request, "fulfillment/income/own_entry.html", block="entry", row=row, cause=cause, sources=source_words(), states=state_words()
    )


@router.get("/account/lots")
def own_lots(request: Request, session: Read, actor: Supplier, cursor: str | None = None) -> Response:
    """What a grower, co-op or merchant brought to the station, lot by lot."""
    _kind, code = _party(actor)
    lots, following = lots_of(session, code, tenant_id=actor.tenant_id, cursor=cursor)
    return page(request, "fulfillment/income/lots.html", block="lots", lots=lots, following=following, is_first=not cursor)


def _parties(actor: Actor) -> list[tuple[str, str]]:
    """Whose income is the caller's own, as (kind, code)."""
    parties = [("grower", code) for code in sorted(actor.scopes("grower", "co-op", "merchant"))]
    return parties + ([("seller", actor.user_code)] if actor.has("seller") else [])


def _party(actor: Actor) -> tuple[str, str]:
    """The first of them. Raises NotFound."""
    if not (parties := _parties(actor)):
        raise NotFound("你名下还没有可结算的收入")
    return parties[0]


def _total(sums: list[queries.Sum]) -> dict[str, int]:
    """Fen by state, and `earned` over all states that stand."""
    found = {state: sum(s.amount_fen for s in sums if s.state == state) for state in state_words()}
    return {**found, "earned": sum(amount for state, amount in found.items() if state != "reversed")}
