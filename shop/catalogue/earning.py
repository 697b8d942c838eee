"""Who earns what of one unit sold: the same split that an order freezes, said before buying."""

from typing import NamedTuple

from sqlmodel import Session

from core import i18n
from core.quantity import fen_per_jin
from shop.checkout.items import PricedLine
from shop.checkout.shares import rules_now, shares_of
from supply.growers.models import Grower

from .offers import Card, Offer

_ = i18n.gettext
WHO = i18n.marked({"grower": "农户", "master": "站长", "platform": "集市"})


class Part(NamedTuple):
    """One share: who, how much of a unit in fen, per 斤 where goods are sold by weight."""

    role: str
    who: str
    fen: int
    per_jin_fen: int | None
    percent: int


def parts_of(session: Session, card: Card, offer: Offer, grower: Grower) -> list[Part]:
    """The goods' shares of one unit at its list price; freight goes to transport and is not among them. Two queries."""
    line = PricedLine(
        sku=offer.sku, qty=1, variant_id=offer.variant_id, product_code=card.code, name=card.name, spec=offer.spec, picture=card.picture,
        category=card.category, station_id=card.station_id, station_code=card.station_code, station_name=card.station_name,
        grower_id=grower.id or 0, grower_code=grower.code, level_id=0, channel_id=0, tier=card.storage, price_fen=offer.price_fen,
        net_g=offer.net_g, gross_g=offer.gross_g, ml=offer.ml, box_milli=offer.box_milli, shelf_days=card.shelf_days,
        left=offer.available,
    )  # fmt: skip
    rules = rules_now(session, [line.grower_id], tenant_id=grower.tenant_id)
    shares = shares_of(line, rules, freight_fen=0, pays_seller=False)
    by_weight = offer.per_jin_fen is not None
    return [
        Part(
            share.role, _(WHO[share.role]), share.amount_fen, fen_per_jin(share.amount_fen, offer.net_g) if by_weight else None,
            round(100 * share.amount_fen / offer.price_fen),
        )
        for share in shares
        if share.role in WHO
    ]  # fmt: skip
