"""The shapes of a county profile's files: one frozen row type per CSV file of `data/counties/<code>/`.

Money is integer fen, weight integer grams, volume integer ml.
A time of day is minutes after midnight of the service day and may pass 1,440; a stop's times are minutes after its trip starts.
A field with a default is a column a file may leave out.
What each column means to someone who writes a county: `data/README.md`.
"""

from datetime import date
from typing import NamedTuple

from supply.products.models import Storage
from supply.stations.models import NodeKind

from .profile_kinds import MONTHS, TRADING, Basis, LineKind
from .profile_rules import CountyProfile
from .service_days import Days, Market, YearSpan


class TownshipRow(NamedTuple):
    code: str
    name: str
    population: int
    lat: float
    lon: float


class ServiceRow(NamedTuple):
    """One 便民服务 of the county's registry; a fee of 0 is a free service, for which the county may pay its master."""

    code: str
    name: str
    fee_fen: int
    unit: str
    about: str
    county_fee_fen: int = 0


class NodeRow(NamedTuple):
    """`township` is where it lies (name); `served_by` the node that serves it (code), None for hubs and what the hub serves itself."""

    code: str
    name: str
    kind: NodeKind
    township: str
    served_by: str | None
    lat: float
    lon: float
    signature: str
    master: str
    opens: int
    closes: int
    flagship: bool
    services: tuple[str, ...]
    story: str

    @property
    def trades(self) -> bool:
        return self.kind in TRADING


class LineRow(NamedTuple):
    """`published` is False for feeders a county needs but does not announce; `max_wind` (Beaufort) cancels above it.

    `fee_fen` is paid per parcel and boarding; loading closes `close_min` before a stop's departure. `min_visibility_m` cancels
    below it, `area` is what weather reports call its waters. Goods ride only on runs that lie whole within one of
    `goods_windows` (minutes of the service day, from–until); without any they ride on every run.
    """

    code: str
    number: str
    name: str
    kind: LineKind
    mode: str
    color: int
    fee_fen: int
    close_min: int
    max_wind: int | None
    operator: str
    published: bool
    min_visibility_m: int | None = None
    area: str = ""
    goods_windows: tuple[tuple[int, int], ...] = ()


class BayRow(NamedTuple):
    """One place for goods in a vehicle, loaded and emptied from one end; `boxes` is how many standard boxes it takes in a row."""

    name: str
    boxes: int
    cold: bool


class VehicleRow(NamedTuple):
    """`has_bay` is False for a bus that carries no goods (then every cap is 0 and `tiers` empty); `boxes` None is not counted.

    `bays` are its separate places for goods, from the door inwards; without any it is one, and one more where it keeps cold.
    """

    code: str
    name: str
    kind: str
    energy: str
    seats: int
    has_bay: bool
    cap_g: int
    cap_ml: int
    boxes: int | None
    chilled_ml: int | None
    tiers: tuple[Storage, ...]
    bays: tuple[BayRow, ...] = ()


class PatternRow(NamedTuple):
    code: str
    line: str
    direction: str
    name: str


class StopRow(NamedTuple):
    """`on_request`: called at only when somebody or something boards or alights there."""

    pattern: str
    seq: int
    node: str
    arr_min: int
    dep_min: int
    on_request: bool = False


class CalendarRow(NamedTuple):
    """The days something runs: weekdays within `starts`..`ends`, `months` and yearly `seasons`, on market days (`market`) or every
    so many days from `starts` on where it says so, less `without`, plus `also`."""

    code: str
    name: str
    weekdays: tuple[bool, ...]
    months: tuple[int, ...]
    starts: date
    ends: date
    without: tuple[date, ...]
    also: tuple[date, ...]
    seasons: tuple[YearSpan, ...] = ()
    market: Market | None = None
    every_days: int | None = None

    @property
    def days(self) -> Days:
        return Days(self.weekdays, self.months, self.starts, self.ends, self.seasons, self.market, self.every_days)

    def runs_on(self, day: date) -> bool:
        if day in self.also:
            return True
        return day not in self.without and self.days.in_season(day) and self.days.in_rhythm(day)

    @property
    def every_day(self) -> bool:
        """Whether a road may depend on it: no season and no market or rhythm of days bounds it."""
        return self.months == MONTHS and not self.seasons and self.market is None and self.every_days is None


class TripRow(NamedTuple):
    """One run of a pattern; `passenger_pct` of the bay is kept for passengers' luggage, goods get the rest."""

    code: str
    pattern: str
    calendar: str
    departs: int
    vehicle: str
    block: str
    passenger_pct: int


