"""What a basket costs and when it arrives: prices and stock live, freight by tariff, promises from the timetable.

Reading only; asking twice answers twice the same unless the county changed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from sqlmodel import Session

from core import clock, i18n
from core.errors import Refused
from core.money import split
from fulfillment.promise.service import Area, Asked, Promise, Size, freight, promises, provinces, zone_of
from fulfillment.promise.serving import End, within
from fulfillment.promise.words import how_soon
from shop.coupons.service import Offer, offered
from supply.counties.models import County
from supply.counties.policy import policy_of

from .address import Address
from .api_shapes import QuoteAnswer, StationPromise
from .errors import NoRoad
from .items import Item, PricedLine, merge, priced

_ = i18n.gettext


@dataclass(frozen=True, slots=True)
class Leg:
    """What one station sends in one temperature tier, and the promise it makes."""

    station_id: int
    station_code: str
    station_name: str
    tier: str
    promise: Promise
    to: str | None = None  # the node inside the county where it ends


@dataclass(frozen=True, slots=True)
class Quote:
    """All amounts in fen. `freight_parts` and `discount_parts` are each line's part of the freight and of what the coupon takes off, in
    the lines' order; `end` is the node that serves an address in the county, if one does."""

    zone: str
    lines: list[PricedLine]
    legs: list[Leg]
    goods_fen: int
    freight_fen: int
    discount_fen: int
    freight_parts: list[int]
    discount_parts: list[int]
    coupon: Offer | None = None
    end: End | None = None
    in_county: bool = False

    @property
    def total_fen(self) -> int:
        return self.goods_fen + self.freight_fen - self.discount_fen

    def answer(self) -> QuoteAnswer:
        """As the JSON API says it."""
        return {
            "goods_fen": self.goods_fen, "freight_fen": self.freight_fen, "discount_fen": self.discount_fen,
            "total_fen": self.total_fen, "zone": self.zone, "stations": [promised(leg) for leg in self.legs],
            "lines": [
                {"sku": x.sku, "qty": x.qty, "price_fen": x.price_fen, "goods_fen": x.goods_fen, "station": x.station_code,
                 "link": x.link.code if x.link else None}
                for x in self.lines
            ],
        }  # fmt: skip


def promised(leg: Leg) -> StationPromise:
    """A leg's promise as the JSON API says it: instants with the county's own offset."""
    p = leg.promise
    order_by, ships_at, deliver_by = (clock.local(instant).isoformat() for instant in (p.order_by, p.ships_at, p.deliver_by))
    return {
        "station": leg.station_code, "name": leg.station_name, "tier": leg.tier, "order_by": order_by, "ships_at": ships_at,
        "deliver_by": deliver_by, "path": p.path, "to": leg.to, "to_door": p.door_min is not None,
        "within": how_soon(p.deliver_by, clock.now()),
    }  # fmt: skip


def quote(
    session: Session, county: County, items: Iterable[Item], address: Address, link: str | None = None, coupon: str | None = None
) -> Quote:  # fmt: skip
    """Price a basket to an address; `link` is for items that name none of their own, `coupon` a promo code as typed.

    Raises Refused (hostile or empty input, a city that is another province), NotForSale, SoldOut (which sku, how many left), NoRoad,
    CouponUnusable.
    """
    wanted = merge(replace(item, link=item.link or link) for item in items)
    live_rides_as = policy_of(county).storage.live_rides_as
    lines = priced(session, wanted, tenant_id=county.id, live_rides_as=str(live_rides_as))
    zone = zone_of(session, county.id, address.province, address.city, address.district)
    if zone is None:
        raise NoRoad(_("还送不到 {place}").format(place=address.words), field="province")
    if address.city != address.province and address.city in provinces(session, county.id):
        raise Refused(_("{city}不在{province}，改成一致的").format(city=address.city, province=address.province), field="city")
    by_leg: dict[tuple[str, str], list[PricedLine]] = defaultdict(list)
    for line in lines:
        by_leg[line.station_code, line.tier].append(line)
    end = end_of(session, county, zone, address)
    legs = _legs(session, county, by_leg.values(), zone.code, end, address)
    parts = _freight_parts(session, county.id, zone.code, lines, address.words)
    goods = sum(line.goods_fen for line in lines)
    offer = offered(session, coupon, goods, tenant_id=county.id) if coupon else None
    off = offer.off_fen if offer else 0
    discounts = split(off, [line.goods_fen - 1 for line in lines])  # half at most is taken off: something is left to pay of each line
    return Quote(zone.code, lines, legs, goods, sum(parts), off, parts, discounts, offer, end, zone.in_county)


