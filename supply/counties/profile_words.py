"""The words of a county that its file may leave out: what carries its goods, and what a visitor might look for."""

from collections import Counter

from .profile_rows import Profile
from .profile_rules import Words

CARRIERS = {"bus": ("bus", "coach", "loop"), "ferry": ("ferry",)}
"""What pages can speak of, and the kinds of lines that are it."""


def words_of(profile: Profile) -> Words:
    """The county's words, whole."""
    told = profile.county.words or Words(None, None, None)
    return Words(told.motto, told.searches or _searches(profile), told.carrier or _carrier(profile))


def _carrier(profile: Profile) -> str:
    """What most of the announced lines are; a bus where they are neither."""
    kinds = Counter(str(line.kind) for line in profile.lines if line.published)
    return max(CARRIERS, key=lambda carrier: sum(kinds[kind] for kind in CARRIERS[carrier]))


def _searches(profile: Profile) -> tuple[str, ...]:
    """Two goods of different categories, then a place, as people type them."""
    first_of: dict[str, str] = {}
    for row in profile.products:
        first_of.setdefault(row.category, row.product.removeprefix(_short(row.station)))
    shops = sorted(profile.stations, key=lambda node: not node.flagship)
    return (*list(first_of.values())[:2], *(_short(node.name) for node in shops[:1]))


def _short(station: str) -> str:
    return station.removesuffix("驿站").removesuffix("服务站")
