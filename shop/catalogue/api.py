"""GET /products, /products/{id} and /lots/{lot}: what is sold, when it arrives, where it came from."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic_core import to_json

from core import clock, limits
from core.db import Read
from core.errors import TooMany
from core.paging import Cursor, Limit
from core.permissions import Anybody
from core.web import quick
from core.web.accepts import prefers
from core.web.refusals import refusals
from fulfillment.tracking import epcis
from fulfillment.tracking.epcis_schema import AS_EPCIS
from fulfillment.tracking.lot_road import road_of_lot
from shop.search import service as search
from shop.search.engine import FACETS, Sort
from shop.search.engine import Query as Question
from supply.counties.deps import CurrentCounty
from supply.products.models import Storage

from . import queries, shapes
from .api_shapes import Facets, LotTrace, ProductDetail, ProductPage
from .promised import promises_for, promises_of

router = APIRouter(prefix="/api/v1", tags=["products"])


Station = Annotated[str | None, Query(max_length=100, description="Only this station's, by its code.")]
Category = Annotated[str | None, Query(max_length=100, description="Only of this category, by its name.")]
Kept = Annotated[Storage | None, Query(description="Only what is kept so.")]
Words = Annotated[str, Query(max_length=10_000, description="Chinese, pinyin or initials; a slip of the pen is forgiven.")]
InSeason = Annotated[bool | None, Query(description="true: only what is in season today; false: only what is not; without it both.")]
Order = Annotated[Sort, Query(description="`-price` is dearest first. Without words `relevance` means what sells.")]


@router.get("/products", responses=refusals(TooMany))
@quick
def list_products(
    request: Request, session: Read, county: CurrentCounty, _: Anybody,
    station: Station = None, category: Category = None, q: Words = "", storage: Kept = None, in_season: InSeason = None,
    sort: Order = Sort.RELEVANCE, limit: Limit = 50, cursor: Cursor = None,
) -> ProductPage:  # fmt: skip
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
    category_counts, station_counts, storage_counts = (found.facets.get(facet, {}) for facet in FACETS)
    counts: Facets = {"category": category_counts, "station": station_counts, "storage": storage_counts}
    return {
        "items": items, "next": found.next, "total": found.total, "exact": found.exact, "facets": counts, "engine": found.engine,
    }  # fmt: skip


@router.get("/products/{id}", responses=refusals(queries.ProductUnknown))
@quick
def read_product(
    id: Annotated[str, Path(description="The product's code.")], session: Read, county: CurrentCounty, _: Anybody
) -> ProductDetail:
    """One product with its variants: price, stock and promise as they are now."""
    card = queries.product(session, id, tenant_id=county.id)
    return shapes.whole(card, promises_of(session, county, card), county)


@router.get("/lots/{lot}", response_model=LotTrace, responses={**AS_EPCIS, **refusals(queries.LotUnknown)})
@quick
def read_lot(
    request: Request, lot: Annotated[str, Path(description="The lot's code, as on its box.")], session: Read, county: CurrentCounty,
    _: Anybody,
) -> Response:  # fmt: skip
    """The public trace of a lot; it names no person but the grower and no price.

    With `Accept: application/ld+json` as an EPCIS 2.0 document: harvest, weighing in, packing and every hand-over, without any name.
    """
    slip = queries.lot_slip(session, lot, tenant_id=county.id)
    if prefers(request.headers.get("accept", ""), epcis.KIND, over="application/json"):
        answer: object = epcis.epcis_document(road_of_lot(session, slip.code, tenant_id=county.id))
        kind = epcis.KIND
    else:
        answer, kind = _trace(slip), "application/json"
    return Response(to_json(answer), media_type=kind, headers={"Vary": "Accept"})


def _trace(slip: queries.LotSlip) -> LotTrace:
    return {
        "lot": slip.code, "product": {"id": slip.product_code, "name": slip.product_name, "spec": slip.spec},
        "station": {"code": slip.station_code, "name": slip.station_name}, "grower": slip.grower, "grade": slip.grade,
        "weight_g": slip.grams, "units": slip.units, "harvested_on": slip.harvested_on.isoformat(),
        "received_at": clock.local(slip.received_at).isoformat(), "best_before": slip.best_before.isoformat(),
    }  # fmt: skip
