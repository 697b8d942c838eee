import re
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlmodel import col, select

from core import clock, db
from core.tasks import drain
from shop.links.models import LinkClick, OrderLink
from shop.orders.models import LineShare, Order, OrderLine
from tests.county import SmallCounty
from tests.shop.buying import order_of, pay
from tests.shop.conftest import SignIn

HERE = {"sec-fetch-site": "same-origin"}


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page))


def new_link(client: TestClient, county: SmallCounty, **changed: object) -> str:
    start = clock.local(clock.now())
    form = {
        "sku": county.variants["tomato"].sku, "price": "30", "quota": "5", "commission": "10", "session_name": "西红柿开摘",
        "starts_at": f"{start:%Y-%m-%dT%H:%M}", "minutes": "120", "form_key": "n1", **changed,
    }  # fmt: skip
    answer = client.post("/live/links", data=form)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rsplit("/", 1)[1]


def test_from_a_sellers_link_to_a_paid_order_with_its_commission(signed_in: SignIn, county_rows: SmallCounty) -> None:
    seller = signed_in("seller", "own", "")
    assert "高山西红柿" in seller.get("/live/new?q=xihongshi").text
    assert "平常 ¥36.00" in seller.get(f"/live/new?sku={county_rows.variants['tomato'].sku}").text
    code = new_link(seller, county_rows)
    assert new_link(seller, county_rows) == code

    viewer = TestClient(seller.app, headers=HERE, follow_redirects=False)
    page = viewer.get(f"/l/{code}").text
    assert "36.00" in page
    assert ">5</b>" in page
    viewer.get(f"/l/{code.lower()}")
    asked = {"sku": county_rows.variants["tomato"].sku, "qty": "2", "phone": "139 1234 5678", "pasted": "赵立春 上海市徐汇区天平路7号"}
    reckoned = viewer.post(f"/l/{code}/quote", data=asked)
    assert reckoned.status_code == 303
    confirm = viewer.get(reckoned.headers["location"])
    assert confirm.status_code == 200
    assert "¥60.00" in confirm.text
    assert "sid" in viewer.cookies
    values = {
        **hidden(confirm.text),
        "qty": "2",
        "name": "赵立春",
        "phone": "13912345678",
        "province": "上海市",
        "city": "上海市",
        "district": "徐汇区",
        "detail": "天平路7号",
        "step": "place",
    }
    placed = viewer.post(f"/l/{code}/orders", data=values)
    assert placed.status_code == 303, placed.text
    assert placed.headers["location"].startswith("/pay/")
    assert viewer.post(f"/l/{code}/orders", data=values).headers["location"] == placed.headers["location"]

    with db.writing() as session:
        order = session.exec(select(Order)).one()
        pay(session, order.number)
    drain()
    with db.reading() as session:
        assert order_of(session, order.number).payment_status == "paid"
        line = session.exec(select(OrderLine)).one()
        link = session.exec(select(OrderLink).where(OrderLink.code == code)).one()
        assert (line.price_fen, line.link_id, link.sold) == (3000, link.id, 2)
        share = session.exec(select(LineShare).where(LineShare.role == "seller")).one()
        assert share.amount_fen == 600
        assert len(session.exec(select(LinkClick)).all()) == 1
    numbers = seller.get(f"/api/v1/links/{code}/stats").json()
    assert numbers == {"code": code, "clicks": 1, "orders": 1, "units": 2, "goods_fen": 6000, "commission_fen": 600, "sold": 2, "quota": 5}
    assert "commission" not in viewer.get(f"/api/v1/links/{code}").text
    assert "1 次点击" in seller.get("/live").text
    assert "6.00" in seller.get(f"/live/{code}").text


def test_a_thousand_clicks_of_one_device_are_one(signed_in: SignIn, county_rows: SmallCounty) -> None:
    seller = signed_in("seller", "own", "")
    code = new_link(seller, county_rows)
    viewer = TestClient(seller.app, follow_redirects=False)
    for _ in range(20):
        assert viewer.get(f"/l/{code}").status_code == 200
    with db.reading() as session:
        assert len(session.exec(select(LinkClick)).all()) == 1