def end_of(session: Session, county: County, zone: Area, address: Address) -> End | None:
    """The node in the county where the parcels end: the station chosen to fetch them from, else the one that serves the address."""
    if not zone.in_county:
        if address.station:
            raise Refused(_("只有县里的地址可以到驿站取"), field="station")
        return None
    inside = within(session, county.id)
    if not address.station:
        return inside.serving(address.detail)
    end = inside.ends.get(address.station)
    if end is None or end.hours is None:
        raise Refused(_("没有这个驿站，重新选一个"), field="station")
    return end._replace(door=None)


def _legs(
    session: Session, county: County, groups: Iterable[list[PricedLine]], zone: str, end: End | None, address: Address
) -> list[Leg]:  # fmt: skip
    """The promise of each group of lines that leaves one station in one tier. Raises NoRoad naming every group without one.

    In the county the road from station to station and the county's own trunk are both asked for, and the sooner is promised;
    what is fetched from a chosen station goes there.
    """
    asked = [(group, Asked(group[0].station_id, group[0].tier, zone, _size(group), _shelf_days(group))) for group in groups]
    inside = {question: question._replace(to=end) for _group, question in asked if end is not None}
    outward = [] if address.station else [question for _group, question in asked]
    found = promises(session, county, [*outward, *inside.values()])
    told: dict[Asked, Promise | None] = {}
    for _group, question in asked:
        ways = [found[way] for way in (inside.get(question), question) if way in found]
        told[question] = min((way for way in ways if way is not None), key=lambda way: way.deliver_by, default=None)
    _refuse([group for group, question in asked if told[question] is None], address.words)
    return [
        Leg(
            group[0].station_id,
            group[0].station_code,
            group[0].station_name,
            group[0].tier,
            best,
            end.code if end and best.to_node_id else None,
        )
        for group, question in asked
        if (best := told[question]) is not None
    ]


def _refuse(stranded: list[list[PricedLine]], place: str) -> None:
    """Say which goods of which stations cannot go there, all of them at once. Raises NoRoad if there are any."""
    if not stranded:
        return
    each = _("{station}的{goods}")
    named = [each.format(station=group[0].station_name, goods=_("、").join(line.name for line in group)) for group in stranded]
    words = _("{goods}，眼下没有车能送到{place}").format(goods=_("，").join(named), place=place)
    stations = [
        {"station": group[0].station_code, "name": group[0].station_name, "skus": [line.sku for line in group]} for group in stranded
    ]
    raise NoRoad(words, station=stranded[0][0].station_code, stations=stations)


def _size(group: list[PricedLine]) -> Size:
    g, ml, box_milli = (sum(getattr(line, name) * line.qty for line in group) for name in ("gross_g", "ml", "box_milli"))
    return Size(g, ml, box_milli)


def _shelf_days(group: list[PricedLine]) -> int:
    """They travel together: as long as what spoils first."""
    return min(line.shelf_days for line in group)


def _freight_parts(session: Session, tenant_id: int, zone: str, lines: list[PricedLine], place: str) -> list[int]:
    """The tariff's amount of each tier (one base and every started kg), shared by gross weight over the tier's lines."""
    parts = [0] * len(lines)
    stranded: list[list[PricedLine]] = []
    for tier in dict.fromkeys(line.tier for line in lines):
        mine = [i for i, line in enumerate(lines) if line.tier == tier]
        weights = [lines[i].weighs_g for i in mine]
        amount = freight(session, tenant_id, zone=zone, tier_grams={tier: sum(weights)})
        if amount is None:
            stranded += [list(group) for _name, group in groupby((lines[i] for i in mine), key=lambda line: line.station_name)]
            continue
        for i, part in zip(mine, split(amount, weights), strict=True):
            parts[i] = part
    _refuse(stranded, place)
    return parts
