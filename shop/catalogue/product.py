"""One product whole, as its page shows it; also where a form of that page comes back to."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlmodel import Session

from core import clock
from core.codes import new_token
from shop.checkout.items import open_links
from supply.counties.models import County
from supply.counties.policy import policy_of

from . import queries
from .earning import parts_of
from .fragments import fragment
from .offers import Card, Offer
from .pictures import picture_url
from .promised import destination, promises_of, shown
from .season import months_words, season_words
from .shapes import claim_words


def whole_product(
    session: Session, county: County, code: str, *, link: str = "", sku: str = "", qty: str = "1", fault: str = ""
) -> dict[str, Any]:  # fmt: skip
    """What `catalogue/product.html` reads. `sku` and `qty` are what was chosen and typed, `fault` what is wrong with the number.

    Raises ProductUnknown.
    """
    card = queries.product(session, code, tenant_id=county.id)
    promised = promises_of(session, county, card)
    live = _live_prices(session, link, county) if link else {}
    by_size = sorted(card.offers, key=lambda o: (o.position, o.variant_id))
    offers = [replace(o, price_fen=live.get(o.variant_id, o.price_fen)) for o in by_size]
    chosen = _chosen(offers, live, sku)
    promise = shown(promised.get(chosen.variant_id), county)
    lots = queries.lots_on_shelf(session, [o.variant_id for o in offers], tenant_id=county.id)
    return {
        "card": card, "offers": offers, "chosen": chosen, "promise": promise if card.in_stock else None,
        "destination": destination(county), "picture": picture_url(card.picture, card.category, card.name), "form_key": new_token(),
        "season": season_words(card.months, clock.today()), "lots": lots, "link": link, "qty": qty, "fault": fault,
        "listed": {o.variant_id: o.price_fen for o in card.offers if o.variant_id in live},
        "facts": fragment("catalogue/facts.html", county, lambda: _facts(session, county, card), card.code),
    }  # fmt: skip


def _chosen(offers: list[Offer], live: Mapping[int, int], sku: str) -> Offer:
    """What was chosen before, else what the link sells, else the first that can be had."""
    can_be_had = [o for o in offers if o.available]
    named = next((o for o in can_be_had if o.sku == sku), None)
    return named or next((o for o in can_be_had if o.variant_id in live), None) or next(iter(can_be_had), offers[0])


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
