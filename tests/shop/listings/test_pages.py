from datetime import timedelta
from html import unescape

from fastapi.testclient import TestClient
from sqlmodel import select

from core import clock, db
from core.tasks import drain
from shop.listings.models import Listing, ListingPrice
from supply.products.models import Product
from tests.county import SmallCounty
from tests.shop.conftest import SignIn

GOOD = {
    "name": "葛家番薯干", "category": "干货", "storage": "ambient", "shelf_days": "240", "months": [str(m) for m in range(1, 13)],
    "grower": "sm-gejia-g1", "spec": "1斤装", "net_g": "500", "ml": "3000", "price": "22.5", "units": "30", "harvested_on": "", "story": "蒸晒三遍",
    "form_key": "k1", "station": "sm-gejia", "then": "publish",
}  # fmt: skip


def count() -> tuple[int, int]:
    with db.reading() as session:
        return len(session.exec(select(Product)).all()), len(session.exec(select(Listing)).all())


def test_a_master_puts_new_goods_on_the_shelf_and_search_finds_them(signed_in: SignIn) -> None:
    client = signed_in("master", "station", "sm-gejia")
    answer = client.post("/station/listings", data=GOOD)
    assert answer.status_code == 303
    at = answer.headers["location"]
    assert client.post("/station/listings", data=GOOD).headers["location"] == at
    drain()
    found = client.get("/api/v1/products?q=fsg").json()["items"]
    assert [(i["name"], i["price_fen"], i["in_stock"]) for i in found] == [("葛家番薯干", 2250, True)]
    assert "葛家番薯干" in client.get("/station/listings").text

    page = client.get(at).text
    sku = page.split("price-")[1].split('"')[0]
    assert client.post(f"{at}/terms", data={f"price-{sku}": "19.90", "starts_on": "", "ends_on": ""}).status_code == 303
    assert client.post(f"{at}/lots", data={"sku": sku, "units": "12", "harvested_on": clock.today().isoformat()}).status_code == 303
    drain()
    product = client.get(f"/api/v1/products/{found[0]['id']}").json()
    assert [(v["price_fen"], v["available"]) for v in product["variants"]] == [(1990, 42)]
    spec = {"spec": "礼盒", "price": "68", "net_g": "1500", "ml": "6000"}
    assert client.post(f"{at}/specs", data=spec).status_code == 303
    assert client.post(f"{at}/withdrawal", data={}).status_code == 303
    drain()
    assert client.get("/api/v1/products?q=fsg").json()["items"] == []
    assert client.get(f"/p/{found[0]['id']}").status_code == 404
    assert client.post(f"{at}/withdrawal", data={}).status_code == 409
    assert client.post(f"{at}/publication", data={}).status_code == 303
    drain()
    assert len(client.get("/api/v1/products?q=fsg").json()["items"]) == 1


BAD = {
    "price": ["", "0", "-1", "0.005", "1,000.00", "￥10", "1e-7", "NaN", "Infinity", "9223372036854775808", "99999999", "true"],
    "units": ["-1", "1e3", "NaN", "9223372036854775808", "٣", "true", "1.5"],
    "net_g": ["0", "-1", "0.0001", "500001", "x"],
    "name": ["", "一", "名" * 61, "a" + "\u0301" * 500],
    "storage": ["hot", ""],
    "months": [["13"], ["0"], ["x"]],
    "grower": ["sm-haitou-g1", "nobody", "1;DROP TABLE grower", ""],
    "harvested_on": ["2026-02-30", "1969-01-01", "9999-01-01", "yesterday"],
    "shelf_days": ["0", "99999"],
    "then": ["sell"],
    "status": ["published"],
    "tenant_id": ["2"],
    "commission_rate": ["1"],
}


def test_hostile_fields_are_named_and_what_was_typed_stays(signed_in: SignIn) -> None:
    client = signed_in("master", "station", "sm-gejia")
    before = count()
    for field, values in BAD.items():
        for value in values:
            answer = client.post("/station/listings", data={**GOOD, field: value, "form_key": f"{field}{value}"[:90]})
            assert answer.status_code == 422, (field, value, answer.status_code)
            assert f"#f-{field}" in answer.text, (field, value)
            assert "蒸晒三遍" in answer.text
    assert count() == before


