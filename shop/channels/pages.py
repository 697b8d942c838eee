"""/s/{station} – a station's own shopfront; /villages – every station's seal (一村一品)."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from markupsafe import Markup
from sqlmodel import Session

from core import clock
from core.db import Read
from core.permissions import Anybody
from core.settings import settings
from core.web import page, quick
from shop.catalogue.entries import entry
from shop.catalogue.fragments import fragment
from shop.catalogue.offers import Card
from shop.catalogue.pictures import picture_url, village_url
from shop.catalogue.promised import promises_for, shown
from shop.catalogue.queries import channel_cards
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries
from .queries import Front

router = APIRouter()
Word = Annotated[str, Query(max_length=100)]
SHOWN = 60  # products on a station's page; the rest are found by search


@router.get("/s/{station}")
@quick
def show_channel(request: Request, station: str, session: Read, county: CurrentCounty, _: Anybody) -> Response:
    front = queries.front(session, station, tenant_id=county.id)
    whole = channel_cards(session, front.channel_id) if front.channel_id else []
    listed = whole[:SHOWN]
    promised = promises_for(session, county, listed)
    leaving = sorted((p for c in listed if c.in_stock and (p := promised.get(c.id))), key=lambda p: p.ships_at)
    signature = next((card for card in listed if front.signature and front.signature in card.name), listed[0] if listed else None)
    return page(
        request, "channels/channel.html", shared=True, front=front, entries=[entry(card, promised.get(card.id)) for card in listed],
        total=len(whole), promise=shown(leaving[0], county) if leaving else None, picture=village_url(front.code, front.picture),
        signature=signature, signature_picture=picture_url(signature.picture, signature.category, signature.name) if signature else None,
        season=fragment("channels/season.html", county, lambda: {"cards": _seasonal(listed), "day": clock.today()}, front.code),
        about=fragment("channels/about.html", county, lambda: _about(session, county, front), front.code),
    )  # fmt: skip


def _seasonal(cards: list[Card]) -> list[Card]:
    return [card for card in cards if 0 < len(set(card.months)) < 12][:8]


def _about(session: Session, county: County, front: Front) -> dict[str, object]:
    known = queries.services(session, tenant_id=county.id)
    address = f"{settings.address}/s/{front.code}"
    return {
        "front": front,
        "services": [known[code] for code in front.services if code in known],
        "address": address,
        "qr": qr_svg(address),
    }


def qr_svg(text: str) -> Markup:
    """A QR code as inline SVG in the page's ink, without a style of its own."""
    import segno

    drawn = str(segno.make(text, error="m").svg_inline(border=2, svgclass="qr", lineclass=None, omitsize=True))
    return Markup(drawn.replace('stroke="#000"', 'stroke="currentColor"'))  # noqa: S704 - drawn here, holds no text


@router.get("/villages")
@quick
def matrix(request: Request, session: Read, county: CurrentCounty, _: Anybody, township: Word = "") -> Response:
    towns = queries.townships(session, tenant_id=county.id)
    chosen = next((name for code, name, n in towns if code == township), None)

    def make() -> dict[str, object]:
        found = queries.all_fronts(session, tenant_id=county.id, township=township if chosen else None)
        return {"fronts": found, "counts": queries.listed_counts(session, tenant_id=county.id)}

    album = fragment("channels/album.html", county, make, township if chosen else "")
    return page(
        request, "channels/villages.html", shared=True, towns=towns, chosen=chosen, township=township, album=album,
        total=sum(n for _code, _name, n in towns),
    )  # fmt: skip
