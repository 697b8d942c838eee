"""A small county that any test can stand on: direct rows, no profile, stock through the real weigh-in.

Two lines run both ways several times a day through three villages; two trunks leave the hub each evening; one product
is chilled, one out of season. Times suit any day: every calendar runs daily, all year.
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from sqlmodel import Session

from core import clock
from core.settings import ROOT
from core.status import began
from core.tenant import Tenant, forget_tenants
from fulfillment.network import models as net
from shop.channels.models import Channel, ChannelKind
from shop.listings.models import LISTING, Listing, ListingPrice, ListingStatus
from supply.counties.models import County, ShareRule, Township
from supply.counties.policy import to_policy
from supply.counties.profile_county import read_county
from supply.counties.profile_rules import CountyProfile
from supply.growers.models import Agreement, AgreementKind, Grower
from supply.products.models import Product, Storage, Variant
from supply.stations.models import Node, NodeKind, Station
from supply.stock.queries import levels
from supply.stock.service import open_level, receive_lot
from tests.remembered import remembered


class SmallCounty(NamedTuple):
    county: County
    hub: Node
    township_station: Station
    stations: list[Station]  # three villages: 葛家, 海头, 山前
    growers: list[Grower]  # one per trading station, the township's first
    products: list[Product]
    variants: dict[str, Variant]  # by name: tomato, tomato-small, clam, bamboo, tea, peach (out of season)
    listings: dict[str, Listing]  # by product: tomato, clam, bamboo, tea, peach
    lines: list[net.Line]
    trips: list[net.Trip]
    trunks: list[net.Trunk]
    rule: ShareRule

    @property
    def id(self) -> int:
        return self.county.id

    def level(self, session: Session, name: str) -> int:
        """The stock level id of a variant."""
        variant_id = self.variants[name].id
        return levels(session, [variant_id])[variant_id][0].id


@lru_cache(maxsize=1)
def _policy() -> CountyProfile:
    rules = read_county(ROOT / "data" / "counties" / "ninghai", [])
    assert rules is not None
    return rules._replace(code="small", prefix="sm", name="小县", full_name="小县", brand="小县集市")


PRODUCTS = {
    # name: (title, category, storage, shelf days, in season, [(variant, spec, net_g, gross_g, ml, box_milli, price_fen)], station, units)
    "tomato": ("高山西红柿", "蔬菜", Storage.AMBIENT, 7, True, [("tomato", "5斤装", 2500, 2930, 5400, 90, 3600), ("tomato-small", "2斤装", 1000, 1250, 2600, 43, 1680)], 0, 50),
    "tea": ("桂花茶", "茶饮", Storage.AMBIENT, 540, True, [("tea", "120g礼盒", 320, 480, 2000, 34, 8800)], 0, 80),
    "clam": ("长街蛏子", "鲜活水产", Storage.LIVE, 3, True, [("clam", "3斤装", 1500, 2600, 6000, 100, 6900)], 1, 60),
    "bamboo": ("毛竹砧板", "竹制品", Storage.AMBIENT, 3650, True, [("bamboo", "一块", 1800, 2100, 4000, 67, 12800)], 2, 100),
    "peach": ("水蜜桃", "水果", Storage.AMBIENT, 5, False, [("peach", "8只装", 2400, 2800, 7000, 117, 5800)], 2, 0),
}  # fmt: skip


def small_county(session: Session, *, code: str = "small", prefix: str = "sm") -> SmallCounty:
    """The county's rows, flushed in the caller's transaction."""
    return remembered(session, ("small", code, prefix), lambda: _made(session, code, prefix))


def _made(session: Session, code: str, prefix: str) -> SmallCounty:
    now = clock.now()
    tenant = Tenant(code=code, name="小县", created_at=now)
    session.add(tenant)
    session.flush()
    forget_tenants()
    tid = tenant.id or 0
    policy = to_policy(_policy()._replace(code=code, prefix=prefix))
    county = County(id=tid, code=code, name="小县", region="浙江省小县", brand="小县集市", policy=policy)
    townships = [Township(tenant_id=tid, code=f"{prefix}-t{n}", name=name, population=9000) for n, name in enumerate(["东镇", "西镇"])]
    rule = ShareRule(
        tenant_id=tid, version="2024-1", starts_on=date(2024, 1, 1), consignment_bp=8800, master_bp=800, platform_bp=400,
        packing_fen=60, inbound_fen=40,
    )  # fmt: skip
    session.add_all([county, *townships, rule])
    session.flush()
    hub, stations = _places(session, tid, prefix, townships)
    growers = _growers(session, tid, prefix, stations)
    products, variants, listings = _produce(session, tid, stations, growers)
    lines, trips, trunks = _network(session, tid, prefix, hub, stations)
    for row in (county, *products):  # weighing in raised their versions
        session.refresh(row)
    return SmallCounty(county, hub, stations[0], stations[1:], growers, products, variants, listings, lines, trips, trunks, rule)


def _places(session: Session, tid: int, prefix: str, townships: list[Township]) -> tuple[Node, list[Station]]:
    hub = Node(
        tenant_id=tid, code=f"{prefix}-hub", name="小县共配中心", kind=NodeKind.HUB, township_id=townships[0].id, lat=29.3, lon=121.4
    )
    session.add(hub)
    session.flush()
    stations: list[Station] = []
    first: Node | None = None
    for n, (slug, name, kind) in enumerate(
        [
            ("dongzhen", "东镇驿站", NodeKind.TOWNSHIP),
            ("gejia", "葛家驿站", NodeKind.STATION),
            ("haitou", "海头驿站", NodeKind.STATION),
            ("shanqian", "山前驿站", NodeKind.STATION),
        ]
    ):
        node = Node(
            tenant_id=tid, code=f"{prefix}-{slug}", name=name, kind=kind, township_id=townships[n // 3].id,
            served_by_id=first.id if first else hub.id, lat=29.3 + n / 50, lon=121.4 + n / 40,
        )  # fmt: skip
        session.add(node)
        session.flush()
        first = first or node
        station = Station(
            node_id=node.id, tenant_id=tid, code=node.code, name=name, master_name=f"{name[:2]}站长", story=f"{name}的故事",
            signature="西红柿", opens_min=450, closes_min=1140, services=["express-in", "express-out"],
        )  # fmt: skip
        stations.append(station)
    session.add_all(stations)
    session.flush()
    return hub, stations


def _growers(session: Session, tid: int, prefix: str, stations: list[Station]) -> list[Grower]:
    growers = [
        Grower(tenant_id=tid, code=f"{s.code}-g1", name=f"{s.name[:2]}农户", station_id=s.node_id) for s in stations
    ]  # fmt: skip
    session.add_all(growers)
    session.flush()
    session.add_all(
        Agreement(tenant_id=tid, grower_id=g.id, kind=AgreementKind.CONSIGNMENT, share_bp=8800, starts_on=date(2024, 1, 1)) for g in growers
    )
    return growers


def _produce(
    session: Session, tid: int, stations: list[Station], growers: list[Grower]
) -> tuple[list[Product], dict[str, Variant], dict[str, Listing]]:
    now, today = clock.now(), clock.today()
    channels = [
        Channel(tenant_id=tid, code=s.code, kind=ChannelKind.STATION, name=s.name, station_id=s.node_id, opened_at=now) for s in stations
    ]
    session.add_all(channels)
    session.flush()
    products: list[Product] = []
    variants: dict[str, Variant] = {}
    listings: dict[str, Listing] = {}
    out_of_season = [(today.month + 4) % 12 + 1, (today.month + 5) % 12 + 1]
    for n, (key, (title, category, storage, shelf, in_season, specs, place, units)) in enumerate(PRODUCTS.items()):
        station, grower = stations[place + 1], growers[place + 1]
        product = Product(
            tenant_id=tid, code=f"PSMALL{tid}{n}", name=title, category=category, station_id=station.node_id, grower_id=grower.id,
            story=f"{title}的故事", storage=storage, shelf_days=shelf, months=list(range(1, 13)) if in_season else sorted(out_of_season),
            created_at=now,
        )  # fmt: skip
        session.add(product)
        session.flush()
        listing = Listing(
            tenant_id=tid, code=f"GSMALL{tid}{n}", channel_id=channels[place + 1].id, product_id=product.id,
            status=ListingStatus.PUBLISHED, published_at=now,
        )  # fmt: skip
        session.add(listing)
        session.flush()
        began(session, LISTING, listing.status, tenant_id=tid, subject=listing.code)
        for position, (name, spec, net_g, gross_g, ml, box_milli, price_fen) in enumerate(specs):
            variant = Variant(
                tenant_id=tid, product_id=product.id, sku=f"KSMALL{tid}{n}{position}", spec=spec, net_g=net_g, gross_g=gross_g, ml=ml,
                box_milli=box_milli, position=position,
            )  # fmt: skip
            session.add(variant)
            session.flush()
            session.add(ListingPrice(listing_id=listing.id, variant_id=variant.id, tenant_id=tid, price_fen=price_fen))
            if units:
                receive_lot(
                    session, variant, place_id=station.node_id, grower_id=grower.id or 0, units=units, grams=units * net_g,
                    harvested_on=today, best_before=today + timedelta(days=shelf),
                )  # fmt: skip
            else:
                open_level(session, variant.id or 0, station.node_id, tenant_id=tid)
            variants[name] = variant
        products.append(product)
        listings[key] = listing
    session.flush()
    return products, variants, listings


LEGS = ((0, 0), (20, 22), (35, 36), (50, 50))  # minutes after the start: hub, township, first village, second village
STARTS = {"out": (360, 600, 840, 1020), "in": (430, 670, 910, 1080)}  # 06:00 … 18:00; the last bus in reaches the hub by 18:50


def _network(
    session: Session, tid: int, prefix: str, hub: Node, stations: list[Station]
) -> tuple[list[net.Line], list[net.Trip], list[net.Trunk]]:
    calendar = net.ServiceCalendar(
        tenant_id=tid, code=f"{prefix}-daily", weekdays=127, starts_on=date(2024, 1, 1), ends_on=date(2099, 12, 31)
    )
    vehicles = [
        net.Vehicle(
            tenant_id=tid, code=f"{prefix}-bus-{n}", plate=f"浙B·{n}", kind="bus", seats=30, energy="electric", bay_g=150_000, bay_ml=576_000,
            boxes=8, chilled_ml=144_000, tiers=["ambient", "chilled"],
        ) for n in (1, 2)
    ]  # fmt: skip
    lines = [
        net.Line(tenant_id=tid, code=f"{prefix}-l{n}", number=f"{n}", name=name, kind=net.LineKind.BUS, mode="road", ink=n, position=n, fee_fen=50, close_min=3, operator="小县公交")
        for n, name in ((1, "海边线"), (2, "山里线"))
    ]  # fmt: skip
    session.add_all([calendar, *vehicles, *lines])
    session.flush()
    routes = ([hub.id, stations[0].node_id, stations[1].node_id, stations[2].node_id], [hub.id, stations[0].node_id, stations[3].node_id])
    trips: list[net.Trip] = []
    for line, vehicle, route in zip(lines, vehicles, routes, strict=True):
        for direction, starts in STARTS.items():
            stops = route if direction == "out" else route[::-1]
            for start in starts:
                trip = net.Trip(
                    tenant_id=tid, code=f"{line.code}-{direction}-{start}", line_id=line.id, calendar_id=calendar.id, vehicle_id=vehicle.id,
                    direction=direction, block=vehicle.code, passenger_pct=20,
                )  # fmt: skip
                session.add(trip)
                session.flush()
                trips.append(trip)
                session.add_all(
                    net.StopTime(
                        trip_id=trip.id, position=p, tenant_id=tid, node_id=node_id, arr_min=start + LEGS[p][0], dep_min=start + LEGS[p][1]
                    )
                    for p, node_id in enumerate(stops)
                )
    trunks = [
        net.Trunk(
            tenant_id=tid, code=f"{prefix}-k{n}", carrier=carrier, name=name, mode="road", hub_id=hub.id, calendar_id=calendar.id,
            cutoff_min=cutoff, dep_min=cutoff + 40, cap_g=6_000_000, tiers=tiers,
        )
        for n, (carrier, name, cutoff, tiers) in enumerate(
            [("中国邮政", "邮政下午干线", 1020, ["ambient", "chilled"]), ("冷链专线", "晚间冷链", 1200, ["ambient", "chilled", "frozen"])], 1
        )
    ]  # fmt: skip
    session.add_all(trunks)
    zones = [net.Zone(tenant_id=tid, code=f"z{n}", name=name, in_county=n == 0) for n, name in enumerate(["县内", "江浙沪", "外省"])]
    session.add_all(zones)
    session.flush()
    session.add_all(
        net.TrunkZone(trunk_id=trunk.id, zone=zone, tenant_id=tid, base_fen=260, per_kg_fen=70, hours=hours)
        for trunk in trunks
        for zone, hours in (("z1", 22), ("z2", 48))
    )
    places = (("浙江省", "宁波市", "宁海县", "z0"), ("浙江省", "", "", "z1"), ("上海市", "", "", "z1"), ("北京市", "", "", "z2"))
    session.add_all(net.Place(tenant_id=tid, province=p, city=c, district=d, zone=zone) for p, c, d, zone in places)
    session.add_all(
        net.FreightTariff(tenant_id=tid, zone=f"z{n}", tier=tier, base_fen=300 + 200 * n + extra, per_kg_fen=50 + 50 * n)
        for n in range(3)
        for tier, extra in (("ambient", 0), ("chilled", 150), ("frozen", 300))
    )
    session.flush()
    return lines, trips, trunks
