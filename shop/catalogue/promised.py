"""When goods arrive: the timetable's promise for cards and variants, as programs and as people read it.

Without an address it is reckoned to the county's default destination.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session

from core import clock, i18n
from fulfillment.promise.api_shapes import DeliveryPromise
from fulfillment.promise.service import Asked, Promise, Size, promises, zone_of
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.products.models import Storage

from .offers import Card, Offer

_ = i18n.gettext


class Shown(NamedTuple):
    """A promise in the words of the four stops; times are aware."""

    order_by: datetime
    leaves_at: datetime
    hub_leaves_at: datetime | None
    arrives_on: datetime
    line_no: str
    line_kind: str
    origin: str
    hub: str
    trunk: str
    destination: str
    late_rule: str


def destination(county: County) -> str:
    """Where promises point while the buyer has given no address: `上海 徐汇`."""
    there = policy_of(county).default_destination
    city = there.city.removesuffix("市")
    return f"{city} {there.district.removesuffix('区').removesuffix('县')}"


def _asked(live_rides_as: str, card: Card, offer: Offer, zone: str) -> Asked:
    tier = live_rides_as if card.storage == Storage.LIVE else card.storage
    return Asked(card.station_id, tier, zone, Size(offer.gross_g, offer.ml, offer.box_milli), card.shelf_days)


def default_zone(session: Session, county: County) -> str | None:
    """The zone of the default destination's address; None where nothing goes."""
    there = policy_of(county).default_destination
    zone = zone_of(session, county.id, there.province, there.city, there.district)
    return zone.code if zone else None


def promises_for(session: Session, county: County, cards: Iterable[Card]) -> dict[int, Promise | None]:
    """The promise of each card's cheapest variant, by product id."""
    zone = default_zone(session, county)
    if zone is None:
        return {}
    live = str(policy_of(county).storage.live_rides_as)
    asked = {card.id: _asked(live, card, card.cheapest, zone) for card in cards}
    found = promises(session, county, asked.values())
    return {product_id: found[question] for product_id, question in asked.items()}


def promises_of(session: Session, county: County, card: Card) -> dict[int, Promise | None]:
    """The promise of each variant of one product, by variant id."""
    zone = default_zone(session, county)
    if zone is None:
        return {}
    live = str(policy_of(county).storage.live_rides_as)
    asked = {offer.variant_id: _asked(live, card, offer, zone) for offer in card.offers}
    found = promises(session, county, asked.values())
    return {variant_id: found[question] for variant_id, question in asked.items()}


def as_json(promise: Promise | None) -> DeliveryPromise | None:
    """As the JSON API says it: instants with the county's own offset."""
    if promise is None:
        return None
    order_by, ships_at, deliver_by = _instants(promise.order_by, promise.ships_at, promise.deliver_by)
    return {"order_by": order_by, "ships_at": ships_at, "deliver_by": deliver_by, "path": promise.path}


@lru_cache(maxsize=2000)
def _instants(*instants: datetime) -> list[str]:
    """Many products of a list leave their station together: each departure's times are written once."""
    return [clock.local(instant).isoformat() for instant in instants]


def shown(promise: Promise | None, county: County) -> Shown | None:
    """As the four stops on a page."""
    if promise is None:
        return None
    rides = [leg for leg in promise.path if leg["kind"] != "trunk"]
    trunk = next((leg for leg in promise.path if leg["kind"] == "trunk"), None)
    first = rides[0] if rides else None
    by_bus = first is not None and first["kind"] in ("bus", "coach")
    number = str(first["line"]) if first else ""
    leaves_hub = datetime.fromisoformat(str(trunk["leaves_at"])) if trunk else None
    return Shown(
        order_by=promise.order_by, leaves_at=promise.ships_at, hub_leaves_at=leaves_hub, arrives_on=promise.deliver_by,
        line_no=number if by_bus and number[-1:].isdigit() else "",
        line_kind=_(KINDS.get(str(first["kind"]), "班车")) if first else _("自提"),
        origin=_short(str(first["from"])) if first else "", hub=_("县城"),
        trunk=_("邮车") if trunk and "邮" in str(trunk["line"]) else _("干线"), destination=destination(county).split(" ")[0],
        late_rule=_("误了照规则赔"),
    )  # fmt: skip


KINDS = i18n.marked(
    {"bus": "班车", "coach": "班车", "mail": "邮车", "freight": "货车", "ferry": "渡船", "courier": "同城车", "postman": "乡邮"}
)


def _short(station: str) -> str:
    return station.removesuffix("驿站").removesuffix("服务站")
