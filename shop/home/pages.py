"""/ – the county's front page."""

from fastapi import APIRouter, Request, Response

from core import clock
from core.db import Read
from core.permissions import Anybody
from core.web import page, quick
from shop.almanac.terms import almanac_day
from shop.catalogue.entries import entry
from shop.catalogue.fragments import fragment
from shop.catalogue.pictures import banner_url
from shop.catalogue.promised import promises_for, shown
from shop.catalogue.queries import cards
from shop.catalogue.season import season_words
from shop.channels.queries import all_fronts
from supply.counties.deps import CurrentCounty

from . import queries
from .diagram import diagram

router = APIRouter()


@router.get("/")
@quick
def index(request: Request, session: Read, county: CurrentCounty, _: Anybody) -> Response:
    chosen = queries.picks(session, county)
    live = cards(session, [code for code in (chosen.hero, *chosen.ripe) if code], tenant_id=county.id)
    promised = promises_for(session, county, live)
    hero = live[0] if live and live[0].code == chosen.hero else None
    today = clock.today()
    buses, shows = queries.this_moment(session, county)
    return page(
        request, "home/index.html", shared=True, almanac=almanac_day(today),
        hero=entry(hero, promised.get(hero.id)) if hero else None, hero_promise=shown(promised.get(hero.id), county) if hero else None,
        hero_boards=queries.boards_at(promised.get(hero.id), county) if hero else None,
        hero_season=season_words(hero.months, today) if hero else "", hero_crop=hero,
        buses=tuple(buses),
        ripe=[entry(card, promised.get(card.id)) for card in live if card is not hero],
        shows=shows,
        map=fragment("home/diagram.html", county, lambda: {"found": diagram(session, county)}),
        album=fragment("home/album.html", county, lambda: {"fronts": all_fronts(session, tenant_id=county.id, most=12)}),
        calendar=fragment("home/calendar.html", county, lambda: {"crops": chosen.crops, "day": today}),
        banner=banner_url(county.code),
    )  # fmt: skip
