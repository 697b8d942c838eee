import shutil
from datetime import datetime

from fastapi.testclient import TestClient

from core import db
from core.settings import settings
from shop.catalogue import queries
from shop.search import service
from tests.county import SmallCounty


def test_products_come_with_live_price_stock_promise_and_facets(client: TestClient, indexed: SmallCounty) -> None:
    answer = client.get("/api/v1/products?sort=price").json()
    assert [i["price_fen"] for i in answer["items"]] == [1680, 5800, 6900, 8800, 12800]
    tomato = answer["items"][0]
    assert tomato["station"] == {"code": "sm-gejia", "name": "葛家驿站"}
    assert tomato["in_stock"] is True
    assert answer["items"][1]["in_stock"] is False
    assert answer["facets"]["storage"] == {"ambient": 4, "live": 1}
    assert answer["engine"] == "embedded"
    assert answer["next"] is None
    promise = tomato["promise"]
    assert (
        datetime.fromisoformat(promise["order_by"])
        < datetime.fromisoformat(promise["ships_at"])
        < datetime.fromisoformat(promise["deliver_by"])
    )
    assert promise["path"][-1]["kind"] == "trunk"


def test_pages_follow_one_another_until_all_were_seen(client: TestClient, indexed: SmallCounty) -> None:
    seen, cursor = [], ""
    for _ in range(10):
        answer = client.get("/api/v1/products", params={"limit": 2, "sort": "price", **({"cursor": cursor} if cursor else {})}).json()
        seen += [i["id"] for i in answer["items"]]
        if not (cursor := answer["next"]):
            break
    assert sorted(seen) == sorted(p.code for p in indexed.products)


def test_filters_and_words_find_what_they_name(client: TestClient) -> None:
    for asked, names in {
        "q=xihongshi": ["高山西红柿"],
        "q=番茄": ["高山西红柿"],
        "category=茶饮": ["桂花茶"],
        "station=sm-haitou": ["长街蛏子"],
        "storage=live": ["长街蛏子"],
        "q=gzs": [],
    }.items():
        assert [i["name"] for i in client.get(f"/api/v1/products?{asked}").json()["items"]] == names


def test_in_season_leaves_out_what_is_not(client: TestClient) -> None:
    assert "水蜜桃" not in {i["name"] for i in client.get("/api/v1/products?in_season=true").json()["items"]}


def test_not_in_season_is_what_is_out_of_season_with_and_without_an_engine(client: TestClient) -> None:
    for engine in ("embedded", "database"):
        if engine == "database":
            shutil.rmtree(settings.home / "search" / "all")
        out, all_year = (client.get(f"/api/v1/products{asked}").json() for asked in ("?in_season=false", ""))
        assert {out["engine"], all_year["engine"]} == {engine}
        assert [i["name"] for i in out["items"]] == ["水蜜桃"]
        assert len(all_year["items"]) == 5
    service.rebuild()


def test_the_search_page_narrows_by_season_both_ways(client: TestClient) -> None:
    for said, words, shown in (("0", "不当季", True), ("false", "不当季", True), ("1", "当季", False), ("true", "当季", False)):
        page = client.get(f"/search?in_season={said}", headers={"accept": "text/html"}).text
        assert (">水蜜桃<" in page, ">桂花茶<" in page) == (shown, not shown), said
        assert f">{words} ×<" in page


NONSENSE = [
    "limit=0",
    "limit=201",
    "limit=-1",
    "limit=1e3",
    "limit=NaN",
    "sort=grower_id",
    "storage=hot",
    "cursor=%24%24",
    "cursor=W10",
    "in_season=maybe",
]


def test_nonsense_is_refused_in_words(client: TestClient) -> None:
    for bad in NONSENSE:
        answer = client.get(f"/api/v1/products?{bad}")
        assert answer.status_code == 422, bad
        assert answer.headers["content-type"] == "application/problem+json"


STRANGE = ["*" * 5000, "tenant = 1 OR 1=1", '"', "%_%", "<script>alert(1)</script>", "𠮷", "‮abc", "AND OR NOT", "\\", "a" * 9999, "👨‍👩‍👧"]


def test_no_words_break_the_search(client: TestClient) -> None:
    for q in STRANGE:
        for path in ("/api/v1/products", "/api/v1/search/suggest", "/search", "/search/suggest"):
            assert client.get(path, params={"q": q}).status_code == 200, (path, q)


def test_one_product_has_its_variants_and_claim_rule(client: TestClient, indexed: SmallCounty) -> None:
    answer = client.get(f"/api/v1/products/{indexed.products[0].code}").json()
    assert [(v["spec"], v["net_g"], v["price_fen"], v["available"]) for v in answer["variants"]] == [
        ("5斤装", 2500, 3600, 50),
        ("2斤装", 1000, 1680, 50),
    ]
    assert all(v["promise"] for v in answer["variants"])
    assert answer["claim_rule"]["window_h"] == 24
    assert answer["season"] == list(range(1, 13))


UNKNOWN = ["0", "-1", "P", "PNOPE", "1;DROP TABLE product", "..%2f..%2fetc%2fpasswd", "0" * 500, "p" * 13]


def test_unknown_products_stations_and_lots_are_not_found(client: TestClient) -> None:
    for id in UNKNOWN:
        for path in ("/api/v1/products/", "/api/v1/stations/", "/api/v1/lots/", "/p/", "/s/", "/trace/", "/plates/"):
            assert client.get(path + id).status_code == 404, (path, id)


def test_suggestions_complete_initials(client: TestClient) -> None:
    assert client.get("/api/v1/search/suggest?q=ghc").json() == {"items": ["桂花茶"], "next": None}


def test_a_lots_trace_names_no_price_and_no_phone(client: TestClient, indexed: SmallCounty) -> None:
    with db.reading() as session:
        (slip,) = queries.lots_on_shelf(session, [indexed.variants["tea"].id or 0], tenant_id=indexed.id)
    answer = client.get(f"/api/v1/lots/{slip.code}").json()
    assert answer["product"]["name"] == "桂花茶"
    assert not {"price_fen", "phone"} & answer.keys()
    page = client.get(f"/trace/{slip.code.lower()}")
    assert page.status_code == 200
    assert slip.grower in page.text
    assert client.get("/trace", params={"lot": f" {slip.code[:5]} {slip.code[5:]} "}).url.path == f"/trace/{slip.code}"
