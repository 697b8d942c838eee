"""The shape of `county.toml`: who a county is and by which rules it moves and trades.

Money is integer fen, shares are basis points (bp, 1/10,000).
"""

from datetime import date
from typing import NamedTuple

from supply.products.models import Storage

from .profile_subsidies import SubsidyRule


class HubRules(NamedTuple):
    """What the promise and the planner need besides the timetable; minutes, fen (reals in the planner), legs."""

    transfer_min: int
    hub_sort_min: int
    handover_fee_fen: int
    late_fen_per_day: int
    hold_fen_per_h: int
    unserved_fen: int
    max_handovers: int
    wave_lead_min: int | None = None  # a wave is planned by itself so long before its cut-off; 0: only when asked; None: 180
    wave_again_parcels: int | None = None  # and again when so many new parcels wait for it; None: 20


class FreightRules(NamedTuple):
    payer: str
    started_g: int


class BoxRules(NamedTuple):
    pieces: int
    ml: int
    g: int


class RunRules(NamedTuple):
    """What it costs to run a vehicle for goods, on paper as on the road: per start, per minute on the road, per box of bay on a run.

    One called out the same day costs `call_out_fen` more and is there `ready_min` later at the soonest. `kinds` are the lines run for
    this county's goods alone: one of their runs fewer saves what it costs; a bus, and a mail road too, goes anyway.
    """

    per_run_fen: int
    per_min_fen: int
    per_box_fen: int
    call_out_fen: int
    ready_min: int
    kinds: tuple[str, ...]


class StorageRules(NamedTuple):
    live_rides_as: Storage


class ShareRule(NamedTuple):
    """How a line's goods are split from `starts` on; a link's own commission comes off before the grower's part.

    `consignment_bp` is the grower's part of goods sold 代销; `packing_fen` is paid per parcel, `inbound_fen` per parcel handed over.
    `on_behalf_bp` comes off the platform's part, to the station that orders for a villager.
    """

    version: str
    starts: date
    consignment_bp: int
    master_sale_bp: int
    platform_bp: int
    packing_fen: int
    inbound_fen: int
    on_behalf_bp: int | None = None  # None: nothing


class ClaimTier(NamedTuple):
    """From `damaged_pct` of the goods on, `refund_pct` of the line is refunded."""

    damaged_pct: int
    refund_pct: int


class ClaimRule(NamedTuple):
    """For one category (`*` for all others): hours after delivery, photos asked for, ladder, who bears it, most of one claim."""

    category: str
    window_h: int
    photos: int
    bearer: str
    tiers: tuple[ClaimTier, ...]
    cap_fen: int | None = None  # None: all that the goods cost


class ClaimDeskRules(NamedTuple):
    """Of one order's claims so much is approved by the rule alone; above `second_fen` a second person approves a claim.

    Without a claim a station's master gives back `master_fen` of one order alone, the office `second_fen`.
    """

    auto_fen: int
    second_fen: int
    master_fen: int = 5_000


class GrowerRules(NamedTuple):
    """How `populate` invents growers: per station between `per_station_min` and `_max`, names from the lists."""

    per_station_min: int
    per_station_max: int
    no_phone_pct: int
    purchase_pct: int
    purchase_bp: int
    coop_pct: int
    surnames: tuple[str, ...]
    given_names: tuple[str, ...]


class DemoRules(NamedTuple):
    """The demo's size: history days and orders, lots per variant, and the stock of a new variant (pieces)."""

    seed: int
    days: int
    orders_per_day: int
    stock_min: int
    stock_max: int
    products_min: int
    products_max: int


class PickupRules(NamedTuple):
    """How many days a station keeps what nobody fetches: then its receiver is reminded and the master may send it back."""

    kept_days: int
    remind_days: int | None = None  # None: reminded on the last of the kept days
    return_days: int | None = None  # after so many it goes back by itself; None: only by the master's word


class SettlementRules(NamedTuple):
    """The least that is worth a transfer: who has less to come is paid with the next run.

    `share_within_days`: so long after it was paid an order's money may be shared out by the payment provider. `share_out`: it is, where
    the provider can, and of one payment at most `share_limit_bp`.
    """

    min_payout_fen: int
    share_within_days: int | None = None  # None: there is no such limit, or 180 where it is shared out
    share_out: bool | None = None  # None: no
    share_limit_bp: int | None = None  # None: 3,000, what Alipay allows unless it agreed on more

    @property
    def share_days(self) -> int | None:
        return self.share_within_days or (180 if self.share_out else None)

    @property
    def limit_bp(self) -> int:
        return self.share_limit_bp or 3_000


class GradeRule(NamedTuple):
    """How much a kilogram of a grade counts beside the others when a co-op's money is split among its members."""

    grade: str
    weight: int


class Destination(NamedTuple):
    province: str
    city: str
    district: str


class Words(NamedTuple):
    """What a county's pages say of it; what its file leaves out is reckoned from its lines and goods (`words_of`)."""

    motto: str | None  # under the brand
    searches: tuple[str, ...] | None  # what somebody might look for
    carrier: str | None  # what takes people and goods: bus, ferry


class PublishedCounts(NamedTuple):
    """The county's own figures; `validate_profile` holds the files to them. None is not published."""

    hubs: int | None
    township_stations: int | None
    village_stations: int | None
    lines: int | None
    buses_with_bays: int | None


class CountyProfile(NamedTuple):
    """`county.toml`: who the county is and by which rules it trades."""

    code: str
    prefix: str
    name: str
    full_name: str
    region: str
    brand: str
    tagline: str
    story: str
    home: Destination
    default_destination: Destination
    published: PublishedCounts
    hub: HubRules
    freight: FreightRules
    boxes: BoxRules
    storage: StorageRules
    shares: tuple[ShareRule, ...]
    claims: tuple[ClaimRule, ...]
    growers: GrowerRules
    demo: DemoRules
    words: Words | None = None
    runs: RunRules | None = None  # None: the rule that fulfillment.network.rules states
    pickup: PickupRules | None = None  # None: what fulfillment.pickup states
    claim_desk: ClaimDeskRules | None = None  # None: what shop.claims.rules states
    settlement: SettlementRules | None = None  # None: what fulfillment.settlement states
    subsidies: tuple[SubsidyRule, ...] | None = None
    grades: tuple[GradeRule, ...] | None = None  # None: every grade counts alike

    def claim_rule(self, category: str) -> ClaimRule:
        """The rule of a category, else the county's `*` rule (the reader makes sure there is one)."""
        by_category = {rule.category: rule for rule in self.claims}
        return by_category.get(category) or by_category["*"]
