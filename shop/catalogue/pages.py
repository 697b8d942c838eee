"""/p/{product} – one product with its promise; /trace/{lot} – where a lot came from."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from core import clock
from core.codes import new_token, normalise_code
from core.db import Read
from core.errors import JishiError
from core.permissions import Anybody
from core.web import page, quick
from core.web.templates import localised
from shop.checkout.items import open_links
from supply.counties.deps import CurrentCounty
from supply.counties.models import County
from supply.counties.policy import policy_of

from . import queries
from .earning import parts_of
from .fragments import fragment
from .offers import Card
from .pictures import picture_url
from .promised import destination, promises_of, shown
from .season import months_words, season_words
from .shapes import claim_words

router = APIRouter()
LinkCode = Annotated[str, Query(max_length=40)]


@router.get("/p/{id}")
@quick
def show_product(request: Request, id: str, session: Read, county: CurrentCounty, _: Anybody, link: LinkCode = "") -> Response:
    """Never cached: what it says of price, stock and time is what an order would find. `link` keeps a seller's attribution,
    and while it is open its prices are the ones said."""
    card = queries.product(session, id, tenant_id=county.id)
    promised = promises_of(session, county, card)
    link = normalise_code(link)[:20]
    live = _live_prices(session, link, county) if link else {}
    offers = [
        replace(o, price_fen=live.get(o.variant_id, o.price_fen)) for o in sorted(card.offers, key=lambda o: (o.position, o.variant_id))
    ]
    can_be_had = [o for o in offers if o.available]
    chosen = next((o for o in can_be_had if o.variant_id in live), None) or next(iter(can_be_had), offers[0])
    promise = shown(promised.get(chosen.variant_id), county)
    lots = queries.lots_on_shelf(session, [o.variant_id for o in offers], tenant_id=county.id)
    return page(
        request, "catalogue/product.html", card=card, offers=offers, chosen=chosen, promise=promise if card.in_stock else None,
        destination=destination(county), picture=picture_url(card.picture, card.category, card.name), form_key=new_token(),
        season=season_words(card.months, clock.today()), lots=lots, link=link,
        listed={o.variant_id: o.price_fen for o in card.offers if o.variant_id in live},
        facts=fragment("catalogue/facts.html", county, lambda: _facts(session, county, card), card.code),
    )  # fmt: skip


def _live_prices(session: Session, code: str, county: County) -> Mapping[int, int]:
    """What the order link of this code asks for its variants while it is open and has some left; nothing else."""
    terms = open_links(session, {code}, tenant_id=county.id).get(code)
    return terms.prices if terms and terms.left > 0 else {}


def _facts(session: Session, county: County, card: Card) -> dict[str, object]:
    grower = queries.grower_of(session, card.id)
    rule = policy_of(county).claim_rule(card.category)
    return {
        "card": card, "grower": grower, "months": months_words(card.months), "claim": claim_words(rule), "day": clock.today(),
        "parts": parts_of(session, card, card.cheapest, grower), "offer": card.cheapest,
    }  # fmt: skip


@router.get("/trace")
@quick
def find_lot(request: Request, _: Anybody, lot: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The form that asks for a lot's number, and the way on from it."""
    if (code := _lot_code(lot)) and code.isalnum() and code.isascii():
        return RedirectResponse(localised(f"/trace/{code}"), 303)
    return page(request, "catalogue/find_lot.html", wrong=None, typed="")


@router.get("/trace/{lot}")
@quick
def show_lot(request: Request, lot: str, session: Read, county: CurrentCounty, _: Anybody) -> Response:
    """A lot's road so far, in public words."""
    try:
        slip = queries.lot_slip(session, _lot_code(lot), tenant_id=county.id)
    except JishiError as wrong:
        return page(request, "catalogue/find_lot.html", status=wrong.status, wrong=wrong, typed=lot[:40])
    return page(request, "catalogue/lot.html", slip=slip, picture=picture_url("", slip.category, slip.product_name), fresh=_fresh(slip))


def _lot_code(typed: str) -> str:
    """A lot's code as typed: its letter L, and the rest read as all codes are."""
    code = normalise_code(typed)
    return f"L{code[1:40]}" if code else ""


def _fresh(slip: queries.LotSlip) -> int:
    """Days until the lot's best-before date; below 0 it is past."""
    today: date = clock.today()
    return (slip.best_before - today).days
