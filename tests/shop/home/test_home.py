from fastapi.testclient import TestClient

from tests.county import SmallCounty


def test_the_front_page_ties_what_is_ripe_to_the_next_bus(client: TestClient, indexed: SmallCounty) -> None:
    page = client.get("/").text
    assert "赶下一班车" in page
    assert "前下单" in page
    assert " → 县城" in page
    assert page.count('class="entry') >= 3
    assert "水蜜桃" not in page.split('id="ripe"')[1].split('id="album"')[0]


def test_a_shared_page_is_answered_again_until_the_catalogue_changes(client: TestClient, indexed: SmallCounty) -> None:
    first = client.get("/")
    assert client.get("/").text == first.text
    assert "jishi-shared" not in first.headers
