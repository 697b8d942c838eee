"""A link that sells several things shows the one that was chosen, everywhere it is shown."""

import re
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, update

from core import clock, db
from core.settings import settings
from shop.links.models import OrderLink
from tests.county import SmallCounty
from tests.shop.buying import buy
from tests.shop.selling import make_link, make_user
from tests.shop.visitor import hidden, visitor

TYPED = {"qty": "2", "phone": "139 1234 5678", "pasted": "赵立春 上海市徐汇区天平路7号"}


@pytest.fixture
def code(county_rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> str:
    """Tea for 80 yuan, two sizes of tomatoes for 30 and 15; ten units in all."""
    monkeypatch.setattr(settings, "demo", True)  # the sandbox cashier is open
    with db.writing() as session:
        seller = make_user(session, "13700000001", "小满")
        prices = {"tea": 8000, "tomato": 3000, "tomato-small": 1500}
        return make_link(session, county_rows, seller, prices, quota=10, commission_bp=500).code


def sku(county: SmallCounty, name: str) -> str:
    return county.variants[name].sku


def checked(page: str) -> str:
    found = re.search(r'name="sku" value="(\w+)" checked', page)
    assert found
    return found[1]


def test_another_of_the_links_goods_is_shown_whole_and_what_was_typed_stays(county_rows: SmallCounty, code: str) -> None:
    client = visitor()
    for name, title, price in (("tea", "桂花茶", "80"), ("tomato", "高山西红柿", "30"), ("tomato-small", "高山西红柿", "15")):
        chosen = {**TYPED, "sku": sku(county_rows, name), "step": "choose"}
        pages = [
            client.post(f"/l/{code}/quote", data=chosen), client.post(f"/l/{code}/quote", data=chosen, headers={"HX-Request": "true"}),
            client.get(f"/l/{code}?sku={sku(county_rows, name)}"),
        ]  # fmt: skip
        for answer in pages:
            assert answer.status_code == 200
            assert f"<h1>{title}</h1>" in answer.text
            assert f'<p class="live__price"><span class="price"><i>¥</i>{price}</span></p>' in answer.text
            assert checked(answer.text) == sku(county_rows, name)
        for answer in pages[:2]:
            assert "139 1234 5678" in answer.text and "天平路7号" in answer.text and 'value="2"' in answer.text
        assert pages[1].text.lstrip().startswith("<main")


def test_a_product_seen_through_a_link_has_the_price_the_basket_will_charge(county_rows: SmallCounty, code: str) -> None:
    client = visitor()
    tea = next(p for p in county_rows.products if p.name == "桂花茶").code
    page = client.get(f"/p/{tea}?link={code}").text
    assert '<span class="price"><i>¥</i>80</span>' in page and "<s>¥88.00</s>" in page
    client.post("/cart/lines", data={"sku": sku(county_rows, "tea"), "qty": "1", "link": hidden(page, "link")})
    assert "¥80.00" in client.get("/cart").text
    with db.writing() as session:
        session.exec(update(OrderLink).values(closed_at=clock.now()))
    page = client.get(f"/p/{tea}?link={code}").text
    assert '<span class="price"><i>¥</i>88</span>' in page and "直播价" not in page


def reckoned(client: TestClient, county: SmallCounty, code: str) -> str:
    """The address of the page that shows what two boxes of tomatoes cost."""
    answer = client.post(f"/l/{code}/quote", data={**TYPED, "sku": sku(county, "tomato")})
    assert answer.status_code == 303
    return answer.headers["location"]


CONFIRMED = {"name": "赵立春", "phone": "13912345678", "province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "天平路7号"}


def is_closed(_county: SmallCounty, code: str) -> None:
    with db.writing() as session:
        session.exec(update(OrderLink).where(col(OrderLink.code) == code).values(closed_at=clock.now()))


def is_sold_out(county: SmallCounty, code: str) -> None:
    with db.writing() as session:
        buy(session, county, ("tea", 10), link=code)


@pytest.mark.parametrize(("end", "words"), [(is_closed, "结束了"), (is_sold_out, "名额抢完了")])
def test_a_session_that_ends_while_one_confirms_goes_on_at_the_shelfs_price_and_says_why(
    county_rows: SmallCounty, code: str, end: Callable[[SmallCounty, str], None], words: str
) -> None:
    client = visitor()
    seen = client.get(reckoned(client, county_rows, code)).text
    assert "¥60.00" in seen
    end(county_rows, code)
    form = {**CONFIRMED, "sku": sku(county_rows, "tomato"), "qty": "2"}
    late = client.post(f"/l/{code}/orders", data={**form, "expected_total_fen": hidden(seen, "expected_total_fen"), "form_key": "late"})
    assert late.status_code == 409
    assert words in late.text and "直播价没有了" in late.text and "¥72.00" in late.text
    form |= {"expected_total_fen": hidden(late.text, "expected_total_fen"), "form_key": hidden(late.text, "form_key")}
    assert client.post(f"/l/{code}/orders", data=form).status_code == 303


def test_too_many_for_the_quota_can_be_made_fewer_on_the_same_page(county_rows: SmallCounty, code: str) -> None:
    client = visitor()
    form = {**CONFIRMED, "sku": sku(county_rows, "tomato"), "qty": "11", "expected_total_fen": "1", "form_key": "q"}
    refused = client.post(f"/l/{code}/orders", data=form)
    assert refused.status_code == 409
    assert "名额只剩 10 件" in refused.text and 'name="qty" type="text"' in refused.text and "天平路7号" in refused.text
    fewer = client.post(f"/l/{code}/orders", data={**form, "qty": "9", "step": "reckon"})
    assert fewer.status_code == 200 and "¥270.00" in fewer.text  # no session yet: shown at once


@pytest.mark.parametrize("path", ["quote", "orders"])
def test_the_page_before_paying_can_be_reloaded_and_shared(county_rows: SmallCounty, code: str, path: str) -> None:
    for start in ("", "/en"):
        answer = visitor().get(f"{start}/l/{code}/{path}")
        assert (answer.status_code, answer.headers["location"]) == (303, f"{start}/l/{code}")


def test_whoever_comes_back_from_the_cashier_sees_the_same_page_and_orders_once(county_rows: SmallCounty, code: str) -> None:
    client = visitor()
    at = reckoned(client, county_rows, code)
    assert "天平路" not in unquote(at) and "139" not in at
    page = client.get(at).text
    form = {**CONFIRMED, "sku": sku(county_rows, "tomato"), "qty": "2", "expected_total_fen": hidden(page, "expected_total_fen")}
    first = client.post(f"/l/{code}/orders", data={**form, "form_key": hidden(page, "form_key")})
    again = client.get(at).text
    assert 'value="天平路7号"' in again and "¥60.00" in again
    second = client.post(f"/l/{code}/orders", data={**form, "form_key": hidden(again, "form_key")})
    assert first.status_code == second.status_code == 303
    assert first.headers["location"] == second.headers["location"]


def test_the_page_of_one_session_tells_nothing_to_another(county_rows: SmallCounty, code: str) -> None:
    at = reckoned(visitor(), county_rows, code)
    for stranger, address in (
        (visitor(), at),
        (visitor(), at[:-9]),
        (visitor(), f"/l/{code}/quote?of=k1.x"),
        (visitor(), f"/l/{code}/quote?of=%E4%B8%AD"),
    ):
        answer = stranger.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/l/{code}")
