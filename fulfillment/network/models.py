"""The county's carriage as data: lines, vehicles, timetable, trunks, zones and the buyer's freight tariff.

Times are minutes after the service day's midnight in Shanghai and may pass 1,440. A trip with a calendar becomes a
Departure per service day (fulfillment.timetable).
"""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel, UniqueConstraint

from core.tables import at_least, json_column, one_of
from supply.counties.profile_kinds import LineKind


class Line(SQLModel, table=True):
    __table_args__ = (one_of("kind", LineKind),)

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)  # `nh-l12`
    number: str  # what stands on the plate: 12 路
    name: str
    kind: str
    mode: str  # road, sea, …
    ink: int = 1  # colour index of the number plate
    position: int = 0
    fee_fen: int = 0  # per parcel and boarding
    close_min: int = 0  # loading closes this long before a stop's departure
    max_wind: int | None = None  # Beaufort; above it the line does not run
    min_visibility_m: int | None = None  # below it the line does not run
    area: str = ""  # the waters or stretch a weather report names; empty: only reports for the whole county bind it
    goods_windows: list[list[int]] = json_column(default_factory=list)
    """Minutes of the service day, from–until, in which goods ride; empty: on every run."""
    operator: str = ""
    published: bool = True  # False: a feeder the county needs but does not announce


class Vehicle(SQLModel, table=True):
    __table_args__ = (UniqueConstraint("tenant_id", "code"), *(at_least(c) for c in ("bay_g", "bay_ml")))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    plate: str = ""
    kind: str
    seats: int = 0
    energy: str = ""
    bay_g: int = 0  # the whole bay; 0 = carries no goods
    bay_ml: int = 0
    boxes: int | None = None  # None: not counted
    chilled_ml: int | None = None  # None: as bay_ml where the tier is carried
    tiers: list[str] = json_column(default_factory=list)
    bays: list[list[Any]] = json_column(default_factory=list)  # [name, boxes, cold] from the door inwards; empty: one bay


