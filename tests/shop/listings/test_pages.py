from sqlmodel import select

from core import clock, db
from core.tasks import drain
from shop.listings.models import Listing
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
    assert client.post("/station/listings", data={**GOOD, "station": "sm-gejia", "form_key": "f"}).status_code == 422


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
