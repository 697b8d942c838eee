"""What the front page shows: what is ripe now, what leaves next, which stations have a name, who goes live tonight."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import clock, i18n
from core.auth.models import User
from core.settings import settings
from core.web.templates import localised
from fulfillment.network.models import Line
from fulfillment.promise.api_shapes import PathLeg
from fulfillment.promise.service import Promise
from shop.catalogue.offers import Card
from shop.catalogue.promised import promises_for
from shop.catalogue.queries import first_cards
from shop.catalogue.season import last_day, next_start
from shop.links.models import OrderLink
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_words import CARRIERS
from supply.pictures.plates import crop_of

RIPE, CROPS, CARRIED, BUSES = 8, 10, 60, 6
MOMENT_S = 15  # a countdown on a page may be this old; script refreshes it
_moments: dict[tuple[str, int, int, str], tuple[datetime, "list[Bus]", "list[Show]"]] = {}
_kept: dict[tuple[str, int], tuple[object, "Picks"]] = {}


class Crop(NamedTuple):
    """A row of the season calendar."""

    name: str
    place: str
    months: list[int]


class Picks(NamedTuple):
    """Chosen once per catalogue version and day; prices are read again when shown."""

    hero: str | None
    ripe: list[str]
    crops: list[Crop]
    carried: list[Card]


class Bus(NamedTuple):
    """A run of what the county boards, and the goods it takes; times are aware. `leaves_day` is said when it is not today."""

    leaves_at: datetime
    leaves_day: str
    line_no: str
    line_ink: int
    href: str
    road: str
    carries: str
    order_by: datetime
    left_text: str
    soon: bool


class Goods(NamedTuple):
    """A product with its promise and the ride of it that is shown."""

    card: Card
    promise: Promise
    ride: PathLeg

    @property
    def leaves_at(self) -> datetime:
        return datetime.fromisoformat(self.ride["leaves_at"])


class Show(NamedTuple):
    starts_at: datetime
    ends_at: datetime
    name: str
    seller: str
    left: int
    code: str


def picks(session: Session, county: County) -> Picks:
    """The day's choice among the county's best sellers."""
    place, stamp = (settings.url, county.id), (county.catalogue_version, clock.today())
    if (known := _kept.get(place)) and known[0] == stamp:
        return known[1]
    made = _choose(first_cards(session, tenant_id=county.id))
    if len(_kept) > 50:
        _kept.clear()
    _kept[place] = (stamp, made)
    return made


def _choose(cards: list[Card]) -> Picks:
    today = clock.today()
    ripe = [card for card in cards if card.in_stock]
    # A season that ends soon comes first; what is there all year follows; sales decide among equals.
    ripe.sort(key=lambda card: ((last_day(card.months, today) or date.max), not card.is_flagship, -card.sales, card.id))
    chosen = _varied(ripe, RIPE + 1)
    seasonal = [card for card in cards if 0 < len(set(card.months)) < 12]
    seasonal.sort(key=lambda card: (next_start(card.months, today) or today, not card.is_flagship, -card.sales))
    crops = [Crop(card.name, "", card.months) for card in _one_per_crop(seasonal)[:CROPS]]
    return Picks(chosen[0].code if chosen else None, [card.code for card in chosen[1:]], crops, ripe[:CARRIED])


def _varied(cards: list[Card], most: int) -> list[Card]:
    """At most one product of a crop and two of a station, so that the page shows the county's breadth."""
    seen: dict[str, int] = {}
    found: list[Card] = []
    for card in cards:
        crop, station = f"crop {crop_of(card.category, card.name)}", f"station {card.station_code}"
        if crop in seen or seen.get(station, 0) > 1:
            continue
        seen[crop], seen[station] = 1, seen.get(station, 0) + 1
        found.append(card)
        if len(found) == most:
            break
    return found


def _one_per_crop(cards: list[Card]) -> list[Card]:
    by_crop: dict[str, Card] = {}
    for card in cards:
        by_crop.setdefault(crop_of(card.category, card.name), card)
    return list(by_crop.values())


