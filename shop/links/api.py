"""POST /links, GET /links/{code}, GET /links/{code}/stats: a seller's order links for programs."""

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field

from core import clock
from core.db import Read, Write
from core.idempotency import KeyHeader, once
from core.moments import Instant
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Actor, Anybody, allow
from core.settings import settings
from core.text import Line
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import queries, service
from .api_shapes import LinkDetail, LinkItem, LinkPage, LinkStats, LinkVariant
from .models import OrderLink
from .queries import OpenLink

router = APIRouter(prefix="/api/v1", tags=["links"])
Seller = Annotated[Actor, Depends(allow("seller"))]
Watcher = Annotated[Actor, Depends(allow("seller", "admin"))]
Code = Annotated[str, Path(description="The link's code.")]


class LinkVariantBody(BaseModel):
    """A variant and its price while the link sells: at least half of the listed one, in fen."""

    model_config = {"extra": "forbid", "strict": True}
    sku: Annotated[str, Field(min_length=1, max_length=40)]
    price_fen: Annotated[int, Field(ge=1, le=10**8)]


class LinkBody(BaseModel):
    """Commission in basis points of the goods; the window's instants carry their offset."""

    model_config = {"extra": "forbid", "strict": True}
    variants: Annotated[list[LinkVariantBody], Field(min_length=1, max_length=service.MOST_ITEMS)]
    quota: Annotated[int, Field(ge=1, le=service.MOST_UNITS)]
    commission_bp: Annotated[int, Field(ge=0, le=service.MOST_COMMISSION_BP)]
    starts_at: Instant
    ends_at: Instant
    session: Annotated[Line, Field(max_length=40)] = ""


@router.post("/links", status_code=201)
def create_link(body: LinkBody, session: Write, actor: Seller, key: KeyHeader = None) -> LinkDetail:
    """A new link; the same Idempotency-Key and body again get the first answer."""

    def work() -> tuple[int, dict[str, Any]]:
        items = [service.Wanted(item.sku, item.price_fen) for item in body.variants]
        link = service.create_link(
            session, actor, items, quota=body.quota, commission_bp=body.commission_bp, starts_at=body.starts_at, ends_at=body.ends_at,
            session_name=body.session,
        )  # fmt: skip
        return 201, dict(shape(queries.landing(session, link)))

    sent = body.model_dump_json().encode()
    answer = once(session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /api/v1/links", key=key, body=sent, work=work)[1]
    return cast(LinkDetail, answer)


@router.get("/links")
def list_links(session: Read, actor: Seller, limit: Limit = 50, cursor: Cursor = None) -> LinkPage:
    """The seller's own links, newest first."""
    before = read_cursor(cursor, int)
    found = queries.links_of(session, actor, before=before[0] if before else None, most=limit + 1)
    shown = found[:limit]
    return {"items": [_brief(link) for link in shown], "next": make_cursor(shown[-1].id) if len(found) > limit else None}


@router.get("/links/{code}", responses=refusals(service.LinkUnknown))
def read_link(code: Code, session: Read, county: CurrentCounty, _: Anybody) -> LinkDetail:
    """What a buyer may know of a link."""
    return shape(queries.landing(session, service.link_named(session, code, tenant_id=county.id)))


@router.get("/links/{code}/stats", responses=refusals(service.LinkUnknown))
def read_link_stats(code: Code, session: Read, actor: Watcher) -> LinkStats:
    """The seller's numbers: distinct clicks, and what was paid for."""
    link = service.own_link(session, code, actor)
    stats = queries.stats_of(session, [link.id or 0])[link.id or 0]
    return {
        "code": link.code, "clicks": stats.clicks, "orders": stats.orders, "units": stats.units, "goods_fen": stats.goods_fen,
        "commission_fen": stats.commission_fen, "sold": link.sold, "quota": link.quota,
    }  # fmt: skip


def shape(found: OpenLink) -> LinkDetail:
    variants: list[LinkVariant] = [
        {
            "sku": item.offer.sku, "spec": item.offer.spec, "product": {"id": item.card.code, "name": item.card.name},
            "price_fen": item.price_fen, "list_price_fen": item.offer.price_fen,
        }
        for item in found.items
    ]  # fmt: skip
    return {**_brief(found.link), "seller": found.seller, "state": found.state, "left": found.left, "variants": variants}


def _brief(link: OrderLink) -> LinkItem:
    return {
        "code": link.code, "url": f"{settings.address}/l/{link.code}", "session": link.session_name, "quota": link.quota,
        "starts_at": _local(link.starts_at), "ends_at": _local(link.ends_at),
    }  # fmt: skip


def _local(at: datetime) -> str:
    return clock.local(at).isoformat()
