"""A villager asks for a trip with no script at all, the dispatcher makes it a run, and it stands on the stop's board."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from tests.servers.browser import DESK, PHONE, Visitor, chromium
from tests.servers.storefront import Storefront


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def test_a_trip_asked_for_without_script_is_confirmed_and_on_the_board(shop: Storefront, browser: Browser) -> None:
    day = (clock.today() + timedelta(days=4)).isoformat()
    villager = Visitor(browser, shop.address, size=PHONE, script=False, folder="travelling")
    villager.sign_in("13800000006")
    page = villager.go("/travel/requests/new")
    for name, value in {"start": "葛家村", "to": "县城", "on": day, "earliest": "20:30", "latest": "21:30", "seats": "2"}.items():
        page.fill(f"#f-{name}", value)
    page.fill("#f-note", "带一只大白鹅")
    page.click("button[value=ask]")
    page.wait_for_url("**/travel/requests")
    expect(page.locator(".tq").first).to_contain_text("葛家驿站 → 宁海县级共配中心")
    villager.picture("asked")
    desk = Visitor(browser, shop.address, size=DESK, script=False, folder="travelling")
    desk.sign_in("13800000002")
    board = desk.go("/ops/requests")
    group = board.locator(".tq-group", has_text="带一只大白鹅")
    desk.picture("gathered")
    group.get_by_role("button", name="开这一趟").click()
    board.wait_for_url("**/ops/requests")
    expect(board.locator("#desk")).to_contain_text("定下的")
    page.reload()
    expect(page.locator(".tq").first).to_contain_text("定了")
    expect(page.locator(".tq-run").first).to_contain_text("在葛家驿站上车")
    villager.go(f"/travel?q=葛家村&on={day}")
    expect(page.locator(".tv-board")).to_contain_text("定制客运")
    villager.picture("on-the-board")
    assert villager.wrongs + desk.wrongs == []
    for visitor in (villager, desk):
        visitor.close()