class TrunkRow(NamedTuple):
    code: str
    carrier: str
    name: str
    mode: str
    hub: str
    calendar: str
    cutoff: int
    departs: int
    cap_g: int
    tiers: tuple[Storage, ...]
    max_wind: int | None
    min_visibility_m: int | None = None
    area: str = ""


class TrunkZoneRow(NamedTuple):
    """What one trunk charges per parcel to one zone, and its hours from departure to the door."""

    trunk: str
    zone: str
    base_fen: int
    per_kg_fen: int
    hours: int


class ZoneRow(NamedTuple):
    code: str
    name: str
    in_county: bool


class PlaceRow(NamedTuple):
    """An address belongs to the zone of its most exact row: district, then city, then province; empty matches any."""

    province: str
    city: str
    district: str
    zone: str


class FreightRow(NamedTuple):
    """The buyer's tariff: one base per order, zone and tier, plus an amount per started kg of gross weight."""

    zone: str
    tier: Storage
    base_fen: int
    per_kg_fen: int


class SharedLaneRow(NamedTuple):
    """A lane of the province that a trunk of this county feeds; `cap_g` is what it carries in a day, of all counties together."""

    lane: str
    trunk: str
    cap_g: int


class ContractZoneRow(NamedTuple):
    """B2: the nodes one firm serves, paid per piece, from `starts` until `ends` inclusive; None: since ever, for good."""

    code: str
    name: str
    operator: str
    per_piece_fen: int
    nodes: tuple[str, ...]
    starts: date | None = None
    ends: date | None = None


class ContractRow(NamedTuple):
    """What a firm is paid for carrying, from `starts` until `ends` inclusive: for a line, one stretch of it, a node, the doors a node
    serves, or all its lines of a kind. `tiers` are (from which unit of the month on, price); amounts in fen, a share in basis points.
    """

    code: str
    firm: str
    line: str | None
    from_node: str | None
    to_node: str | None
    node: str | None
    kind: LineKind | None
    basis: Basis
    price: int
    starts: date
    tiers: tuple[tuple[int, int], ...] = ()
    minimum_fen: int | None = None
    cap_fen: int | None = None
    ends: date | None = None
    before_fen: int | None = None

    @property
    def cover(self) -> tuple[str | None, ...]:
        """What it pays for."""
        return self.line, self.from_node, self.to_node, self.node, self.kind


class AreaRow(NamedTuple):
    """Addresses in the county that name this village of this town, or the town alone, are served by `node`."""

    town: str
    village: str
    node: str


class DoorRow(NamedTuple):
    """Who takes parcels from a node to the doors it serves: rounds from `first` to `last` every so many minutes.

    `every_min` 0 is called for each parcel; `minutes` is the longest way to a door.
    """

    node: str
    kind: LineKind
    first: int
    last: int
    every_min: int
    minutes: int


class ProductRow(NamedTuple):
    """One variant as named by the county; rows of the same station and product are variants of one product."""

    township: str
    station: str
    product: str
    category: str
    spec: str
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    price_fen: int
    months: tuple[int, ...]
    storage: Storage
    shelf_days: int
    story: str


class TemplateRow(NamedTuple):
    """What stations without products of their own may sell; `{station}` and `{township}` in `product` become place names."""

    townships: tuple[str, ...]
    product: str
    category: str
    spec: str
    net_g: int
    gross_g: int
    ml: int
    box_milli: int
    price_fen: int
    spread_pct: int
    months: tuple[int, ...]
    storage: Storage
    shelf_days: int
    story: str


class Profile(NamedTuple):
    """A whole county as read; every reference in it has been checked."""

    county: CountyProfile
    townships: tuple[TownshipRow, ...]
    services: tuple[ServiceRow, ...]
    nodes: tuple[NodeRow, ...]
    lines: tuple[LineRow, ...]
    vehicles: tuple[VehicleRow, ...]
    patterns: tuple[PatternRow, ...]
    stops: tuple[StopRow, ...]
    calendars: tuple[CalendarRow, ...]
    trips: tuple[TripRow, ...]
    trunks: tuple[TrunkRow, ...]
    trunk_zones: tuple[TrunkZoneRow, ...]
    shared_lanes: tuple[SharedLaneRow, ...]
    zones: tuple[ZoneRow, ...]
    places: tuple[PlaceRow, ...]
    freight: tuple[FreightRow, ...]
    contract_zones: tuple[ContractZoneRow, ...]
    contracts: tuple[ContractRow, ...]
    areas: tuple[AreaRow, ...]
    doors: tuple[DoorRow, ...]
    products: tuple[ProductRow, ...]
    templates: tuple[TemplateRow, ...]

    @property
    def stations(self) -> tuple[NodeRow, ...]:
        """Nodes that trade, in file order."""
        return tuple(node for node in self.nodes if node.trades)