def this_moment(session: Session, county: County) -> tuple[list[Bus], list[Show]]:
    """The next buses and tonight's livestreams, looked up again after some seconds, when one can no longer be ordered for,
    or when the catalogue changed."""
    place = (settings.url, county.id, county.catalogue_version, i18n.locale())
    known, now = _moments.get(place), clock.now()
    if known is None or not known[0] <= now < known[0] + timedelta(seconds=MOMENT_S) or any(bus.order_by < now for bus in known[1]):
        if len(_moments) > 50:
            _moments.clear()
        found = (next_buses(session, county, picks(session, county).carried), tonight(session, tenant_id=county.id))
        known = _moments[place] = (now, *found)
    return known[1], known[2]


def boarding(promise: Promise, county: County) -> PathLeg | None:
    """The first ride of a promise on what the county speaks of: a ferry among islands, a bus elsewhere. A postman is neither."""
    words = policy_of(county).words
    kinds = CARRIERS[words.carrier or "bus" if words else "bus"]
    return next((ride for ride in promise.path if ride["kind"] in kinds), None)


def boards_at(promise: Promise | None, county: County) -> datetime | None:
    """When goods promised so leave on what the county boards; None where they never do."""
    ride = boarding(promise, county) if promise else None
    return datetime.fromisoformat(ride["leaves_at"]) if ride else None


def next_buses(session: Session, county: County, carried: list[Card]) -> list[Bus]:
    """The next runs that goods ordered now would catch, soonest first, with what they would carry."""
    promised = promises_for(session, county, carried)
    by_run: dict[str, list[Goods]] = {}
    for card in carried:
        promise = promised.get(card.id)
        if promise and (ride := boarding(promise, county)):
            by_run.setdefault(str(ride["departure"]), []).append(Goods(card, promise, ride))
    runs = sorted(by_run.values(), key=lambda goods: min(one.leaves_at for one in goods))[:BUSES]
    inks = dict(session.exec(select(Line.code, Line.ink).where(Line.tenant_id == county.id)).all()) if runs else {}
    return [_bus(goods, inks) for goods in runs]


def _bus(goods: list[Goods], inks: dict[str, int]) -> Bus:
    first = min(goods, key=lambda one: one.leaves_at)
    names = list(dict.fromkeys(one.card.name for one in goods))
    carries = i18n.gettext("、").join(names[:3]) + (i18n.gettext(" 等 {n} 样").format(n=len(names)) if len(names) > 3 else "")
    order_by = min(one.promise.order_by for one in goods)
    minutes = int((order_by - clock.now()).total_seconds() // 60)
    near = clock.business_date(order_by) == clock.today()
    left = i18n.gettext("还有 {n} 分钟").format(n=max(minutes, 0)) if near and minutes < 60 else i18n.day(order_by)
    return Bus(
        first.leaves_at, i18n.day(first.leaves_at) if clock.business_date(first.leaves_at) != clock.today() else "", first.ride["line"],
        inks.get(first.ride["line_code"], 0), localised(f"/s/{first.card.station_code}"), _road(first), carries, order_by, left,
        near and minutes < 10,
    )  # fmt: skip


def _road(goods: Goods) -> str:
    """`葛家 → 县城`, or up to where the goods change: `嵊山码头 → 李柱山码头`."""
    path, ride = goods.promise.path, goods.ride
    onward = path[path.index(ride) + 1 :]
    target = str(ride["to"]) if onward and onward[0]["kind"] != "trunk" else i18n.gettext("县城")
    return f"{str(ride['from']).removesuffix('驿站')} → {target.removesuffix('驿站')}"


def tonight(session: Session, *, tenant_id: int) -> list[Show]:
    """Livestreams that began or begin today and are not over, soonest first; one line each session."""
    now, today = clock.now(), clock.midnight(clock.today())
    rows = session.exec(
        select(
            func.min(OrderLink.starts_at), func.max(OrderLink.ends_at), OrderLink.session_name, User.name,  # type: ignore[call-overload]
            func.sum(OrderLink.quota - OrderLink.sold), func.min(OrderLink.code),
        )
        .join(User, col(User.id) == col(OrderLink.seller_id))
        .where(
            OrderLink.tenant_id == tenant_id, col(OrderLink.closed_at).is_(None), col(OrderLink.ends_at) > now,
            OrderLink.session_name != "", col(OrderLink.starts_at) >= today, col(OrderLink.starts_at) < today + timedelta(days=1),
        )
        .group_by(col(OrderLink.session_name), col(User.id))
        .order_by(func.min(OrderLink.starts_at))
        .limit(4)
    ).all()  # fmt: skip
    return [Show(*row) for row in rows]
