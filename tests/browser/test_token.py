"""Pages that act through htmx say whose they are, for browsers that send neither Sec-Fetch-Site nor Origin."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.servers.browser import Visitor, chromium
from tests.servers.storefront import Storefront


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_htmx_sends_the_token_of_the_cookie(shop: Storefront, browser: Browser) -> None:
    with shop.client() as guest:
        item, _ = guest.in_stock(1, at_least=3)[0]
    visitor = Visitor(browser, shop.address)
    page = visitor.go(f"/p/{item['id']}")
    page.get_by_role("button", name="放进篮子").first.click()
    page.goto("/cart")
    with page.expect_request(lambda request: request.method == "POST") as asked:
        page.get_by_role("button", name="加一").first.click()
    cookies = {cookie["name"]: cookie["value"] for cookie in visitor.context.cookies()}
    assert asked.value.headers["hx-request"] == "true"
    assert cookies["csrf"] == asked.value.headers["x-csrf-token"]
    expect(page.locator("input[name=qty]").first).to_have_value("2")
    assert not visitor.wrongs
    visitor.close()