def test_a_wrong_address_comes_back_as_typed_and_a_changed_total_is_shown_before_it_is_charged(
    signed_in: SignIn, county_rows: SmallCounty
) -> None:
    seller = signed_in("seller", "own", "")
    code, sku = new_link(seller, county_rows), county_rows.variants["tomato"].sku
    viewer = TestClient(seller.app, headers=HERE, follow_redirects=False)
    for wrong in ({"phone": "1380013800"}, {"phone": ""}, {"pasted": "火星环形山"}):
        answer = viewer.post(
            f"/l/{code}/quote", data={"sku": sku, "qty": "1", "phone": "13912345678", "pasted": "赵立春 上海市徐汇区天平路7号", **wrong}
        )
        assert answer.status_code == 422, wrong
        assert "field__err" in answer.text
    for qty in ("0", "-1", "1e3", "NaN", "9223372036854775808", "true", ""):
        answer = viewer.post(
            f"/l/{code}/quote", data={"sku": sku, "qty": qty, "phone": "13912345678", "pasted": "赵立春 上海市徐汇区天平路7号"}
        )
        assert answer.status_code == 422, qty
    full = {
        "sku": sku,
        "qty": "1",
        "name": "<b>赵</b>",
        "phone": "13912345678",
        "province": "上海市",
        "city": "上海市",
        "district": "徐汇区",
        "detail": "天平路7号",
    }
    for total in ("0", "1", "3000"):
        answer = viewer.post(f"/l/{code}/orders", data={**full, "expected_total_fen": total, "form_key": total})
        assert answer.status_code == 409, total
        assert "&lt;b&gt;赵&lt;/b&gt;" in answer.text
    assert viewer.post(f"/l/{code}/orders", data={**full, "price_fen": "1"}).status_code == 422
    too_many = viewer.post(f"/l/{code}/orders", data={**full, "qty": "6", "expected_total_fen": "1", "form_key": "q"})
    assert too_many.status_code == 409
    assert "名额" in too_many.text
    with db.reading() as session:
        assert session.exec(select(Order)).all() == []
        assert session.exec(select(OrderLink.sold)).one() == 0


def test_a_closed_or_unknown_link_sells_nothing(signed_in: SignIn, county_rows: SmallCounty) -> None:
    seller = signed_in("seller", "own", "")
    code = new_link(seller, county_rows)
    assert seller.post(f"/live/{code}/closing", data={"form_key": "c"}).status_code == 303
    assert seller.post(f"/live/{code}/closing", data={"form_key": "d"}).status_code == 409
    assert "结束了" in seller.get(f"/l/{code}").text
    for wrong in ("NOPE", "0", "../etc/passwd", "1;DROP TABLE order_link", "A" * 300):
        assert seller.get(f"/l/{wrong}").status_code == 404
        assert seller.get(f"/api/v1/links/{wrong}").status_code == 404
        assert seller.get(f"/live/{wrong}").status_code == 404


def test_links_are_made_once_per_key_and_only_by_sellers(signed_in: SignIn, county_rows: SmallCounty) -> None:
    seller = signed_in("seller", "own", "")
    now = clock.now()
    body = {
        "variants": [{"sku": county_rows.variants["tea"].sku, "price_fen": 8000}], "quota": 20, "commission_bp": 500,
        "starts_at": now.isoformat(), "ends_at": (now + timedelta(hours=1)).isoformat(), "session": "晚场",
    }  # fmt: skip
    first = seller.post("/api/v1/links", json=body, headers={"Idempotency-Key": "k"})
    assert first.status_code == 201, first.text
    assert first.json()["variants"][0]["list_price_fen"] == 8800
    assert seller.post("/api/v1/links", json=body, headers={"Idempotency-Key": "k"}).json() == first.json()
    assert seller.post("/api/v1/links", json={**body, "quota": 21}, headers={"Idempotency-Key": "k"}).status_code == 422
    for wrong in (
        {"quota": "20"},
        {"quota": 0},
        {"commission_bp": 2001},
        {"starts_at": "2026-02-30T00:00:00Z"},
        {"starts_at": "2026-05-20T10:00:00"},
        {"is_admin": True},
        {"variants": []},
    ):
        assert seller.post("/api/v1/links", json={**body, **wrong}).status_code == 422, wrong
    assert [i["code"] for i in seller.get("/api/v1/links").json()["items"]] == [first.json()["code"]]
    assert signed_in("consumer", "own", "").post("/api/v1/links", json=body).status_code == 403
    assert TestClient(seller.app).post("/api/v1/links", json=body).status_code == 401
    other = signed_in("seller", "own", "x")
    assert other.get(f"/api/v1/links/{first.json()['code']}/stats").status_code == 404
    with db.reading() as session:
        assert len(session.exec(select(OrderLink).order_by(col(OrderLink.id))).all()) == 1
