"""The county's rules of movement as code needs them."""

from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import HubRules

PACKING_MIN = 15  # from an order to a parcel that may be handed over, while the station is open


def hub_rules(county: County) -> HubRules:
    """Transfer and sorting minutes, the model's fees, the most hand-overs of a road."""
    return policy_of(county).hub
