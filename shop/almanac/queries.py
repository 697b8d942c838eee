"""What ripens when, by kind of produce."""

from typing import NamedTuple

from sqlmodel import Session

from shop.catalogue.offers import Card
from shop.catalogue.queries import first_cards
from supply.pictures.plates import crop_of

MOST_IN_GROUP = 12


class Crop(NamedTuple):
    name: str
    place: str
    months: list[int]
    code: str
    in_stock: bool


class Group(NamedTuple):
    """One category; `all_year` names what needs no calendar."""

    category: str
    crops: list[Crop]
    all_year: list[Crop]


def by_category(session: Session, *, tenant_id: int) -> list[Group]:
    """Seasonal crops by category, each crop once, the earliest in the year first."""
    groups: dict[str, dict[str, Card]] = {}
    for card in first_cards(session, tenant_id=tenant_id, most=2_000):
        groups.setdefault(card.category, {}).setdefault(crop_of(card.category, card.name), card)
    found = []
    for category, cards in groups.items():
        crops = [Crop(c.name, "", c.months, c.code, c.in_stock) for c in cards.values()]
        seasonal = sorted((c for c in crops if 0 < len(set(c.months)) < 12), key=lambda c: (c.months[0], c.name))
        found.append(Group(category, seasonal[:MOST_IN_GROUP], [c for c in crops if len(set(c.months)) in (0, 12)][:MOST_IN_GROUP]))
    return sorted(found, key=lambda g: -len(g.crops))
