"""A basket keeps what was put in, counts a double click once, and goes along when its guest signs in."""

import pytest
from sqlmodel import select

from core import db
from core.auth.models import SignIn
from core.auth.service import start_session
from core.permissions import Actor
from shop.cart.models import Cart, CartLine
from shop.cart.queries import items_of
from shop.cart.service import adopt_cart, put, set_quantity, take_out
from shop.listings.models import ListingStatus
from tests.shop.selling import make_link, make_user
from tests.shop.visitor import hidden, visitor


@pytest.fixture
def guest(session, county):
    row, _token = start_session(session, tenant_id=county.id)
    session.flush()
    return Actor(tenant_id=county.id, sign_in_id=row.id, sign_in_code=row.code)


def contents(session, actor):
    return {item.sku: item.qty for item in items_of(session, actor)}


def test_units_add_up_change_and_go(session, county, guest):
    tomato, tea = county.variants["tomato"].sku, county.variants["tea"].sku
    put(session, guest, tomato, 2)
    put(session, guest, tea, 1)
    put(session, guest, tomato, 3)
    assert contents(session, guest) == {tomato: 5, tea: 1}
    set_quantity(session, guest, tomato, 4)
    set_quantity(session, guest, tea, 0)
    assert contents(session, guest) == {tomato: 4}
    take_out(session, guest, tomato)
    assert contents(session, guest) == {}


def test_a_guests_basket_joins_the_members(session, county, guest):
    member = make_user(session, "13800000006", "小王")
    signed_in = Actor(tenant_id=county.id, user_id=member.id, user_code=member.code)
    tomato, tea, clam = (county.variants[n].sku for n in ("tomato", "tea", "clam"))
    put(session, guest, tomato, 2)
    adopt_cart(session, guest.sign_in_id, member.id)
    assert contents(session, signed_in) == {tomato: 2}
    put(session, guest, tomato, 1)
    put(session, guest, tea, 3)
    put(session, signed_in, clam, 1)
    adopt_cart(session, guest.sign_in_id, member.id)
    assert contents(session, signed_in) == {tomato: 2, tea: 3, clam: 1}
    assert contents(session, guest) == {}
    assert len(session.exec(select(Cart)).all()) == 1


def test_a_basket_shows_live_prices_stock_and_what_cannot_be_bought(county_rows):
    client = visitor()
    with db.writing() as session:
        seller = make_user(session, "13800000005", "小满")
        link = make_link(session, county_rows, seller, {"tomato": 3000}, quota=5, commission_bp=500)
    tomato, tea = county_rows.variants["tomato"].sku, county_rows.variants["tea"].sku
    client.post("/cart/lines", data={"sku": tomato, "qty": "2", "link": link.code})
    client.post("/cart/lines", data={"sku": tea, "qty": "1"})
    page = client.get("/cart").text
    assert "直播价" in page and "¥</i>60<" in page and "去结账" in page
    with db.writing() as session:
        listing = session.merge(county_rows.listings["tea"])
        listing.status = ListingStatus.WITHDRAWN
    page = client.get("/cart").text
    assert "已经下架" in page and "去结账" not in page
    assert client.get("/checkout").headers["location"] == "/cart"
    fragment = client.post(f"/cart/lines/{tea}/removal", data={}, headers={"HX-Request": "true"})
    assert fragment.status_code == 200 and fragment.text.lstrip().startswith('<div id="basket"') and "桂花茶" not in fragment.text
    assert client.get("/checkout").status_code == 200


def test_the_same_form_twice_puts_in_once_and_the_masthead_counts(county_rows):
    client = visitor()
    form = {"sku": county_rows.variants["tomato"].sku, "qty": "2", "form_key": "k1"}
    for _ in range(2):
        assert client.post("/cart/lines", data=form).status_code == 303
    with db.reading() as session:
        assert [line.quantity for line in session.exec(select(CartLine))] == [2]
        assert len(session.exec(select(SignIn)).all()) == 1
    page = client.get("/cart").text
    assert '<span class="count">2</span>' in page
    changed = client.post(f"/cart/lines/{form['sku']}", data={"qty": "4", "form_key": hidden(page, "form_key")})
    assert changed.status_code == 303
    assert '<span class="count">4</span>' in client.get("/cart").text


def test_buying_at_once_goes_to_the_checkout_and_looking_makes_no_session(county_rows):
    client = visitor()
    assert client.get("/cart").status_code == 200
    assert client.get("/orders").status_code == 200
    with db.reading() as session:
        assert session.exec(select(SignIn)).all() == []
    form = {"sku": county_rows.variants["tomato"].sku, "qty": "1", "then": "checkout"}
    assert client.post("/cart/lines", data=form).headers["location"] == "/checkout"


@pytest.mark.parametrize("typed", ["0", "1000", "x", "2.5", "", "两份"])
def test_a_wrong_number_comes_back_to_the_product_with_the_error_at_its_field(county_rows, typed):
    client = visitor()
    small = county_rows.variants["tomato-small"].sku
    answer = client.post("/cart/lines", data={"sku": small, "qty": typed})
    assert answer.status_code == 422
    assert "<h1>高山西红柿</h1>" in answer.text and 'id="e-qty"' in answer.text
    assert 'id="f-qty" aria-invalid="true" aria-describedby="e-qty"' in answer.text and f'value="{typed}"' in answer.text
    assert f'value="{small}" checked' in answer.text
    assert client.get("/cart/lines").headers["location"] == "/cart"


def test_a_number_typed_with_wide_digits_counts(county_rows):
    client = visitor()
    assert client.post("/cart/lines", data={"sku": county_rows.variants["tea"].sku, "qty": "２"}).status_code == 303
    assert "× 2" in client.get("/cart").text
