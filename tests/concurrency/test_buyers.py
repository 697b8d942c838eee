"""Two hundred buyers for fifty units, through the whole application: exactly fifty, the rest told politely, never a 5xx."""

from collections import Counter

from sqlmodel import func, select

from core import db
from shop.coupons.models import Coupon, CouponUse
from shop.orders.models import Order, OrderLine
from supply.stock.models import StockHold, StockLevel
from tests.concurrency.rivals import at_once
from tests.shop.buying import SHANGHAI
from tests.shop.coupons.giving import coupon
from tests.shop.selling import make_link, make_user
from tests.shop.visitor import visitor

ADDRESS = SHANGHAI.model_dump()


def buyers(client, county, names, count, *, phone="", **more):
    """`count` programs, each with a phone of its own, all sending the same order; returns their answers.

    A client that is not entered has a loop for every request, as if each came to a server of its own.
    """
    items = [{"sku": county.variants[name].sku, "qty": 1} for name in names]
    asked = {"items": items, "address": ADDRESS, **more}
    total = client.post("/api/v1/quotes", json=asked).json()["total_fen"]

    def order(number, lines):
        contact = {"name": f"买家{number}", "phone": phone or f"139{number:08d}"}
        return client.post("/api/v1/orders", json={**asked, "items": lines, "contact": contact, "expected_total_fen": total})

    return at_once([lambda n=n: order(n, items[::-1] if n % 2 else items) for n in range(count)])


def test_two_hundred_buyers_for_fifty_units(county_rows):
    with visitor(program=True) as client:  # one server
        answers = buyers(client, county_rows, ["tomato"], 200)
    assert Counter(a.status_code for a in answers) == {201: 50, 409: 150}
    refused = [a.json() for a in answers if a.status_code == 409]
    assert {(p["code"], p["sku"], p["left"]) for p in refused} == {("sold_out", county_rows.variants["tomato"].sku, 0)}
    with db.reading() as session:
        level = session.get(StockLevel, county_rows.level(session, "tomato"))
        assert (level.on_hand, level.reserved) == (50, 50)
        assert len(session.exec(select(Order)).all()) == len(session.exec(select(StockHold)).all()) == 50


def test_the_same_goods_in_reversed_order_never_deadlock(county_rows):
    answers = buyers(visitor(program=True), county_rows, ["tomato", "clam", "bamboo"], 80)
    assert Counter(a.status_code for a in answers) == {201: 50, 409: 30}
    with db.reading() as session:
        for name in ("tomato", "clam", "bamboo"):
            assert session.get(StockLevel, county_rows.level(session, name)).reserved == 50
        assert len(session.exec(select(OrderLine)).all()) == 150


def test_a_links_quota_is_never_passed(county_rows):
    with db.writing() as session:
        seller = make_user(session, "13800000005", "小满")
        link = make_link(session, county_rows, seller, {"tomato": 3000}, quota=7, commission_bp=500)
    answers = buyers(visitor(program=True), county_rows, ["tomato"], 30, link=link.code)
    counted = Counter(a.status_code for a in answers)
    assert counted[201] == 7 and set(counted) == {201, 409}
    with db.reading() as session:
        assert session.get(type(link), link.id).sold == 7
        assert session.exec(select(func.count()).select_from(OrderLine).where(OrderLine.link_id == link.id)).one() == 7


def test_a_double_click_is_one_order(county_rows):
    client = visitor(program=True)
    items = [{"sku": county_rows.variants["tomato"].sku, "qty": 1}]
    total = client.post("/api/v1/quotes", json={"items": items, "address": ADDRESS}).json()["total_fen"]
    sent = {"items": items, "address": ADDRESS, "contact": {"name": "王", "phone": "13912345678"}, "expected_total_fen": total}
    answers = at_once([lambda: client.post("/api/v1/orders", json=sent, headers={"Idempotency-Key": "click"})] * 8)
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["number"] for a in answers}) == len({a.json()["token"] for a in answers}) == 1
    with db.reading() as session:
        assert len(session.exec(select(Order)).all()) == 1


def test_of_a_hundred_buyers_with_the_last_use_of_a_coupon_one_has_it(county_rows):
    with db.writing() as session:
        coupon(session, county_rows, uses=1)
    answers = buyers(visitor(program=True), county_rows, ["tomato"], 100, coupon="XIAOMAN10")
    assert Counter(a.status_code for a in answers) == {201: 1, 409: 99}
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"coupon_unusable"}
    with db.reading() as session:
        assert session.exec(select(Coupon.used)).one() == len(session.exec(select(CouponUse)).all()) == 1


def test_a_persons_last_use_is_theirs_once_in_however_many_tabs(county_rows):
    with db.writing() as session:
        coupon(session, county_rows, uses=50, per_person=2)
    answers = buyers(visitor(program=True), county_rows, ["tomato"], 6, coupon="XIAOMAN10", phone="13912345678")
    assert Counter(a.status_code for a in answers) == {201: 2, 409: 4}
    with db.reading() as session:
        assert session.exec(select(Coupon.used)).one() == 2
