"""What a driver says without network is kept on the phone and reaches the shop once, when there is network again."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.servers.browser import Visitor, chromium
from tests.servers.storefront import Storefront


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_a_refusal_without_network_is_kept_and_sent_once(shop: Storefront, browser: Browser) -> None:
    driver = Visitor(browser, shop.address)
    driver.sign_in("13800000003")
    page = driver.go("/driver")
    links = [link.get_attribute("href") or "" for link in page.locator("a[href*='/driver/runs/']").all()]
    assert links
    page = driver.go(f"{links[-1].partition('?')[0]}?stop=0")
    driver.context.set_offline(True)
    page.locator("details.dr-full summary").click()
    page.get_by_role("button", name="不再收货").click()
    expect(page.locator("[data-queued]")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/refusals")) as asked:
        driver.context.set_offline(False)
    assert asked.value.status in (200, 409), "taken, or the run is over by this hour"
    expect(page.locator("[data-queued]")).to_be_hidden()
    if asked.value.status == 409:
        expect(page.locator("[data-refused]")).to_be_visible()
    assert page.evaluate("localStorage.queued") == "[]", "it is not sent again"
    driver.close()
