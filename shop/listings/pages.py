"""/station/listings – the master's shelf: new goods, prices, days, weigh-ins, on and off the shelf."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session, select

from core import clock, db
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.i18n import gettext, marked
from core.idempotency import once
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from shop.catalogue.pictures import picture_url
from shop.web.words import named
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.growers.members import members_of
from supply.growers.models import Grower
from supply.growers.queries import growers_of
from supply.lots.service import weigh_in
from supply.products.models import Product, Storage, Variant
from supply.products.queries import categories
from supply.products.service import add_variant, create_product
from supply.stations.desk import KEEPERS, station_now, stations_of, work_at
from supply.stations.models import Station

from . import queries, service
from .forms import ActForm, LotForm, NewProductForm, SpecForm, Terms, Typed, TypedForm, check_seen, checked, checked_prices
from .models import Listing

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow("master", "helper", "admin"))]
register("station", Entry(5, "/station/listings", "货架", "basket", KEEPERS))
STORAGES = marked({Storage.AMBIENT: "常温", Storage.CHILLED: "冷藏", Storage.FROZEN: "冷冻", Storage.LIVE: "鲜活"})
SIZES = marked((
    (1000, "一本书大小（1 升）"), (3000, "鞋盒大小（3 升）"), (6000, "5 斤水果箱（6 升）"),
    (12000, "10 斤箱（12 升）"), (30000, "大箱（30 升）"),
))  # fmt: skip
TARE_PCT = 15  # box, ice and filling, of the net weight
Work = Callable[[Session], str]


@router.get("/station/listings")
def index(
    request: Request, session: Read, actor: Keeper, station: str = "", q: Annotated[str, Query(max_length=100)] = "", cursor: str = ""
) -> Response:
    here = shelf_of(request, session, actor, station)
    shelf = queries.shelf(session, here, name=q, cursor=cursor)
    more = {"station": here.code if request.state.place.is_kept else "", "q": q.strip()}
    return page(
        request, "listings/index.html", block="shelf", station=here, shelf=shelf, q=q.strip(), picture_url=picture_url,
        next_href=_shelf_href(more, shelf.following) if shelf.following else None, first_href=_shelf_href(more) if cursor else None,
    )  # fmt: skip


def shelf_of(request: Request, session: Session, actor: Actor, wanted: str) -> Station:
    """The station whose shelf the caller keeps now; an administrator names any. Raises NotFound, for a foreign one as for none."""
    if not (wanted and actor.has("admin")):
        return station_now(request, session, actor, wanted)
    here = session.exec(select(Station).where(Station.tenant_id == actor.tenant_id, Station.code == wanted)).first()
    if here is None:
        raise NotFound("没有这个驿站，或者它不归你管")
    work_at(request, here, stations_of(session, actor))
    return here


def _shelf_href(more: dict[str, str], cursor: str = "") -> str:
    query = urlencode({name: value for name, value in {**more, "cursor": cursor}.items() if value})
    return localised("/station/listings") + (f"?{query}" if query else "")


@router.get("/station/listings/new")
def new(request: Request, actor: Keeper, station: str = "") -> Response:
    typed = {"storage": "ambient", "shelf_days": "7", "ml": "6000", "harvested_on": clock.today().isoformat(), "station": station}
    return _new_page(request, actor, {**typed, "form_key": new_token()})


@router.post("/station/listings")
def create(request: Request, typed: TypedForm, actor: Keeper) -> Response:
    try:
        form = checked(NewProductForm, typed)
        code = _once(actor, "POST /station/listings", form.form_key, typed, lambda session: _create(request, session, actor, form))
    except NotFound:
        raise
    except JishiError as wrong:
        return _new_page(request, actor, typed, wrong=wrong)
    return RedirectResponse(localised(f"/station/listings/{code}"), 303)


@router.get("/station/listings/{code}")
def show(request: Request, code: str, actor: Keeper) -> Response:
    return _listing_page(request, actor, code)


@router.post("/station/listings/{code}/terms")
def set_terms(request: Request, code: str, typed: TypedForm, actor: Keeper) -> Response:
    def work(session: Session) -> str:
        listing, product, station = queries.own_listing(session, actor, code)
        check_seen(typed, _terms(queries.shelved(session, station, product), listing))
        own = session.exec(select(Variant.sku, Variant.id).where(Variant.product_id == product.id)).all()
        skus = {sku: variant_id or 0 for sku, variant_id in own}
        prices, starts_on, ends_on = checked_prices(typed, skus)
        service.set_terms(session, listing, prices=prices, starts_on=starts_on, ends_on=ends_on, actor=actor)
        return code

    return _acted(request, actor, code, typed, work, part="terms")


@router.post("/station/listings/{code}/specs")
def add_spec(request: Request, code: str, typed: TypedForm, actor: Keeper) -> Response:
    def work(session: Session) -> str:
        form = checked(SpecForm, typed)
        listing, product, _station = queries.own_listing(session, actor, code)
        variant = _variant(session, product, form)
        prices = {p.variant_id: p.price_fen for p in service.prices_of(session, listing)} | {variant.id or 0: form.price}
        service.set_terms(session, listing, prices=prices, starts_on=listing.starts_on, ends_on=listing.ends_on, actor=actor)
        return code

    return _acted(request, actor, code, typed, work, part="spec")


@router.post("/station/listings/{code}/lots")
def add_lot(request: Request, code: str, typed: TypedForm, actor: Keeper) -> Response:
    def work(session: Session) -> str:
        form = checked(LotForm, typed)
        _listing, product, _station = queries.own_listing(session, actor, code)
        variant = session.exec(select(Variant).where(Variant.product_id == product.id, Variant.sku == form.sku)).first()
        if variant is None:
            raise Refused("没有这个规格", field="sku")
        grower = session.get_one(Grower, product.grower_id)
        weigh_in(
            session, product, variant, grower, units=form.units, grams=form.units * variant.net_g, harvested_on=form.harvested_on,
            grade=form.grade or "一级", member=form.member,
        )  # fmt: skip
        return code

    return _acted(request, actor, code, typed, work, part="lot")


@router.post("/station/listings/{code}/publication")
def publish(request: Request, code: str, typed: TypedForm, actor: Keeper) -> Response:
    def work(session: Session) -> str:
        checked(ActForm, typed)
        service.publish(session, queries.own_listing(session, actor, code)[0], actor=actor)
        return code

    return _acted(request, actor, code, typed, work, part="act")


@router.post("/station/listings/{code}/withdrawal")
def withdraw(request: Request, code: str, typed: TypedForm, actor: Keeper) -> Response:
    def work(session: Session) -> str:
        checked(ActForm, typed)
        service.withdraw(session, queries.own_listing(session, actor, code)[0], actor=actor)
        return code

    return _acted(request, actor, code, typed, work, part="act")


def _create(request: Request, session: Session, actor: Actor, form: NewProductForm) -> str:
    """Product, first spec, listing, first lot, in one transaction; answers the listing's code."""
    here = shelf_of(request, session, actor, form.station)
    grower = session.exec(select(Grower).where(Grower.station_id == here.node_id, Grower.code == form.grower)).first()
    if grower is None:
        raise Refused("没有这位农户", field="grower")
    product = create_product(
        session, here, grower, name=form.name, category=form.category, storage=form.storage, shelf_days=form.shelf_days,
        months=form.months, story=form.story,
    )  # fmt: skip
    variant = _variant(session, product, form)
    if form.units:
        day = form.harvested_on or clock.today()
        weigh_in(session, product, variant, grower, units=form.units, grams=form.units * variant.net_g, harvested_on=day)
    channel = service.channel_of(session, here)
    listing = service.create_listing(session, product, channel, prices={variant.id or 0: form.price}, actor=actor)
    if form.then == "publish":
        service.publish(session, listing, actor=actor)
    return listing.code


