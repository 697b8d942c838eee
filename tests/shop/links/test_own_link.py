"""Nobody earns on their own purchase, and a link there is none of earns nobody anything."""

import pytest
from sqlmodel import select

from core import db
from core.audit import AuditEntry
from core.auth.passwords import hash_password
from core.settings import settings
from shop.links.models import OrderLink
from shop.orders.models import Order
from tests.county import SmallCounty
from tests.shop.selling import make_link, make_user
from tests.shop.visitor import hidden, visitor


def test_a_seller_who_buys_by_the_own_link_and_then_signs_in_earns_nothing_wrongly(
    county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order stays with the guest's session: whose order is the seller's own never pays the seller."""
    monkeypatch.setattr(settings, "demo", True)
    with db.writing() as session:
        user = make_user(session, "13900000005", "小葛")
        user.password_hash = hash_password("a long enough sentence")
        make_link(session, county_rows, user, {"tomato": 3000}, quota=5, commission_bp=500)
    client = visitor()
    with db.reading() as session:
        link = session.exec(select(OrderLink)).one()
    sku = county_rows.variants["tomato"].sku
    client.post("/cart/lines", data={"sku": sku, "qty": "1", "link": link.code})
    page = client.get("/checkout").text
    where = {"name": "王", "phone": "13912345678", "province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}
    more = {"form_key": "k", "expected_total_fen": hidden(page, "expected_total_fen"), "step": "place", "provider": "sandbox"}
    assert client.post("/checkout", data={**where, **more}).status_code == 303
    signed_in = client.post("/login", data={"phone": "13900000005", "password": "a long enough sentence"})
    assert signed_in.status_code == 303
    with db.reading() as session:
        order = session.exec(select(Order)).one()
        assert order.user_id is None
        assert session.exec(select(AuditEntry.subject).where(AuditEntry.act == "order.not_adopted")).all() == [order.number]


def test_an_order_through_a_link_there_is_none_of_is_placed_and_noted(county_rows: SmallCounty) -> None:
    client = visitor(program=True)
    items = [{"sku": county_rows.variants["tomato"].sku, "qty": 1}]
    address = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路 7 号"}
    total = client.post("/api/v1/quotes", json={"items": items, "address": address}).json()["total_fen"]
    sent = {"items": items, "address": address, "contact": {"name": "王", "phone": "13912345678"}, "expected_total_fen": total}
    assert client.post("/api/v1/orders", json={**sent, "link": "TAMPERED"}).status_code == 201
    with db.reading() as session:
        noted = session.exec(select(AuditEntry).where(AuditEntry.act == "attribution_dropped")).one()
        assert (noted.reason, noted.facts) == ("no open link", {"link": "TAMPERED"})
