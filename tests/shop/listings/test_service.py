from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from core import clock
from core.audit import AuditEntry
from core.errors import Refused
from core.outbox import Outbox
from core.permissions import Actor
from core.status import StatusEvent, StatusMoved
from shop.listings import service
from shop.listings.service import ListedAlready
from supply.products.models import Product, Storage
from supply.products.service import add_variant, create_product
from tests.county import SmallCounty


def draft(session: Session, county: SmallCounty, master: Actor, price: int = 1200):  # type: ignore[no-untyped-def]
    station = county.stations[0]
    product = create_product(
        session, station, county.growers[1], name="番薯干", category="干货", storage=Storage.AMBIENT, shelf_days=240, months=[1]
    )
    variant = add_variant(session, product, spec="500g", net_g=500, gross_g=600, ml=1300)
    return service.create_listing(session, product, service.channel_of(session, station), prices={variant.id or 0: price}, actor=master)


def told(session: Session) -> int:
    return len(session.exec(select(Outbox).where(col(Outbox.topic) == "listing.changed")).all())


def test_a_draft_goes_on_and_off_the_shelf_and_each_step_is_told_and_audited(session: Session, county: SmallCounty, master: Actor) -> None:
    listing = draft(session, county, master)
    product = session.get_one(Product, listing.product_id)
    session.refresh(county.county)
    before, version, said = county.county.catalogue_version, product.version, told(session)
    service.publish(session, listing, actor=master)
    assert (listing.status, product.version) == ("published", version + 1)
    service.withdraw(session, listing, actor=master)
    assert listing.status == "withdrawn"
    service.publish(session, listing, actor=master)
    session.refresh(county.county)
    assert county.county.catalogue_version == before + 3
    assert told(session) == said + 3
    steps = session.exec(select(StatusEvent.target).where(StatusEvent.subject == listing.code).order_by(col(StatusEvent.id))).all()
    assert list(steps) == ["draft", "published", "withdrawn", "published"]
    acts = session.exec(select(AuditEntry.act).where(AuditEntry.subject == listing.code).order_by(col(AuditEntry.id))).all()
    assert list(acts) == ["listing.created", "listing.published", "listing.withdrawn", "listing.published"]


def test_publishing_twice_is_refused_the_second_time(session: Session, county: SmallCounty, master: Actor) -> None:
    listing = draft(session, county, master)
    service.publish(session, listing, actor=master)
    with pytest.raises(StatusMoved):
        service.publish(session, listing, actor=master)


def test_a_product_stands_in_a_channel_once(session: Session, county: SmallCounty, master: Actor) -> None:
    listing = draft(session, county, master)
    product = session.get_one(Product, listing.product_id)
    with pytest.raises(ListedAlready):
        service.create_listing(session, product, service.channel_of(session, county.stations[0]), prices={1: 5}, actor=master)


def test_prices_are_sane_and_belong_to_the_product(session: Session, county: SmallCounty, master: Actor) -> None:
    listing = draft(session, county, master)
    (own,) = service.prices_of(session, listing)
    for prices in ({}, {own.variant_id: 0}, {own.variant_id: -5}, {own.variant_id: 10**9}, {county.variants["tea"].id or 0: 100}):
        with pytest.raises(Refused):
            service.set_terms(session, listing, prices=prices, actor=master)
    assert [p.price_fen for p in service.prices_of(session, listing)] == [1200]


def test_a_listing_with_days_tells_search_again_when_they_begin_and_end(session: Session, county: SmallCounty, master: Actor) -> None:
    listing = draft(session, county, master)
    service.publish(session, listing, actor=master)
    today = clock.today()
    (own,) = service.prices_of(session, listing)
    first, last = today + timedelta(days=2), today + timedelta(days=5)
    service.set_terms(session, listing, prices={own.variant_id: 900}, starts_on=first, ends_on=last, actor=master)
    due = session.exec(select(Outbox.available_at).where(col(Outbox.available_at) > clock.now()).order_by(col(Outbox.available_at))).all()
    assert [clock.business_date(at) for at in due] == [first, last + timedelta(days=1)]
    with pytest.raises(Refused):
        service.set_terms(session, listing, prices={own.variant_id: 900}, starts_on=last, ends_on=first, actor=master)
