"""Many readers at once: a page that reads beside its handler's session never waits for a connection that a waiting page holds."""

from collections import Counter

from tests.concurrency.rivals import at_once
from tests.shop.visitor import visitor


def test_more_readers_than_connections_are_all_answered(county_rows):
    sku = county_rows.variants["tomato"].sku
    with visitor() as client:
        assert client.post("/cart/lines", data={"sku": sku, "qty": "1"}).status_code == 303  # a basket of one's own, counted on each page
        answers = at_once([lambda: client.get("/orders")] * 120, threads=60)
    assert Counter(getattr(answer, "status_code", answer) for answer in answers) == {200: 120}
