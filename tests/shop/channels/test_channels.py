from fastapi.testclient import TestClient
from sqlmodel import update

from core import clock, db
from supply.stations.models import Station
from tests.county import SmallCounty


def test_stations_are_listed_by_township_and_paged(client: TestClient, indexed: SmallCounty) -> None:
    first = client.get("/api/v1/stations?limit=3").json()
    rest = client.get("/api/v1/stations", params={"limit": 3, "cursor": first["next"]}).json()
    codes = [s["code"] for s in first["items"] + rest["items"]]
    assert codes == sorted(["sm-dongzhen", "sm-gejia", "sm-haitou", "sm-shanqian"])
    assert rest["next"] is None
    west = client.get("/api/v1/stations?township=西镇").json()["items"]
    assert [s["code"] for s in west] == ["sm-shanqian"]
    assert west[0]["url"] == "/s/sm-shanqian"
    assert set(west[0]["location"]) == {"lat", "lon"}


def test_a_limit_beyond_200_is_refused(client: TestClient) -> None:
    for limit in ("0", "201", "x"):
        assert client.get(f"/api/v1/stations?limit={limit}").status_code == 422


def test_a_channel_shows_its_own_goods_first_those_in_stock(client: TestClient) -> None:
    page = client.get("/s/sm-shanqian").text
    assert "毛竹砧板" in page
    assert page.index("毛竹砧板") < page.index("水蜜桃")
    assert "高山西红柿" not in page


def test_a_station_without_goods_says_what_to_do(client: TestClient) -> None:
    page = client.get("/s/sm-dongzhen").text
    assert "货架还空着" in page
    assert "/villages?township=" in page


def test_a_closed_station_sells_nothing(client: TestClient, indexed: SmallCounty) -> None:
    with db.writing() as session:
        session.exec(update(Station).where(Station.code == "sm-gejia").values(closed_at=clock.now()))
    products = client.get("/api/v1/products?station=sm-gejia").json()["items"]
    assert all(not p["in_stock"] for p in products)
    assert "sm-gejia" not in {s["code"] for s in client.get("/api/v1/stations").json()["items"]}
    assert "已经关了" in client.get("/s/sm-gejia").text
    with db.writing() as session:
        session.exec(update(Station).where(Station.code == "sm-gejia").values(closed_at=None))


def test_the_brand_matrix_filters_by_township(client: TestClient) -> None:
    whole = client.get("/villages").text
    assert whole.count('href="/s/') == 4
    code = next(c for c in ("sm-t0", "sm-t1") if "西镇" in client.get(f"/villages?township={c}").text.split("<h1", 1)[1][:60])
    assert client.get(f"/villages?township={code}").text.count('href="/s/') == 1
