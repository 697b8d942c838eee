"""/l/{link} – one screen to order from a livestream: how many are left, two fields, one button; then the total, and pay.

Opening it counts a click in a short write of its own. The order is placed straight from here, past the basket, with the
link's price and the seller's commission; freight and promise are shown before the button that places it. A session that
ended meanwhile, or whose quota is gone, goes on at the shelf's price, and says so before anything is paid.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from sqlmodel import Session, select

from core import clock, db, i18n, limits
from core.auth.current import ensure_session
from core.codes import new_token, normalise_code
from core.db import Read
from core.errors import JishiError, NotFound, TooMany
from core.permissions import Actor, Visitor
from core.settings import settings
from core.web import page
from core.web.templates import localised
from fulfillment.network.models import Place
from shop.catalogue.pictures import picture_url
from shop.catalogue.promised import promises_of, shown
from shop.checkout.address import Address, Contact, FullAddress
from shop.checkout.items import Item
from shop.checkout.ordering import order_once
from shop.checkout.place import place_order
from shop.checkout.quote import Quote, quote
from shop.listings.forms import TypedForm, checked
from shop.payments.providers import ready_providers
from shop.payments.service import start_first
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries, service
from .carried import MOST, carried, carry
from .forms import OrderForm, ReckonForm
from .models import OrderLink
from .pasted import read_pasted
from .queries import LinkItem, OpenLink

router = APIRouter()
VISITOR = "visitor"
WRONG = i18n.marked({
    "name": "写上收件人，60 个字以内", "phone": "手机号是 1 开头的 11 位数字", "province": "写上省，比如 浙江省",
    "city": "写上市，40 个字以内",
    "district": "写上区或县，40 个字以内", "detail": "写上街道门牌，120 个字以内",
})  # fmt: skip


ENDED = i18n.marked({
    "soon": "这一场还没开始，直播价还没有", "gone": "这一场的名额抢完了，直播价没有了", "over": "这一场结束了，直播价没有了",
})  # fmt: skip


@router.get("/l/{code}")
def landing(
    request: Request, code: str, session: Read, county: CurrentCounty, actor: Visitor, sku: Annotated[str, Query(max_length=40)] = ""
) -> Response:  # fmt: skip
    code = normalise_code(code)[:20]
    link = service.link_named(session, code, tenant_id=county.id)
    visitor, cookie = _visitor(request, actor)
    db.run_write(lambda writing: service.record_click(writing, link, visitor))
    answer = _landing(request, session, county, queries.landing(session, link), {"sku": sku}, {})
    if cookie:
        answer.set_cookie(VISITOR, cookie, max_age=86_400, path="/l", httponly=True, samesite="lax", secure=settings.is_https)
    return answer


def _visitor(request: Request, actor: Actor) -> tuple[str, str]:
    """Who clicks, and the cookie to give them. One address brings sixty new visitors in half an hour; beyond that it
    is one visitor, however often it calls without our cookie."""
    if known := service.known_visitor(request.cookies.get(VISITOR, "")):
        return known, ""
    if actor.sign_in_code:
        return service.fingerprint(f"session:{actor.sign_in_code}"), ""
    try:
        limits.hit_by_address(request, "new_visitor", "60/30minutes")
    except TooMany:
        address = request.client.host if request.client else ""
        return service.fingerprint(f"from:{address}"), ""
    return service.new_visitor()


@router.post("/l/{code}/quote")
def reckon(request: Request, code: str, typed: TypedForm, session: Read, county: CurrentCounty, actor: Visitor) -> Response:
    """Read the pasted address and lead to the page that shows the total and when it arrives. Nothing is kept but a session, so
    that the button pressed twice is one order: its form key belongs to a caller we know."""
    found = queries.landing(session, service.link_named(session, normalise_code(code)[:20], tenant_id=county.id))
    if typed.get("step") == "choose":
        return _landing(request, session, county, found, typed, {})
    viewer = actor if actor.sign_in_id is not None else db.run_write(lambda writing: ensure_session(writing, request))
    try:
        form = checked(ReckonForm, typed)
        places = session.exec(select(Place.province, Place.city).where(Place.tenant_id == county.id)).all()
        read = read_pasted(form.pasted, (province for province, _city in places), {city: province for province, city in places if city})
    except JishiError as wrong:
        return _landing(request, session, county, found, typed, getattr(wrong, "faults", {}))
    values = {**read._asdict(), "phone": form.phone.strip() or read.phone, "sku": form.sku, "qty": str(form.qty)}
    if not values["phone"] and not form.pasted:
        return _landing(
            request, session, county, found, typed, {"phone": i18n.gettext(WRONG["phone"]), "pasted": i18n.gettext("写上收件人和地址")}
        )
    if faults := _faults(values):
        return _confirm(request, session, county, found, values, faults)
    return _to_confirm(found.link, values, viewer)


@router.get("/l/{code}/quote")
def show_quote(
    request: Request, code: str, session: Read, county: CurrentCounty, actor: Visitor, of: Annotated[str, Query(max_length=MOST)] = ""
) -> Response:  # fmt: skip
    """The total and when it arrives, for what is carried in the address; without it, back to the link."""
    link = service.link_named(session, normalise_code(code)[:20], tenant_id=county.id)
    if (values := carried(of, link=link.code, viewer=actor)) is None:
        return RedirectResponse(localised(f"/l/{link.code}"), 303)
    return _confirm(request, session, county, queries.landing(session, link), values, {})


def _to_confirm(link: OrderLink, values: dict[str, str], viewer: Actor) -> Response:
    """One form key goes along: whoever comes back to the page from the cashier orders once."""
    word = carry({**values, "form_key": new_token()}, link=link.code, viewer=viewer)
    return RedirectResponse(localised(f"/l/{link.code}/quote?of={word}"), 303)


@router.post("/l/{code}/orders")
def create_order(request: Request, code: str, typed: TypedForm, county: CurrentCounty, actor: Visitor) -> Response:
    """Place the order and open its payment, in one transaction, once per form."""
    link_code = normalise_code(code)[:20]
    values = {name: str(value) for name, value in typed.items()}
    faults: dict[str, str] = {}
    try:
        form = checked(OrderForm, typed)
        faults = _faults(values)
        if form.step == "place" and not faults:
            payment = db.run_write(lambda session: _place(session, request, county, link_code, form))
            return RedirectResponse(localised(f"/pay/{payment}"), 303)
        if not faults and actor.sign_in_id is not None:
            with db.reading() as session:
                return _to_confirm(service.link_named(session, link_code, tenant_id=county.id), _kept(values), actor)
        wrong: JishiError | None = None
    except NotFound:
        raise
    except JishiError as refused:
        wrong, faults = refused, getattr(refused, "faults", faults)
    with db.reading() as session:
        found = queries.landing(session, service.link_named(session, link_code, tenant_id=county.id))
        return _confirm(request, session, county, found, values, faults, wrong=wrong)


def _place(session: Session, request: Request, county: County, code: str, form: OrderForm) -> str:
    owner = ensure_session(session, request)
    through = _through(service.link_named(session, code, tenant_id=county.id))
    contact = Contact(name=form.name, phone=form.phone)
    address = FullAddress(province=form.province, city=form.city, district=form.district, detail=form.detail)

    def place() -> dict[str, Any]:
        placed = place_order(
            session, county, [Item(form.sku, form.qty, through)], contact=contact, address=address,
            expected_total_fen=form.expected_total_fen, actor=owner,
        )  # fmt: skip
        provider = next((ready.name for ready in ready_providers()), "")  # none at all is refused in words
        attempt = start_first(session, placed.id, placed.total_fen, tenant_id=county.id, provider=provider, method="page")
        return {"number": placed.number, "payment": attempt}

    sent = form.model_dump_json().encode()
    answer = order_once(session, owner, contact.phone, route="POST /l/orders", key=form.form_key or None, body=sent, place=place)
    return str(answer["payment"])


def _kept(values: dict[str, str]) -> dict[str, str]:
    return {name: values.get(name, "") for name in ("sku", "qty", *WRONG)}


def _faults(values: dict[str, str]) -> dict[str, str]:
    """What is wrong with contact and address, by field."""
    faults: dict[str, str] = {}
    parts = {name: values.get(name, "") for name in ("province", "city", "district", "detail")}
    try:
        Contact(name=values.get("name", ""), phone=values.get("phone", ""))
    except ValidationError as wrong:
        faults |= {str(e["loc"][0]): i18n.gettext(WRONG[str(e["loc"][0])]) for e in wrong.errors()}
    try:
        FullAddress(**parts)
    except ValidationError as wrong:
        faults |= {str(e["loc"][0]): i18n.gettext(WRONG[str(e["loc"][0])]) for e in wrong.errors()}
    return {name: faults[name] for name in WRONG if name in faults}


def _through(link: OrderLink) -> str | None:
    """The link an order of now goes through; none when its quota is gone. One not open counts for nothing by itself."""
    return link.code if link.sold < link.quota else None


def _quoted(session: Session, county: County, link: OrderLink, values: dict[str, str]) -> tuple[Quote | None, JishiError | None]:
    try:
        address = Address(province=values["province"], city=values["city"], district=values["district"])
        return quote(session, county, [Item(values["sku"], int(values["qty"]), _through(link))], address), None
    except (ValidationError, ValueError, KeyError):
        return None, None
    except JishiError as wrong:
        return None, wrong


def _landing(
    request: Request, session: Session, county: County, found: OpenLink, typed: dict[str, Any], faults: dict[str, str]
) -> Response:  # fmt: skip
    item = _chosen(found, str(typed.get("sku", "")))
    promise = shown(promises_of(session, county, item.card).get(item.offer.variant_id), county) if item else None
    picture = picture_url(item.card.picture, item.card.category, item.card.name) if item else None
    return page(
        request, "links/landing.html", block="screen", status=422 if faults else 200, found=found, item=item, promise=promise,
        picture=picture, typed=typed, faults=faults, now=clock.now(),
    )  # fmt: skip


def _chosen(found: OpenLink, sku: str) -> LinkItem | None:
    """What the screen shows: what was chosen, else the first that can be had."""
    named = (item for item in found.items if item.offer.sku == sku)
    there = (item for item in found.items if item.card.in_stock and item.offer.available)
    return next(named, None) or next(there, None) or next(iter(found.items), None)


def _confirm(
    request: Request, session: Session, county: County, found: OpenLink, values: dict[str, str], faults: dict[str, str], *,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    seen, refused = _quoted(session, county, found.link, values)
    wrong = wrong or refused
    item = next((i for i in found.items if i.offer.sku == values.get("sku")), None)
    return page(
        request, "links/confirm.html", status=wrong.status if wrong else 422 if faults else 200, found=found, item=item, values=values,
        faults=faults, wrong=wrong if wrong and not getattr(wrong, "faults", None) else None, quote=seen,
        form_key=(not (wrong or faults) and values.get("form_key")) or new_token(),
        ended=i18n.gettext(ENDED[found.state]) if found.state in ENDED else "",
    )  # fmt: skip
