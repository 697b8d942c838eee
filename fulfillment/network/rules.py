"""The county's rules of movement as code needs them."""

from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_kinds import LineKind
from supply.counties.profile_rules import HubRules, RunRules

PACKING_MIN = 15  # from an order to a parcel that may be handed over, while the station is open
RUNS = RunRules(
    per_run_fen=3_000, per_min_fen=120, per_box_fen=100, call_out_fen=3_000, ready_min=30,
    kinds=(LineKind.COURIER.value, LineKind.FREIGHT.value, LineKind.DRONE.value),
)  # fmt: skip
# of a county that says nothing: ¥30 a start, ¥1.20 a minute, ¥1 a box and run, ¥30 more and half an hour for one called out


def hub_rules(county: County) -> HubRules:
    """Transfer and sorting minutes, the model's fees, the most hand-overs of a road."""
    return policy_of(county).hub


def run_rules(county: County) -> RunRules:
    """What it costs to run a vehicle for goods."""
    return policy_of(county).runs or RUNS


def run_fen(minutes: float, rules: RunRules) -> float:
    """What one run of so many minutes from its first stop to its last costs, for its bay as it is."""
    return rules.per_run_fen + rules.per_min_fen * minutes