class ServiceCalendar(SQLModel, table=True):
    __tablename__ = "service_calendar"
    __table_args__ = (UniqueConstraint("tenant_id", "code"), CheckConstraint("weekdays BETWEEN 0 AND 127", name="weekdays_mask"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    weekdays: int  # bit 0 = Monday
    months: list[int] = json_column(default_factory=lambda: list(range(1, 13)))
    starts_on: date
    ends_on: date
    added: list[str] = json_column(default_factory=list)  # ISO dates
    removed: list[str] = json_column(default_factory=list)
    seasons: list[list[int]] = json_column(default_factory=list)  # [month, day, month, day] every year; empty: no season binds it
    market: list[int] = json_column(default_factory=list)  # [1 lunar | 0 solar, digits…] of market days; empty: none
    every_days: int | None = None  # counted from starts_on


class Trip(SQLModel, table=True):
    """One run of a line as the timetable prints it, on every day of its calendar.

    Its stops and times never change while a departure stands on it: a new timetable ends the row and begins another.
    """

    __table_args__ = (UniqueConstraint("tenant_id", "code"), CheckConstraint("passenger_pct BETWEEN 0 AND 100", name="passenger_pct_share"))

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int
    code: str
    line_id: int = Field(foreign_key="line.id", index=True)
    calendar_id: int = Field(foreign_key="service_calendar.id")
    vehicle_id: int | None = Field(default=None, foreign_key="vehicle.id")
    direction: str  # in (towards the hub) | out
    block: str = ""  # runs of one vehicle: a delay follows it
    passenger_pct: int = 0  # of the bay, kept for passengers' luggage; goods get the rest
    runs_from: date | None = None  # first service day of this row, where it took over from another
    runs_until: date | None = None  # last one, where another took over or the run was withdrawn; kept for what rode it


class StopTime(SQLModel, table=True):
    __tablename__ = "stop_time"
    __table_args__ = (CheckConstraint("dep_min >= arr_min", name="leaves_after_arriving"),)

    trip_id: int = Field(primary_key=True, foreign_key="trip.id")
    position: int = Field(primary_key=True)
    tenant_id: int
    node_id: int = Field(foreign_key="node.id", index=True)
    arr_min: int
    dep_min: int
    on_request: bool = False


class Transfer(SQLModel, table=True):
    """How people change between two stops, lines or runs, as GTFS's transfers.txt says it; names are codes, "" is any.

    Of goods it binds what fulfillment.network.changing says; the rest is kept for whoever reads the timetable next. Runs are
    named, not referred to: the row stays when a new timetable takes over from a run under its name.
    """

    __table_args__ = (CheckConstraint("kind BETWEEN 0 AND 5", name="kind_known"), at_least("min_s"))

    tenant_id: int = Field(primary_key=True)
    from_node: str = Field(default="", primary_key=True)
    to_node: str = Field(default="", primary_key=True)
    from_line: str = Field(default="", primary_key=True)
    to_line: str = Field(default="", primary_key=True)
    from_trip: str = Field(default="", primary_key=True)
    to_trip: str = Field(default="", primary_key=True)
    kind: int = 0  # GTFS's transfer_type: 0 as usual, 1 waits, 2 needs min_s, 3 not possible, 4 stays seated, 5 must get off
    min_s: int | None = None


class Trunk(SQLModel, table=True):
    """An outbound lane from a hub: carrier, mode, calendar, cut-off and capacity per day."""

    id: int | None = Field(default=None, primary_key=True)
    tenant_id: int = Field(index=True)
    code: str = Field(unique=True)
    carrier: str
    name: str
    mode: str
    hub_id: int = Field(foreign_key="node.id")
    calendar_id: int = Field(foreign_key="service_calendar.id")
    cutoff_min: int
    dep_min: int
    cap_g: int  # per day
    max_wind: int | None = None
    min_visibility_m: int | None = None
    area: str = ""
    tiers: list[str] = json_column(default_factory=list)
    lane: str = ""  # the province's lane it feeds, as other counties' trunks do; empty: its own alone
    lane_cap_g: int = 0  # what that lane carries in a day, of all counties together


class TrunkZone(SQLModel, table=True):
    __tablename__ = "trunk_zone"

    trunk_id: int = Field(primary_key=True, foreign_key="trunk.id")
    zone: str = Field(primary_key=True)
    tenant_id: int
    base_fen: int
    per_kg_fen: int
    hours: int


class Zone(SQLModel, table=True):
    """A destination zone of trunks and tariffs."""

    tenant_id: int = Field(primary_key=True)
    code: str = Field(primary_key=True)
    name: str
    in_county: bool = False


class Place(SQLModel, table=True):
    """Which zone an address lies in: the most exact row decides (district, then city, then province; empty matches any)."""

    tenant_id: int = Field(primary_key=True)
    province: str = Field(primary_key=True)
    city: str = Field(default="", primary_key=True)
    district: str = Field(default="", primary_key=True)
    zone: str


class FreightTariff(SQLModel, table=True):
    """What the buyer pays: one base per order, zone and tier plus an amount per started kg of gross weight."""

    __tablename__ = "freight_tariff"

    tenant_id: int = Field(primary_key=True)
    zone: str = Field(primary_key=True)
    tier: str = Field(primary_key=True)
    base_fen: int
    per_kg_fen: int


class ServedArea(SQLModel, table=True):
    """Which node serves an address in the county that names this village of this town; an empty village is the whole town."""

    __tablename__ = "served_area"

    tenant_id: int = Field(primary_key=True)
    town: str = Field(primary_key=True)
    village: str = Field(default="", primary_key=True)
    node_id: int = Field(foreign_key="node.id")


class DoorRound(SQLModel, table=True):
    """Who takes parcels from a node to the doors it serves, as `supply.counties.profile_rows.DoorRow` says it."""

    __tablename__ = "door_round"
    __table_args__ = (one_of("kind", LineKind), at_least("minutes", 1), at_least("every_min"))

    node_id: int = Field(primary_key=True, foreign_key="node.id")
    tenant_id: int = Field(index=True)
    kind: str
    first_min: int
    last_min: int
    every_min: int
    minutes: int
