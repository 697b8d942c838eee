"""What happens to listings: made as drafts, priced, published, withdrawn. Buyers, cached pages and search see it at once.

Every act leaves an audit row; every act that buyers can see raises the product's version and tells search. A listing
with dates tells search again at the beginning of its first day and after its last.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, col, delete, select

from core import audit, clock, i18n
from core.codes import new_code
from core.errors import Conflict, NotFound, Refused
from core.outbox import emit
from core.permissions import Actor
from core.status import StatusMoved, began, move
from shop.channels.models import Channel, ChannelKind
from supply.products.models import Product, Variant
from supply.products.service import note_change
from supply.stations.models import Station

from .models import LISTING, Listing, ListingPrice, ListingStatus

_ = i18n.gettext
CHEAPEST, DEAREST = 1, 100_000_000  # fen; the table's own check says the same


class ListingUnknown(NotFound):
    code = "listing_unknown"


class ListedAlready(Conflict):
    """The channel has this product; its listing is the one to change."""

    code = "listed_already"


def channel_of(session: Session, station: Station) -> Channel:
    """The station's own channel, opened when it has none yet."""
    found = session.exec(select(Channel).where(Channel.station_id == station.node_id)).first()
    if found is None:
        found = Channel(
            tenant_id=station.tenant_id, code=station.code, kind=ChannelKind.STATION, name=station.name, station_id=station.node_id,
            opened_at=clock.now(),
        )  # fmt: skip
        session.add(found)
        session.flush()
    return found


def create_listing(
    session: Session, product: Product, channel: Channel, *, prices: Mapping[int, int], actor: Actor,
    starts_on: date | None = None, ends_on: date | None = None,
) -> Listing:  # fmt: skip
    """A draft: `prices` in fen by variant id, one at least. Raises ListedAlready, Refused."""
    known = session.exec(select(Listing.id).where(Listing.channel_id == channel.id, Listing.product_id == product.id)).first()
    if known is not None:
        raise ListedAlready(_("{name}已经在这个频道里了，去改它的价").format(name=product.name))
    _check_dates(starts_on, ends_on)
    listing = Listing(
        tenant_id=product.tenant_id, code=new_code("G"), channel_id=channel.id or 0, product_id=product.id or 0, starts_on=starts_on,
        ends_on=ends_on,
    )  # fmt: skip
    session.add(listing)
    session.flush()
    _write_prices(session, listing, prices)
    began(session, LISTING, listing.status, tenant_id=listing.tenant_id, subject=listing.code, by=actor.key)
    _audit(session, "listing.created", listing, actor, prices={str(k): v for k, v in prices.items()})
    return listing


def set_terms(
    session: Session,
    listing: Listing,
    *,
    prices: Mapping[int, int],
    actor: Actor,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> Listing:
    """Price anew, and set the days it sells (none: always). Orders placed before keep their price. Raises Refused."""
    _check_dates(starts_on, ends_on)
    before = {str(p.variant_id): p.price_fen for p in prices_of(session, listing)}
    _write_prices(session, listing, prices)
    listing.starts_on, listing.ends_on = starts_on, ends_on
    session.add(listing)
    session.flush()
    _audit(session, "listing.priced", listing, actor, before=before, after={str(k): v for k, v in prices.items()})
    _tell(session, listing)
    return listing


def publish(session: Session, listing: Listing, *, actor: Actor) -> Listing:
    """Put it on the shelf. Raises Refused without a price, StatusMoved when it is there already."""
    if not prices_of(session, listing):
        raise Refused(_("先定个价再上架"), field="price")
    try:
        move(
            session, Listing, listing.id or 0, "status", LISTING, ("draft", "withdrawn"), "published", tenant_id=listing.tenant_id,
            subject=listing.code, by=actor.key, values={"published_at": clock.now()},
        )  # fmt: skip
    except StatusMoved as moved:
        raise StatusMoved(_("{name}已经在货架上了").format(name=_named(session, listing))) from moved
    _audit(session, "listing.published", listing, actor)
    _tell(session, listing)
    return listing


def withdraw(session: Session, listing: Listing, *, actor: Actor) -> Listing:
    """Take it off the shelf; orders already placed go on. Raises StatusMoved when it is off already."""
    try:
        move(
            session, Listing, listing.id or 0, "status", LISTING, ("published", "draft"), "withdrawn", tenant_id=listing.tenant_id,
            subject=listing.code, by=actor.key,
        )  # fmt: skip
    except StatusMoved as moved:
        raise StatusMoved(_("{name}已经下架了").format(name=_named(session, listing))) from moved
    _audit(session, "listing.withdrawn", listing, actor)
    _tell(session, listing)
    return listing


def _named(session: Session, listing: Listing) -> str:
    return session.get_one(Product, listing.product_id).name


def prices_of(session: Session, listing: Listing) -> list[ListingPrice]:
    return list(session.exec(select(ListingPrice).where(ListingPrice.listing_id == listing.id).order_by(col(ListingPrice.variant_id))))


def _write_prices(session: Session, listing: Listing, prices: Mapping[int, int]) -> None:
    own = set(session.exec(select(Variant.id).where(Variant.product_id == listing.product_id)).all())
    if not prices or not prices.keys() <= own:
        raise Refused(_("至少给一个规格定价"), field="price")
    for fen in prices.values():
        if not CHEAPEST <= fen <= DEAREST:
            raise Refused(_("价格要在 0.01 元到 100 万元之间"), field="price")
    session.exec(delete(ListingPrice).where(col(ListingPrice.listing_id) == listing.id))
    session.add_all(
        ListingPrice(listing_id=listing.id or 0, variant_id=variant_id, tenant_id=listing.tenant_id, price_fen=fen)
        for variant_id, fen in prices.items()
    )
    session.flush()


def _check_dates(starts_on: date | None, ends_on: date | None) -> None:
    if ends_on is not None and ends_on < (starts_on or clock.today()):
        raise Refused(_("结束的日子不能在开始之前，也不能已经过去"), field="ends_on")
    if starts_on is not None and starts_on > clock.today() + timedelta(days=730):
        raise Refused(_("开始的日子最远到两年后"), field="starts_on")


def _tell(session: Session, listing: Listing) -> None:
    """Raise what pages and the index are keyed by, now and when the listing's days begin and end."""
    product = session.get_one(Product, listing.product_id)
    note_change(session, product)
    turns = [listing.starts_on, listing.ends_on + timedelta(days=1) if listing.ends_on else None]
    for day in turns:
        if day is not None and day > clock.today() and listing.status == ListingStatus.PUBLISHED:
            emit(
                session, "listing.changed", tenant_id=listing.tenant_id, key=f"{listing.code}:{product.version}:{day}",
                payload={"product_code": product.code}, at=clock.midnight(day),
            )  # fmt: skip


def _audit(session: Session, act: str, listing: Listing, actor: Actor, **facts: Any) -> None:
    role = next((role for role in ("master", "helper", "admin") if actor.has(role)), "")
    audit.record(session, act, tenant_id=listing.tenant_id, actor=actor.key, role=role, subject=listing.code, **facts)
