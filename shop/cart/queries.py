"""What lies in a basket, with today's price, stock and promise."""

from dataclasses import dataclass, field

from sqlmodel import Session, col, func, select

from core.permissions import Actor
from fulfillment.promise.service import Asked, Promise, Size, promises
from shop.catalogue.promised import default_zone
from shop.checkout.items import Item, PricedLine, Unsold, each_priced
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.products.models import Variant

from .models import Cart, CartLine


@dataclass(slots=True)
class StationGroup:
    """One station's lines; `arrives` is the latest of its promises to the default destination, None where no road exists."""

    code: str
    name: str
    lines: list[PricedLine | Unsold] = field(default_factory=list)
    promise: Promise | None = None

    @property
    def goods_fen(self) -> int:
        return sum(line.goods_fen for line in self.lines if isinstance(line, PricedLine))


@dataclass(slots=True)
class Basket:
    groups: list[StationGroup]

    @property
    def lines(self) -> list[PricedLine | Unsold]:
        return [line for group in self.groups for line in group.lines]

    @property
    def goods_fen(self) -> int:
        return sum(group.goods_fen for group in self.groups)

    @property
    def is_buyable(self) -> bool:
        return bool(self.groups) and all(isinstance(line, PricedLine) for line in self.lines)


def cart_id_of(session: Session, actor: Actor) -> int | None:
    """The caller's basket: the member's, else the session's."""
    if actor.user_id is not None:
        return session.exec(select(Cart.id).where(Cart.user_id == actor.user_id)).first()
    if actor.sign_in_id is not None:
        return session.exec(select(Cart.id).where(Cart.sign_in_id == actor.sign_in_id)).first()
    return None


def items_of(session: Session, actor: Actor) -> list[Item]:
    """What is in the caller's basket, in the order it was put in."""
    cart_id = cart_id_of(session, actor)
    if cart_id is None:
        return []
    rows = session.execute(
        select(Variant.sku, CartLine.quantity, CartLine.link_code)
        .join(Variant, col(Variant.id) == col(CartLine.variant_id))
        .where(CartLine.cart_id == cart_id, CartLine.tenant_id == actor.tenant_id)
        .order_by(col(CartLine.id))
    ).all()
    return [Item(sku, quantity, link) for sku, quantity, link in rows]


def count_of(session: Session, actor: Actor) -> int:
    """Units in the caller's basket, for the masthead."""
    cart_id = cart_id_of(session, actor)
    if cart_id is None:
        return 0
    return int(session.exec(select(func.coalesce(func.sum(CartLine.quantity), 0)).where(CartLine.cart_id == cart_id)).one())


def basket(session: Session, county: County, actor: Actor) -> Basket:
    """The caller's basket as it would be bought now."""
    live_rides_as = str(policy_of(county).storage.live_rides_as)
    groups: dict[str, StationGroup] = {}
    for line in each_priced(session, items_of(session, actor), tenant_id=county.id, live_rides_as=live_rides_as):
        groups.setdefault(line.station_code, StationGroup(line.station_code, line.station_name)).lines.append(line)
    _promise(session, county, list(groups.values()))
    return Basket(list(groups.values()))


def _promise(session: Session, county: County, groups: list[StationGroup]) -> None:
    zone = default_zone(session, county)
    if zone is None:
        return
    asked = {group.code: [_asked(line, zone) for line in group.lines if isinstance(line, PricedLine)] for group in groups}
    found = promises(session, county, [question for questions in asked.values() for question in questions])
    for group in groups:
        told = [found[question] for question in asked[group.code]]
        if told and all(told):
            group.promise = max((p for p in told if p), key=lambda p: p.deliver_by)


def _asked(line: PricedLine, zone: str) -> Asked:
    return Asked(line.station_id, line.tier, zone, Size(line.gross_g * line.qty, line.ml * line.qty, line.box_milli * line.qty))