def _variant(session: Session, product: Product, form: NewProductForm | SpecForm) -> Variant:
    gross = form.net_g + max(50, form.net_g * TARE_PCT // 100)
    return add_variant(session, product, spec=form.spec, net_g=form.net_g, gross_g=min(gross, 500_000), ml=form.ml)


def _once(actor: Actor, route: str, key: str, typed: Typed, work: Work) -> str:
    """Do the work in one writing transaction, once per form key; answers the listing's code."""

    def transaction(session: Session) -> str:
        def answer() -> tuple[int, dict[str, Any]]:
            return 201, {"code": work(session)}

        body = repr(sorted(typed.items())).encode()
        return str(
            once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key or None, body=body, work=answer)[1]["code"]
        )

    return db.run_write(transaction)


def _acted(request: Request, actor: Actor, code: str, typed: Typed, work: Work, *, part: str) -> Response:
    """Back to the listing after a deed; with its form as typed and what is wrong when it was refused."""
    try:
        _once(actor, f"POST /station/listings/{code}/{part}", str(typed.get("form_key", "")), typed, work)
    except NotFound:
        raise
    except JishiError as wrong:
        return _listing_page(request, actor, code, typed=typed, wrong=wrong, part=part)
    return RedirectResponse(localised(f"/station/listings/{code}"), 303)