def test_names_in_any_script_are_kept_as_text(signed_in: SignIn) -> None:
    client = signed_in("master", "station", "sm-gejia")
    for n, name in enumerate(["𠮷田蜜橘", "阿不都·热依木", "👨‍👩‍👧果", "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>']):
        answer = client.post("/station/listings", data={**GOOD, "name": name, "form_key": f"n{n}"})
        assert answer.status_code == 303, name
        page = client.get(answer.headers["location"]).text
        assert "<script>alert" not in page
        assert "<img src=x" not in page
        with db.reading() as session:
            assert session.exec(select(Product).where(Product.name == name)).one()


def test_a_foreign_station_is_not_there(signed_in: SignIn, county_rows: SmallCounty) -> None:
    client = signed_in("master", "station", "sm-haitou")
    theirs = county_rows.listings["tomato"].code
    assert client.get(f"/station/listings/{theirs}").status_code == 404
    for deed, data in {
        "withdrawal": {},
        "publication": {},
        "terms": {"price-x": "1"},
        "lots": {"sku": "x", "units": "1", "harvested_on": "2026-01-01"},
    }.items():
        assert client.post(f"/station/listings/{theirs}/{deed}", data=data).status_code == 404, deed
    with db.reading() as session:
        assert session.get_one(Listing, county_rows.listings["tomato"].id).status == "published"
    assert client.post("/station/listings", data={**GOOD, "station": "sm-gejia", "form_key": "f"}).status_code == 404
    assert client.get("/station/listings?station=sm-gejia").status_code == 404


def test_only_station_people_and_admins_keep_a_shelf(signed_in: SignIn) -> None:
    assert signed_in("consumer", "own", "").get("/station/listings").status_code == 403
    assert signed_in("helper", "station", "sm-gejia").get("/station/listings").status_code == 200
    admin = signed_in("admin", "county", "")
    assert admin.get("/station/listings?station=sm-gejia").status_code == 200
    assert admin.get("/station/listings").status_code == 404


def test_a_form_from_another_site_changes_nothing(signed_in: SignIn, county_rows: SmallCounty) -> None:
    client = signed_in("master", "station", "sm-gejia")
    theirs = county_rows.listings["tomato"].code
    for headers in ({"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
        assert client.post(f"/station/listings/{theirs}/withdrawal", data={}, headers=headers).status_code == 403
    with db.reading() as session:
        assert session.get_one(Listing, county_rows.listings["tomato"].id).status == "published"


def shelf_page(client: TestClient, county: SmallCounty) -> tuple[str, str, str]:
    """The tomatoes' page of their master: its address, text, and what its form of terms was opened over."""
    at = f"/station/listings/{county.listings['tomato'].code}"
    page = client.get(at).text
    return at, page, unescape(page.split('name="seen" value="')[1].split('"')[0])


def test_a_form_opened_before_another_change_is_refused_with_what_changed_and_keeps_what_was_typed(
    signed_in: SignIn, county_rows: SmallCounty
) -> None:
    client = signed_in("master", "station", "sm-gejia")
    at, _page, seen = shelf_page(client, county_rows)
    big, small = (county_rows.variants[name].sku for name in ("tomato", "tomato-small"))
    other = {f"price-{big}": "50", f"price-{small}": "16.80", "starts_on": "", "ends_on": "", "seen": seen}
    assert client.post(f"{at}/terms", data=other).status_code == 303
    day = (clock.today() + timedelta(days=9)).isoformat()
    stale = client.post(f"{at}/terms", data={**other, f"price-{big}": "36.00", "ends_on": day})
    assert stale.status_code == 409
    assert "别处刚改成 50.00，你填的是 36.00" in stale.text and f'value="{day}"' in stale.text and 'value="36.00"' in stale.text
    assert "5斤装：别处" in stale.text, "the list above names the field"
    with db.reading() as session:
        assert session.get_one(ListingPrice, (county_rows.listings["tomato"].id, county_rows.variants["tomato"].id)).price_fen == 5000
    again = unescape(stale.text.split('name="seen" value="')[1].split('"')[0])
    assert client.post(f"{at}/terms", data={**other, f"price-{big}": "50.00", "ends_on": day, "seen": again}).status_code == 303


def test_what_is_on_the_shelf_already_is_named_by_its_name(signed_in: SignIn, county_rows: SmallCounty) -> None:
    client = signed_in("master", "station", "sm-gejia")
    at, _page, _seen = shelf_page(client, county_rows)
    twice = client.post(f"{at}/publication", data={})
    assert twice.status_code == 409 and "高山西红柿已经在货架上了" in twice.text
    client.post(f"{at}/withdrawal", data={})
    assert "高山西红柿已经下架了" in client.post(f"{at}/withdrawal", data={}).text


def test_a_spec_is_on_a_product_once(signed_in: SignIn, county_rows: SmallCounty) -> None:
    client = signed_in("master", "station", "sm-gejia")
    at, _page, _seen = shelf_page(client, county_rows)
    again = client.post(f"{at}/specs", data={"spec": " 5斤装 ", "price": "1", "net_g": "2500", "ml": "6000"})
    assert again.status_code == 422 and "已经有5斤装了" in again.text


def test_the_list_above_a_form_names_each_field(signed_in: SignIn, county_rows: SmallCounty) -> None:
    client = signed_in("master", "station", "sm-gejia")
    page = client.post("/station/listings", data={**GOOD, "net_g": "0", "shelf_days": "0", "form_key": "z"}).text
    assert "净重：不能小于 1" in page and "能放几天：不能小于 1" in page
