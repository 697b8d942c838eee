"""GET /products, /products/{id} and /lots/{lot}: what is sold, when it arrives, where it came from."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from core import clock, limits
from core.db import Read
from core.permissions import Anybody
from core.web import quick
from shop.search import service as search
from shop.search.engine import Query as Question
from shop.search.engine import Sort
from supply.counties.deps import CurrentCounty

from . import queries, shapes
from .promised import promises_for, promises_of

router = APIRouter(prefix="/api/v1", tags=["products"])


class Storage(StrEnum):
    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"
    LIVE = "live"


Limit = Annotated[int, Query(ge=1, le=200)]
Word = Annotated[str | None, Query(max_length=100)]
Cursor = Annotated[str | None, Query(max_length=400)]


@router.get("/products")
@quick
def list_products(
    request: Request, session: Read, county: CurrentCounty, _: Anybody,
    station: Word = None, category: Word = None, q: Annotated[str, Query(max_length=10_000)] = "", storage: Storage | None = None,
    in_season: bool | None = None, sort: Sort = Sort.RELEVANCE, limit: Limit = 50, cursor: Cursor = None,
) -> dict[str, Any]:  # fmt: skip
    """Products for sale; price, stock and promise are live. `facets` count over all answers, `engine` says who searched."""
    limits.hit_by_address(request, "search", "600/minute")
    month = clock.today().month
    question = Question(
        tenant=county.id,
        text=q,
        station=station,
        category=category,
        storage=storage,
        in_season=month if in_season else None,
        off_season=month if in_season is False else None,
        sort=sort,
        limit=limit,
        highlight=False,
    )
    found = search.find(session, question, cursor=cursor)
    promises = promises_for(session, county, found.cards)
    items = [shapes.listed(card, promises.get(card.id)) for card in found.cards]
    return {
        "items": items, "next": found.next, "total": found.total, "exact": found.exact, "facets": found.facets, "engine": found.engine,
    }  # fmt: skip


@router.get("/products/{id}")
@quick
def read_product(id: str, session: Read, county: CurrentCounty, _: Anybody) -> dict[str, Any]:
    card = queries.product(session, id, tenant_id=county.id)
    return shapes.whole(card, promises_of(session, county, card), county)


@router.get("/lots/{lot}")
@quick
def read_lot(lot: str, session: Read, county: CurrentCounty, _: Anybody) -> dict[str, Any]:
    """The public trace of a lot; it names no person but the grower and no price."""
    slip = queries.lot_slip(session, lot, tenant_id=county.id)
    return {
        "lot": slip.code, "product": {"id": slip.product_code, "name": slip.product_name, "spec": slip.spec},
        "station": {"code": slip.station_code, "name": slip.station_name}, "grower": slip.grower, "grade": slip.grade,
        "weight_g": slip.grams, "units": slip.units, "harvested_on": slip.harvested_on.isoformat(),
        "received_at": clock.local(slip.received_at).isoformat(), "best_before": slip.best_before.isoformat(),
    }  # fmt: skip
