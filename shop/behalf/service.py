"""Buying on behalf 代买: a station's keeper orders for a villager, with the villager's consent, to the station's own shelf.

The consent is a one-time code on the villager's phone that they read out. The order is the villager's: theirs to pay, to follow by phone
and number, and to claim for. The station earns what the county's share rule says, frozen with the order; on what a keeper buys for
themselves it earns nothing.
"""

from typing import NamedTuple

from sqlmodel import Session

from core import audit, db, i18n, pii
from core.auth.models import User
from core.auth.service import send_code, use_code
from core.errors import Refused
from core.idempotency import answered
from core.notify import tell
from core.permissions import Actor
from shop.cart.queries import items_of
from shop.cart.service import take_out
from shop.checkout.address import Contact, FullAddress
from shop.checkout.ordering import order_once
from shop.checkout.quote import Quote, quote
from shop.checkout.service import place_order
from shop.payments.providers import ready_providers
from shop.payments.service import start_first
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.stations.models import Station

_ = i18n.gettext
PURPOSE = "on_behalf"
ORDERED = i18n.kept("{station}替您下了单 {number}，到站会通知您来取。")


class Behalf(NamedTuple):
    """Who it is for, and the code they read out with the receipt it was sent with."""

    contact: Contact
    digits: str
    receipt: str
    expected_total_fen: int


def shelf_of(session: Session, station: Station) -> FullAddress:
    """Where it goes: the station's own shelf."""
    home = policy_of(session.get_one(County, station.tenant_id)).home
    return FullAddress(province=home.province, city=home.city, district=home.district, detail=station.name, station=station.code)


def quoted(session: Session, county: County, actor: Actor, station: Station) -> Quote:
    """The keeper's basket to the station's shelf. Raises what `quote` raises."""
    return quote(session, county, items_of(session, actor), shelf_of(session, station))


def ask_consent(session: Session, contact: Contact, *, tenant_id: int) -> str:
    """Send the villager a code; returns its receipt. Raises TooMany, CodesNotSent."""
    return send_code(session, contact.phone, tenant_id=tenant_id, purpose=PURPOSE)


def order_for(session: Session, county: County, actor: Actor, station: Station, asked: Behalf, *, key: str) -> dict[str, str]:
    """The order's number and its payment's code; the same form again gets the same. `check_consent` comes before it.

    Raises what `place_order` raises, and Refused with an empty basket.
    """
    nobody = Actor(tenant_id=actor.tenant_id)

    def place() -> dict[str, str]:
        if not (providers := ready_providers()):
            raise Refused(_("这里还没有开通收款。"), field="items")
        items = items_of(session, actor)
        if not items or take_out(session, actor, *(item.sku for item in items)) != len(items):
            raise Refused(_("篮子是空的"), field="items")
        placed = place_order(
            session, county, items, contact=asked.contact, address=shelf_of(session, station), actor=nobody,
            expected_total_fen=asked.expected_total_fen, behalf=station.code, earns=not _is_keeper(session, actor, asked.contact.phone),
        )  # fmt: skip
        payment = start_first(session, placed.id, placed.total_fen, tenant_id=county.id, provider=providers[0].name, method="page")
        audit.record(
            session, "order.on_behalf", tenant_id=county.id, actor=actor.key, subject=placed.number, station=station.code,
            total_fen=placed.total_fen,
        )  # fmt: skip
        with i18n.speaking("zh"):
            words = i18n.retold(ORDERED.format(station=station.name, number=placed.number))
        tell(session, asked.contact.phone, words, tenant_id=county.id, key=f"behalf:{placed.number}")
        return {"number": placed.number, "payment": payment}

    body = f"{station.code} {pii.blind_index(asked.contact.phone)} {asked.expected_total_fen}".encode()
    return order_once(session, nobody, asked.contact.phone, route=_route(station), key=key, body=body, place=place)


def check_consent(actor: Actor, station: Station, asked: Behalf, *, key: str) -> None:
    """The code is right, or the order of this form was placed already. Committed whatever the answer: tries count. Raises Refused."""
    with db.writing() as session:
        caller = f"guest:{pii.blind_index(asked.contact.phone)}"
        done = answered(session, tenant_id=actor.tenant_id, actor=caller, route=_route(station), key=key)
        right = done or use_code(session, asked.contact.phone, asked.digits, receipt=asked.receipt, purpose=PURPOSE)
    if not right:
        raise Refused(_("验证码不对，或者过了 5 分钟；请再发一次"), field="digits")


def _route(station: Station) -> str:
    return f"POST /station/behalf {station.code}"


def _is_keeper(session: Session, actor: Actor, phone: str) -> bool:
    """Whether a keeper orders for themselves."""
    user = session.get(User, actor.user_id) if actor.user_id else None
    return user is not None and user.phone_index == pii.blind_index(phone)
