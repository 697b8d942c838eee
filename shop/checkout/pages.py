"""/checkout: where to, what and when, how much – three short steps on one page, and one button.

The button sends the total the buyer saw; when it is not the total any more, the page comes back with what was typed,
the new total and the difference. Without script "算一算" asks for freight and promise again. Before an address is typed the
sums are the county's default destination's, and said to be; whoever pays sees their own first.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from core import clock, db, i18n
from core.auth.current import ensure_session
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError, Refused
from core.permissions import Actor, Visitor
from core.web import page, quick
from core.web.templates import localised
from fulfillment.promise.service import Area, provinces, zone_of
from fulfillment.promise.serving import End, within
from fulfillment.promise.words import how_soon, leg_words
from shop.cart.queries import basket, items_of
from shop.cart.service import take_out
from shop.catalogue.pictures import picture_url
from shop.catalogue.promised import destination
from shop.coupons.service import CouponUnusable, fitting
from shop.coupons.words import offer_words
from shop.orders.access import open_to
from shop.orders.models import Order, OrderStatus, PaymentStatus
from shop.orders.queries import opened
from shop.payments.providers import ready_providers
from shop.payments.service import start_first
from supply.counties.deps import CurrentCounty
from supply.counties.models import County
from supply.counties.policy import policy_of

from .address import Address, Contact, FullAddress, Note
from .errors import PromiseChanged
from .groups import grouped
from .items import Item
from .ordering import order_once
from .place import place_order
from .quote import Quote, end_of, quote

router = APIRouter()
_ = i18n.gettext
NOTE: TypeAdapter[str] = TypeAdapter(Note)
Text = Annotated[str, Field(max_length=400)]
PLACE = ("province", "city", "district")
FIELDS = ("name", "phone", "province", "city", "district", "detail", "station", "note", "coupon")
WRONG = i18n.marked({
    "name": "写上收件人，60 个字以内", "phone": "手机号是 1 开头的 11 位数字", "province": "选一个省", "city": "写上市，40 个字以内",
    "district": "写上区或县，40 个字以内", "detail": "写上街道门牌，120 个字以内", "station": "重新选一个驿站", "note": "留言 200 个字以内",
})  # fmt: skip


# Later than a press of the button takes: pressed straight from a field, the button must not be replaced under the finger.
AGAIN = {
    "hx-trigger": "change delay:250ms", "hx-include": "closest form", "hx-vals": '{"step":"quote"}', "hx-target": "#total",
    "hx-swap": "outerHTML", "hx-sync": "closest form:replace",
}  # fmt: skip


class CheckoutForm(BaseModel):
    """As typed; what each field must be is checked after, so that nothing typed is lost."""

    model_config = {"extra": "forbid"}
    name: Text = ""
    phone: Text = ""
    province: Text = ""
    city: Text = ""
    district: Text = ""
    detail: Text = ""
    station: Text = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    coupon: Text = ""
    provider: Annotated[str, Field(max_length=20)] = "sandbox"
    expected_total_fen: Annotated[int, Field(ge=0, le=10**13)] = 0
    zone: Annotated[str, Field(max_length=40)] = ""
    end: Annotated[str, Field(max_length=40)] = ""
    form_key: Annotated[str, Field(max_length=100)] = ""
    step: Literal["quote", "place"] = "place"

    def typed(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in FIELDS}


@router.get("/checkout")
@quick
def index(request: Request, session: Read, county: CurrentCounty, actor: Visitor) -> Response:
    if not (lying := basket(session, county, actor)).is_buyable:
        number = None if lying.groups else _waiting_for_money(session, county, actor)
        return RedirectResponse(localised(f"/orders/{number}" if number else "/cart"), 303)
    return _shown(request, session, county, actor, _remembered(session, county, actor), {})


@router.post("/checkout")
def create_order(
    request: Request, form: Annotated[CheckoutForm, Form()], session: Write, county: CurrentCounty, actor: Visitor
) -> Response:
    """Place the order and open its payment; or, asked to reckon, show freight and promise for the typed address."""
    if form.step == "quote":
        return _again(request, session, county, actor, form, {})
    contact, address, errors = _read(form)
    if address is not None and not ((there := _zone(session, county, address)) and there.in_county):
        address = address.model_copy(update={"station": ""})
    if errors or contact is None or address is None:
        return _again(request, session, county, actor, form, errors)
    owner = ensure_session(session, request)
    try:
        answer = order_once(
            session, owner, contact.phone, route="POST /checkout", key=form.form_key or None, body=form.model_dump_json().encode(),
            place=lambda: _place(session, county, owner, form, contact, address),
        )  # fmt: skip
    except JishiError as wrong:
        session.rollback()
        return _again(request, session, county, actor, form, _named(wrong), wrong=wrong)
    return RedirectResponse(localised(f"/pay/{answer['payment']}"), 303)


def _place(session: Session, county: County, owner: Actor, form: CheckoutForm, contact: Contact, address: FullAddress) -> dict[str, Any]:
    """Order and first payment attempt in one transaction. What is bought leaves the basket first: pressed in two tabs, the
    second waits for the first and finds the basket empty.

    Raises what `place_order` raises, and PromiseChanged where another place was reckoned for than the one typed.
    """
    there = _zone(session, county, address)
    if form.zone and there is not None and (there.code, _code(end_of(session, county, there, address))) != (form.zone, form.end):
        raise PromiseChanged(_("运费和送达已经按你的地址重新算过，看过再付"))
    items = items_of(session, owner)
    if take_out(session, owner, *(item.sku for item in items)) != len(items):
        raise Refused(_("篮子刚在另一页下了单，去“我的订单”看看"), field="items")
    placed = place_order(
        session, county, items, contact=contact, address=address, expected_total_fen=form.expected_total_fen, actor=owner,
        note=NOTE.validate_python(form.note), coupon=form.coupon.strip() or None,
    )  # fmt: skip
    attempt = start_first(session, placed.id, placed.total_fen, tenant_id=county.id, provider=form.provider, method="page")
    return {"number": placed.number, "payment": attempt}


def _read(form: CheckoutForm) -> tuple[Contact | None, FullAddress | None, dict[str, str]]:
    """The typed fields as contact and address, or what is wrong with each in words."""
    errors: dict[str, str] = {}
    contact: Contact | None = None
    address: FullAddress | None = None
    try:
        contact = Contact(name=form.name, phone=form.phone)
    except ValidationError as wrong:
        errors |= _named_fields(wrong)
    try:
        address = FullAddress(
            province=form.province, city=form.city, district=form.district, detail=form.detail, station=form.station
        )  # fmt: skip
    except ValidationError as wrong:
        errors |= _named_fields(wrong)
    try:
        NOTE.validate_python(form.note)
    except ValidationError:
        errors["note"] = _(WRONG["note"])
    return contact, address, {name: errors[name] for name in FIELDS if name in errors}


def _named_fields(wrong: ValidationError) -> dict[str, str]:
    return {str(e["loc"][0]): _(WRONG[str(e["loc"][0])]) for e in wrong.errors()}


def _named(wrong: JishiError) -> dict[str, str]:
    field = str(wrong.more.get("field", ""))
    return {field: wrong.detail} if field in FIELDS else {}


def _again(
    request: Request, session: Session, county: County, actor: Actor, form: CheckoutForm, errors: dict[str, str], *,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    """The page once more, with everything typed; nothing was written, so it is rendered from a reading session."""
    session.rollback()
    status = wrong.status if wrong else 422 if errors else 200
    with db.reading() as reading:
        return _shown(request, reading, county, actor, form.typed(), errors, wrong=wrong, status=status, provider=form.provider)


def _shown(
    request: Request, session: Session, county: County, actor: Actor, values: dict[str, str], errors: dict[str, str], *,
    wrong: JishiError | None = None, status: int = 200, provider: str = "sandbox",
) -> Response:  # fmt: skip
    items = items_of(session, actor)
    request.state.basket_count = sum(item.qty for item in items)  # the masthead need not ask again
    is_guess = not any(values[name] for name in PLACE)
    seen, refused = _quoted(session, county, items, {**_default(county), "coupon": values["coupon"]} if is_guess else values)
    errors = errors or (_named(refused) if refused else {})
    if isinstance(refused, CouponUnusable):
        errors = errors | _named(refused)
    if refused and (any(refused.detail == said for said in errors.values()) or (wrong and wrong.detail == refused.detail)):
        refused = None  # said already, at its field or above
    return page(
        request, "checkout/index.html", block="total", status=status, values=values, errors=errors, wrong=wrong, refused=refused,
        quote=seen, groups=grouped(session, county, items, seen, refused or wrong), guess=destination(county) if is_guess else "",
        provinces=[(name, name) for name in provinces(session, county.id)], form_key=new_token(), provider=provider,
        coupons=[(c.promo, offer_words(c)) for c in fitting(session, seen.goods_fen, tenant_id=county.id)] if seen else [],
        providers=ready_providers(), picture_url=picture_url, leg_words=leg_words,
        stations=_stations(session, county, seen), end=_code(seen.end) if seen else "", how_soon=how_soon, now=clock.now(),
        again={"hx-post": localised("/checkout"), **AGAIN},
    )  # fmt: skip


def _quoted(session: Session, county: County, items: list[Item], values: Mapping[str, str]) -> tuple[Quote | None, JishiError | None]:
    """The basket at the typed address, or why it cannot be reckoned (yet)."""
    try:
        address = _typed_so_far(session, county, values)
        return quote(session, county, items, address, coupon=values.get("coupon", "").strip() or None), None
    except ValidationError:
        return None, None
    except CouponUnusable as wrong:
        return quote(session, county, items, address), wrong
    except JishiError as wrong:
        return None, wrong


def _typed_so_far(session: Session, county: County, values: Mapping[str, str]) -> Address:
    """Where it goes as far as it can be read; a street that cannot is left out, as is a station chosen before another place was typed."""
    place = {name: values[name] for name in PLACE}
    try:
        address = Address(**place, detail=values.get("detail", ""), station=values.get("station", ""))
    except ValidationError:
        return Address(**place)
    there = _zone(session, county, address)
    return address if there and there.in_county else address.model_copy(update={"station": ""})


def _zone(session: Session, county: County, address: Address) -> Area | None:
    return zone_of(session, county.id, address.province, address.city, address.district)


def _code(end: End | None) -> str:
    return end.code if end else ""


def _stations(session: Session, county: County, seen: Quote | None) -> list[tuple[str, str]]:
    """Where an address in the county may have its parcels fetched from; nothing for others."""
    if seen is None or not seen.in_county:
        return []
    ends = within(session, county.id).ends.values()
    return [("", _("不选，按地址送")), *((end.code, end.name) for end in ends if end.hours is not None)]


def _default(county: County) -> dict[str, str]:
    there = policy_of(county).default_destination
    return {"province": there.province, "city": there.city, "district": there.district}


def _waiting_for_money(session: Session, county: County, actor: Actor) -> str | None:
    """The order that emptied the basket, while it waits to be paid: who comes back from the cashier is led to it."""
    if (ways := open_to(actor)) is None:
        return None
    unpaid = (Order.status == OrderStatus.OPEN, Order.payment_status == PaymentStatus.UNPAID, Order.pay_by > clock.now())
    return session.exec(select(Order.number).where(Order.tenant_id == county.id, ways, *unpaid).order_by(col(Order.id).desc())).first()


def _remembered(session: Session, county: County, actor: Actor) -> dict[str, str]:
    """The caller's last address; nothing for somebody new."""
    ways = open_to(actor)
    empty = dict.fromkeys(FIELDS, "")
    if ways is None:
        return empty
    last = session.exec(select(Order).where(Order.tenant_id == county.id, ways).order_by(col(Order.id).desc()).limit(1)).first()
    if last is None:
        return empty
    name, phone, detail = opened(last)
    place = {"province": last.province, "city": last.city, "district": last.district}
    return {**empty, "name": name, "phone": phone, "detail": detail, **place}
