from datetime import timedelta

import pytest
from sqlmodel import Session

from core import clock
from core.errors import Conflict, Refused
from core.permissions import Actor
from shop.checkout.items import open_links
from shop.links import queries, service
from shop.links.models import OrderLink
from shop.links.service import Wanted
from tests.county import SmallCounty
from tests.shop.selling import make_user


@pytest.fixture
def seller(session: Session, county: SmallCounty) -> Actor:
    user = make_user(session, "13900000005", "小葛")
    return Actor(tenant_id=county.id, user_id=user.id, user_code=user.code, grants=frozenset({("seller", "own", "")}))


def make(session: Session, county: SmallCounty, seller: Actor, **changed: object) -> OrderLink:
    now = clock.now()
    terms = {"quota": 10, "commission_bp": 1000, "starts_at": now, "ends_at": now + timedelta(hours=2), **changed}
    items = terms.pop("items", [Wanted(county.variants["tomato"].sku, 3000)])
    return service.create_link(session, seller, items, **terms)  # type: ignore[arg-type]


def test_a_link_sells_at_its_price_while_it_is_open(session: Session, county: SmallCounty, seller: Actor) -> None:
    link = make(session, county, seller)
    terms = open_links(session, [link.code], tenant_id=county.id)[link.code]
    assert (terms.left, terms.commission_bp, dict(terms.prices)) == (10, 1000, {county.variants["tomato"].id: 3000})
    assert queries.landing(session, link).state == "open"
    with clock.at(clock.now() + timedelta(hours=3)):
        assert queries.landing(session, link).state == "over"
        assert not open_links(session, [link.code], tenant_id=county.id)
    service.close_link(session, link, seller)
    assert queries.landing(session, link).state == "over"
    with pytest.raises(Conflict):
        service.close_link(session, link, seller)


def test_terms_beyond_reason_are_refused_by_field(session: Session, county: SmallCounty, seller: Actor) -> None:
    now, tomato = clock.now(), county.variants["tomato"].sku
    wrong = {
        "quota": [{"quota": 0}, {"quota": -1}, {"quota": 10**9}],
        "commission_bp": [{"commission_bp": -1}, {"commission_bp": 2001}],
        "starts_at": [{"starts_at": now - timedelta(days=1)}, {"starts_at": now + timedelta(days=90), "ends_at": now + timedelta(days=91)}],
        "ends_at": [{"ends_at": now}, {"ends_at": now + timedelta(days=30)}],
        "price": [{"items": [Wanted(tomato, 1)]}, {"items": [Wanted(tomato, 3601)]}, {"items": [Wanted(tomato, 0)]}],
        "sku": [{"items": [Wanted("KNOPE", 100)]}, {"items": [Wanted(tomato, 3000), Wanted(tomato, 3000)]}],
        "items": [{"items": []}],
    }
    for field, cases in wrong.items():
        for case in cases:
            with pytest.raises(Refused) as refused:
                make(session, county, seller, **case)
            assert refused.value.more["field"] == field, case


def test_a_visitor_counts_once_in_half_an_hour(session: Session, county: SmallCounty, seller: Actor) -> None:
    link = make(session, county, seller)
    assert [service.record_click(session, link, v) for v in ("a", "a", "b", "a")] == [True, False, True, False]
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert service.record_click(session, link, "a")
    assert queries.stats_of(session, [link.id or 0])[link.id or 0].clicks == 3


def test_our_visitor_cookie_is_known_and_a_forged_one_is_not() -> None:
    visitor, cookie = service.new_visitor()
    assert service.known_visitor(cookie) == visitor
    for forged in ("", ".", "abc", f"{visitor}x.{cookie.partition('.')[2]}", f"{visitor}.", "𠮷.𠮷"):
        assert service.known_visitor(forged) is None


def test_anothers_link_is_not_there(session: Session, county: SmallCounty, seller: Actor) -> None:
    link = make(session, county, seller)
    other = make_user(session, "13900000006", "别人")
    stranger = Actor(tenant_id=county.id, user_id=other.id, user_code=other.code, grants=frozenset({("seller", "own", "")}))
    with pytest.raises(service.LinkUnknown):
        service.own_link(session, link.code, stranger)
    with pytest.raises(service.LinkUnknown):
        service.link_named(session, link.code, tenant_id=county.id + 1)
    admin = Actor(tenant_id=county.id, user_id=0, grants=frozenset({("admin", "county", "")}))
    assert service.own_link(session, link.code, admin).id == link.id
