"""A new county's channels: every station's own, with all its products published at the profile's prices, all year."""

from sqlmodel import Session, col, select

from core import clock
from core.codes import new_code
from core.outbox import Outbox
from core.status import StatusEvent
from shop.channels.models import Channel, ChannelKind
from shop.listings.models import LISTING, Listing, ListingPrice, ListingStatus
from supply.counties.loading import ids_by, insert_rows
from supply.counties.loading_produce import LoadedProduct
from supply.stations.models import Station


def load_shopfront(session: Session, products: list[LoadedProduct], tenant_id: int, *, by: str) -> None:
    """Channels, listings and prices; out of season a product stays listed and shows its months. `by` stands in their history."""
    now = clock.now()
    stations = session.exec(select(Station).where(Station.tenant_id == tenant_id).order_by(col(Station.node_id))).all()
    insert_rows(
        session, Channel, tenant_id,
        ({"code": s.code, "kind": ChannelKind.STATION, "name": s.name, "station_id": s.node_id, "opened_at": now} for s in stations),
    )  # fmt: skip
    channels = ids_by(session, Channel, tenant_id)
    codes = {product.id: new_code("G") for product in products}
    insert_rows(
        session, Listing, tenant_id,
        (
            {
                "code": codes[p.id], "channel_id": channels[p.seed.station], "product_id": p.id, "status": ListingStatus.PUBLISHED,
                "published_at": now,
            }
            for p in products
        ),
    )  # fmt: skip
    listings = ids_by(session, Listing, tenant_id)
    insert_rows(
        session, ListingPrice, tenant_id,
        (
            {"listing_id": listings[codes[p.id]], "variant_id": variant_id, "price_fen": v.price_fen}
            for p in products
            for (variant_id, _), v in zip(p.variants, p.seed.variants, strict=True)
        ),
    )  # fmt: skip
    insert_rows(session, StatusEvent, tenant_id, (_history(code, *step, by=by) for code in codes.values() for step in STEPS))
    changed = (_event(codes[p.id], p.code) for p in products)
    insert_rows(session, Outbox, tenant_id, changed)


STEPS = ((None, "draft"), ("draft", "published"))


def _history(code: str, source: str | None, target: str, *, by: str) -> dict[str, object]:
    return {"kind": LISTING.kind, "subject": code, "source": source, "target": target, "at": clock.now(), "by": by, "note": ""}


def _event(listing: str, product: str) -> dict[str, object]:
    """`core.outbox.emit` for a row of a bulk insert."""
    now = clock.now()
    return {"topic": "listing.changed", "key": listing, "payload": {"product_code": product}, "created_at": now, "available_at": now}