def _faults(wrong: JishiError | None) -> dict[str, str]:
    if wrong is None:
        return {}
    return getattr(wrong, "faults", None) or {str(wrong.more.get("field") or "form"): wrong.detail}


def _said(faults: dict[str, str], specs: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """The faults as the list above the form says them: each with the name of its field."""
    prices = {f"price-{sku}": f"{spec}{gettext('：')}" for sku, spec in specs}
    return {name: prices[name] + words if name in prices else named(name, words) for name, words in faults.items()}


def _terms(item: queries.Shelved, listing: Listing) -> Terms:
    """What the form of its terms shows."""
    prices = {f"price-{s.variant.sku}": "" if s.price_fen is None else f"{s.price_fen / 100:.2f}" for s in item.specs}
    return {**prices, "starts_on": str(listing.starts_on or ""), "ends_on": str(listing.ends_on or "")}


def _told(options: Iterable[tuple[Any, str]]) -> list[tuple[Any, str]]:
    return [(value, gettext(words)) for value, words in options]


def _new_page(request: Request, actor: Actor, typed: Typed, *, wrong: JishiError | None = None) -> Response:
    with db.reading() as session:
        here = shelf_of(request, session, actor, str(typed.get("station", "")))
        growers = [(g.code, g.name) for g, _agreement in growers_of(session, here.node_id, tenant_id=here.tenant_id)]
        kinds = categories(session, tenant_id=here.tenant_id)
    return page(
        request, "listings/new.html", status=wrong.status if wrong else 200, station=here, growers=growers, kinds=kinds, typed=typed,
        faults=_faults(wrong), said=_said(_faults(wrong)), storages=_told(STORAGES.items()), sizes=_told(SIZES), today=clock.today(),
    )  # fmt: skip


def _listing_page(
    request: Request, actor: Actor, code: str, *, typed: Typed | None = None, wrong: JishiError | None = None, part: str = ""
) -> Response:
    with db.reading() as session:
        listing, product, here = queries.own_listing(session, actor, code)
        work_at(request, here, stations_of(session, actor))
        shelved = queries.shelved(session, here, product)
        members = [(m.number, f"{m.number} {m.name}") for m in members_of(session, session.get_one(Grower, product.grower_id))]
        rules = policy_of(session.get_one(County, here.tenant_id)).grades or ()
    specs, terms = [(spec.variant.sku, spec.variant.spec) for spec in shelved.specs], _terms(shelved, listing)
    return page(
        request, "listings/listing.html", status=wrong.status if wrong else 200, station=here, item=shelved, listing=listing,
        product=product, picture=picture_url(product.picture, product.category, product.name), typed={part: typed or {}},
        faults={part: _faults(wrong)}, said=_said(_faults(wrong), specs), terms=terms, seen=urlencode(terms),
        form_key=new_token(), sizes=_told(SIZES), today=clock.today(), live=_is_live(listing),
        specs=specs, members=members, grades=[(rule.grade, rule.grade) for rule in rules],
    )  # fmt: skip


def _is_live(listing: Listing) -> bool:
    today = clock.today()
    return listing.status == "published" and (listing.starts_on or today) <= today <= (listing.ends_on or today)
