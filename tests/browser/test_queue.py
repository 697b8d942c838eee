"""What a driver says without network is kept on the phone and reaches the shop once, when there is network again.

Tomorrow's runs are taken, which are ahead at any hour: whether the shop takes what was said is decided here, not by the clock.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Response, expect

from core import clock
from tests.servers.browser import DESK, Visitor, chromium
from tests.servers.storefront import Storefront, fetch


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def driver(shop: Storefront, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, shop.address)
    visitor.sign_in("13800000003")
    yield visitor
    visitor.close()


def tomorrows_runs(driver: Visitor) -> list[str]:
    """Runs of the driver's lines that carry goods tomorrow, the first to leave first."""
    day = clock.today() + timedelta(days=1)
    runs = [run for run in fetch(f"{driver.address}/api/v1/departures?date={day}").json()["items"] if run["state"] != "cancelled"]
    one_of = {run["line"]: run["id"] for run in runs}
    mine = {line for line, run in one_of.items() if driver.page.request.get(f"{driver.address}/driver/runs/{run}").ok}
    own = [run for run in runs if run["line"] in mine and run["capacity"]["g"]]
    return [run["id"] for run in sorted(own, key=lambda run: run["stops"][0]["leaves_at"])]


def say_full_without_network(driver: Visitor, run: str) -> None:
    page = driver.go(f"/driver/runs/{run}")
    driver.context.set_offline(True)
    page.locator("details.dr-full summary").click()
    page.get_by_role("button", name="不再收货").click()
    expect(page.locator("[data-queued]")).to_be_visible()


def network_again(driver: Visitor) -> Response:
    with driver.page.expect_response(lambda answer: answer.url.endswith("/refusals")) as asked:
        driver.context.set_offline(False)
    expect(driver.page.locator("[data-queued]")).to_be_hidden()
    assert driver.page.evaluate("localStorage.queued") == "[]", "it is not sent again"
    return asked.value


def test_a_refusal_without_network_is_kept_and_taken_once(driver: Visitor, browser: Browser) -> None:
    run = tomorrows_runs(driver)[0]
    say_full_without_network(driver, run)
    assert network_again(driver).status == 200
    expect(driver.page.locator("[data-refused]")).to_be_hidden()
    desk = Visitor(browser, driver.address, size=DESK)
    desk.sign_in("13800000002")
    expect(desk.go(f"/ops/departures/{run}").get_by_text("整班不再收货")).to_be_visible()
    desk.close()


def test_what_a_struck_out_run_no_longer_takes_is_said_and_not_sent_again(driver: Visitor, browser: Browser) -> None:
    run = tomorrows_runs(driver)[-1]
    say_full_without_network(driver, run)
    desk = Visitor(browser, driver.address, size=DESK)
    desk.sign_in("13800000002")
    page = desk.go(f"/ops/departures/{run}/cancellation")
    page.fill("#f-reason", "大雾封路")
    page.get_by_role("button", name="照此停班").click()
    page.wait_for_url(f"**/ops/departures/{run}")
    desk.close()
    assert network_again(driver).status == 409
    expect(driver.page.locator("[data-refused]")).to_be_visible()
