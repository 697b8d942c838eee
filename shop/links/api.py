"""POST /links, GET /links/{code}, GET /links/{code}/stats: a seller's order links for programs."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.idempotency import once
from core.moments import Instant
from core.paging import make_cursor, read_cursor
from core.permissions import Actor, Anybody, allow
from core.settings import settings
from core.text import Line
from supply.counties.deps import CurrentCounty

from . import queries, service
from .models import OrderLink
from .queries import OpenLink

router = APIRouter(prefix="/api/v1", tags=["links"])
Seller = Annotated[Actor, Depends(allow("seller"))]
Watcher = Annotated[Actor, Depends(allow("seller", "admin"))]
Code = Annotated[str, Field(min_length=1, max_length=40)]
Key = Annotated[str | None, Header(alias="Idempotency-Key")]


class ItemBody(BaseModel):
    model_config = {"extra": "forbid", "strict": True}
    sku: Code
    price_fen: Annotated[int, Field(ge=1, le=10**8)]


class LinkBody(BaseModel):
    """Commission in basis points of the goods; the window's instants carry their offset."""

    model_config = {"extra": "forbid", "strict": True}
    variants: Annotated[list[ItemBody], Field(min_length=1, max_length=service.MOST_ITEMS)]
    quota: Annotated[int, Field(ge=1, le=service.MOST_UNITS)]
    commission_bp: Annotated[int, Field(ge=0, le=service.MOST_COMMISSION_BP)]
    starts_at: Instant
    ends_at: Instant
    session: Annotated[Line, Field(max_length=40)] = ""


@router.post("/links", status_code=201)
def create_link(body: LinkBody, session: Write, actor: Seller, key: Key = None) -> dict[str, Any]:
    """A new link; the same Idempotency-Key and body again get the first answer."""

    def work() -> tuple[int, dict[str, Any]]:
        items = [service.Wanted(item.sku, item.price_fen) for item in body.variants]
        link = service.create_link(
            session, actor, items, quota=body.quota, commission_bp=body.commission_bp, starts_at=body.starts_at, ends_at=body.ends_at,
            session_name=body.session,
        )  # fmt: skip
        return 201, shape(queries.landing(session, link))

    sent = body.model_dump_json().encode()
    return once(session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /api/v1/links", key=key, body=sent, work=work)[1]


@router.get("/links")
def list_links(
    session: Read,
    actor: Seller,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
) -> dict[str, Any]:  # fmt: skip
    """The seller's own links, newest first."""
    before = read_cursor(cursor, int)
    found = queries.links_of(session, actor, before=before[0] if before else None, most=limit + 1)
    shown = found[:limit]
    return {"items": [_brief(link) for link in shown], "next": make_cursor(shown[-1].id) if len(found) > limit else None}


@router.get("/links/{code}")
def read_link(code: str, session: Read, county: CurrentCounty, _: Anybody) -> dict[str, Any]:
    """What a buyer may know of a link."""
    return shape(queries.landing(session, service.link_named(session, code, tenant_id=county.id)))


@router.get("/links/{code}/stats")
def read_stats(code: str, session: Read, actor: Watcher) -> dict[str, Any]:
    """The seller's numbers: distinct clicks, and what was paid for."""
    link = service.own_link(session, code, actor)
    return {"code": link.code, **queries.stats_of(session, [link.id or 0])[link.id or 0]._asdict(), "sold": link.sold, "quota": link.quota}


def shape(found: OpenLink) -> dict[str, Any]:
    variants = [
        {
            "sku": item.offer.sku, "spec": item.offer.spec, "product": {"id": item.card.code, "name": item.card.name},
            "price_fen": item.price_fen, "list_price_fen": item.offer.price_fen,
        }
        for item in found.items
    ]  # fmt: skip
    return {**_brief(found.link), "seller": found.seller, "state": found.state, "left": found.left, "variants": variants}


def _brief(link: OrderLink) -> dict[str, Any]:
    return {
        "code": link.code, "url": f"{settings.address}/l/{link.code}", "session": link.session_name, "quota": link.quota,
        "starts_at": _local(link.starts_at), "ends_at": _local(link.ends_at),
    }  # fmt: skip


def _local(at: datetime) -> str:
    return clock.local(at).isoformat()
