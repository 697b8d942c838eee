"""The people and produce of a demo county, invented from its profile by seed: same profile and seed, same rows.

Products the profile names are taken as they stand; every other station gets a few from the templates of its township,
among the tiers its buses can carry: its signature product first, and at least one that is in season all year.
A product belongs to one grower of its station.
"""

from collections import defaultdict
from random import Random
from typing import NamedTuple

from supply.growers.models import AgreementKind, GrowerKind
from supply.products.models import Storage

from .profile_checks import carried_as, legs_to_hub
from .profile_kinds import MONTHS, TIERS
from .profile_rows import NodeRow, ProductRow, Profile, TemplateRow

WHOLE_BP = 10_000


class GrowerSeed(NamedTuple):
    """`phone` None: no phone, sees slips only.

    `share_bp`: 代销, of what remains after the named shares; 收购, of the price, paid on grading.
    """

    code: str
    station: str
    name: str
    kind: GrowerKind
    phone: str | None
    agreement: AgreementKind
    share_bp: int


class VariantSeed(NamedTuple):
    spec: str
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    price_fen: int


class ProductSeed(NamedTuple):
    """`code` is unique in the county; `invented` is False for the products the profile names itself."""

    code: str
    station: str
    grower: str
    name: str
    category: str
    storage: Storage
    months: tuple[int, ...]
    shelf_days: int
    story: str
    invented: bool
    variants: tuple[VariantSeed, ...]


class Population(NamedTuple):
    """Who grows and what is sold."""

    growers: tuple[GrowerSeed, ...]
    products: tuple[ProductSeed, ...]


def populate(profile: Profile, seed: int) -> Population:
    """Growers and products of every station, in the order of the profile's nodes; the profile must pass `validate_profile`."""
    named = _named_products(profile)
    reach = {tier: legs_to_hub(profile, tier) for tier in TIERS}
    most = profile.county.hub.max_handovers
    growers: list[GrowerSeed] = []
    products: list[ProductSeed] = []
    for station in profile.stations:
        rng = Random(f"{seed}/{station.code}")  # noqa: S311 a repeatable demo, not a secret
        own = _growers(profile, station, rng, first_number=len(growers))
        growers += own
        if station.name in named:
            items = [(rows, False) for rows in named[station.name].values()]
        else:
            tiers = {tier for tier in TIERS if reach[tier].get(station.code, most + 1) <= most}
            items = [(rows, True) for rows in _invented_products(profile, station, tiers, rng)]
        for number, (rows, invented) in enumerate(items, 1):
            grower = own[(number - 1) % len(own)]
            products.append(_product(f"{station.code}-{number}", station, grower, rows, invented))
    return Population(tuple(growers), tuple(products))


def own_population(profile: Profile) -> Population:
    """What the profile itself says, nobody invented: the products it names, on the books of their stations until growers are registered."""
    named = _named_products(profile)
    growers: list[GrowerSeed] = []
    products: list[ProductSeed] = []
    for station in profile.stations:
        own = GrowerSeed(
            f"{station.code}-g1", station.code, station.name, GrowerKind.MERCHANT, None, AgreementKind.CONSIGNMENT, WHOLE_BP
        )  # fmt: skip
        growers.append(own)
        for number, rows in enumerate(named[station.name].values(), 1):
            products.append(_product(f"{station.code}-{number}", station, own, rows, False))
    return Population(tuple(growers), tuple(products))


def _named_products(profile: Profile) -> dict[str, dict[str, list[ProductRow]]]:
    found: dict[str, dict[str, list[ProductRow]]] = defaultdict(lambda: defaultdict(list))
    for row in profile.products:
        found[row.station][row.product].append(row)
    return found


def _product(code: str, station: NodeRow, grower: GrowerSeed, rows: list[ProductRow], invented: bool) -> ProductSeed:
    row = rows[0]
    variants = tuple(VariantSeed(r.spec, r.net_g, r.gross_g, r.ml, r.box_milli, r.price_fen) for r in rows)
    return ProductSeed(
        code, station.code, grower.code, row.product, row.category, row.storage, row.months, row.shelf_days, row.story, invented, variants
    )


def _growers(profile: Profile, station: NodeRow, rng: Random, *, first_number: int) -> list[GrowerSeed]:
    rules = profile.county.growers
    found: list[GrowerSeed] = []
    for number in range(1, rng.randint(rules.per_station_min, rules.per_station_max) + 1):
        coop = number == 1 and rng.randrange(100) < rules.coop_pct
        place = station.name.removesuffix("驿站")
        name = f"{place}农产品专业合作社" if coop else rng.choice(rules.surnames) + rng.choice(rules.given_names)
        # 139 0000 xxxx: the demo's own numbers, clear of the sign-ins of 137 and 138.
        phone = None if not coop and rng.randrange(100) < rules.no_phone_pct else f"1390000{first_number + number:04d}"
        bought = rng.randrange(100) < rules.purchase_pct
        agreement, share_bp = (AgreementKind.PURCHASE, rules.purchase_bp) if bought else (AgreementKind.CONSIGNMENT, WHOLE_BP)
        kind = GrowerKind.COOP if coop else GrowerKind.GROWER
        found.append(GrowerSeed(f"{station.code}-g{number}", station.code, name, kind, phone, agreement, share_bp))
    return found


def _invented_products(profile: Profile, station: NodeRow, tiers: set[Storage], rng: Random) -> list[list[ProductRow]]:
    fitting = [
        row
        for row in profile.templates
        if (station.township in row.townships or "*" in row.townships) and carried_as(profile, row.storage) in tiers
    ]
    chosen = [row for row in fitting if row.product.removeprefix("{station}") == station.signature][:1]
    if not any(row.months == MONTHS for row in chosen):
        chosen.append(_pick([row for row in fitting if row.months == MONTHS], rng))
    wanted = rng.randint(profile.county.demo.products_min, profile.county.demo.products_max)
    while len(chosen) < wanted and (others := [row for row in fitting if row.product not in {own.product for own in chosen}]):
        chosen.append(_pick(others, rng))
    return [[_from_template(station, row, rng)] for row in chosen]


def _pick(rows: list[TemplateRow], rng: Random) -> TemplateRow:
    """One of the rows; a township's own produce is likelier than what grows anywhere."""
    return rng.choices(rows, [1 if "*" in row.townships else 3 for row in rows])[0]


def _from_template(station: NodeRow, row: TemplateRow, rng: Random) -> ProductRow:
    place = station.name.removesuffix("驿站")
    township = station.township.removesuffix("街道").removesuffix("镇").removesuffix("乡")
    words = {"{station}": place, "{township}": township}
    product, story = row.product, row.story
    for mark, word in words.items():
        product, story = product.replace(mark, word), story.replace(mark, word)
    # Whole half-yuan prices, as villages write them.
    price = max(50, round(row.price_fen * (100 + rng.randint(-row.spread_pct, row.spread_pct)) / 5000) * 50)
    return ProductRow(
        station.township, station.name, product, row.category, row.spec, row.net_g, row.gross_g,
        row.ml, row.box_milli, price, row.months, row.storage, row.shelf_days, story,
    )  # fmt: skip
