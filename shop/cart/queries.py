"""What lies in a basket, with today's price, stock and promise."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, Table, bindparam, func, select
from sqlmodel import Session

from core.permissions import Actor
from fulfillment.promise.service import Asked, Promise, Size, promises
from shop.catalogue.promised import default_zone
from shop.checkout.items import Item, PricedLine, Unsold, each_priced
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.products.models import Variant

from .models import Cart, CartLine

_cart: Table = Cart.__table__  # type: ignore[attr-defined]
_line: Table = CartLine.__table__  # type: ignore[attr-defined]
_variant: Table = Variant.__table__  # type: ignore[attr-defined]
OWNERS = ("user_id", "sign_in_id")  # a member's basket, else a session's


def _each_owner(asked: Select[Any]) -> dict[str, Select[Any]]:
    """A question about a basket, by who may own it."""
    return {owner: asked.where(_cart.c[owner] == bindparam("owner")) for owner in OWNERS}


_ID = _each_owner(select(_cart.c.id))
_ITEMS = _each_owner(
    select(_variant.c.sku, _line.c.quantity, _line.c.link_code)
    .join_from(_cart, _line, _line.c.cart_id == _cart.c.id)
    .join(_variant, _variant.c.id == _line.c.variant_id)
    .where(_line.c.tenant_id == bindparam("tenant"))
    .order_by(_line.c.id)
)
_COUNT = _each_owner(select(func.coalesce(func.sum(_line.c.quantity), 0)).join_from(_cart, _line, _line.c.cart_id == _cart.c.id))


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


def owner_of(actor: Actor) -> tuple[str, int] | None:
    """Who owns the caller's basket, as a column of `Cart` and its value; None for a guest without a session."""
    return next(((name, value) for name in OWNERS if (value := getattr(actor, name)) is not None), None)


def cart_id_of(session: Session, actor: Actor) -> int | None:
    """The caller's basket: the member's, else the session's."""
    if (owner := owner_of(actor)) is None:
        return None
    return session.connection().execute(_ID[owner[0]], {"owner": owner[1]}).scalar_one_or_none()


def items_of(session: Session, actor: Actor) -> list[Item]:
    """What is in the caller's basket, in the order it was put in."""
    if (owner := owner_of(actor)) is None:
        return []
    return [Item(*row) for row in session.connection().execute(_ITEMS[owner[0]], {"owner": owner[1], "tenant": actor.tenant_id})]


def count_of(connection: Connection, actor: Actor) -> int:
    """Units in the caller's basket, for the masthead."""
    if (owner := owner_of(actor)) is None:
        return 0
    return int(connection.execute(_COUNT[owner[0]], {"owner": owner[1]}).scalar_one())


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
    size = Size(line.gross_g * line.qty, line.ml * line.qty, line.box_milli * line.qty)
    return Asked(line.station_id, line.tier, zone, size, line.shelf_days)
