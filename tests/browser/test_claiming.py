"""A buyer with a phone pays, finds the goods spoiled, sends photos, and sees the money come back once the office has agreed."""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from tests.journeys.test_browser import check_out, own_product, own_station, paid_parcels, put_in_basket, until
from tests.servers.browser import DESK, PHONE, Visitor, chromium
from tests.servers.storefront import Storefront
from tests.shop.claims.claiming import photo

MASTER, DISPATCHER, SORTER = "13800000011", "13800000002", "13800000007"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


def brought_to_the_door(shop: Storefront, parcels: list[str]) -> None:
    """Packed at the station, handed to a trunk and from there to the buyer."""
    html = {"Accept": "text/html", "Origin": shop.address}
    with shop.client(MASTER) as master:
        jobs = set(re.findall(r"/station/packing/([A-Z0-9]+)", master.get("/station/packing", headers=html).text))
        for job in jobs:
            if any(parcel in master.get(f"/station/packing/{job}", headers=html).text for parcel in parcels):
                assert master.post(f"/station/packing/{job}/parcels", data={"station": own_station(shop)}, headers=html).status_code == 303
    with shop.client(SORTER) as sorter:
        trunk = re.search(r"trunk=([A-Za-z0-9-]+)", sorter.get("/hub", headers=html).text)
    assert trunk
    with shop.client(DISPATCHER) as desk:
        for seq, action in enumerate(("dispatch", "deliver"), 1):
            said = {"device": "test", "seq": seq, "at": clock.local(clock.now()).isoformat(), "action": action, "place": trunk[1], "by": ""}
            told = desk.do("/api/v1/scans", {"events": [{**said, "id": uuid.uuid4().hex, "code": code} for code in parcels]})
            assert {item["result"] for item in told["items"]} == {"accepted"}, told


def test_from_the_basket_to_the_money_back_with_photos(shop: Storefront, browser: Browser, tmp_path: Path) -> None:
    buyer = Visitor(browser, shop.address, size=PHONE, folder="claiming")
    put_in_basket(buyer, own_product(shop))
    number = check_out(buyer, phone="13912340002")
    brought_to_the_door(shop, paid_parcels(buyer, number))

    def ready() -> bool:
        return bool(buyer.go(f"/orders/{number}/claims").locator("#f-photos").count())

    until("the claim's form", ready)
    page = buyer.page
    page.locator("input[name=reason][value=spoiled]").check()
    page.locator("input[name=damaged_pct]").last.check()
    shots = []
    for n in range(3):
        shots.append(tmp_path / f"{n}.jpg")
        shots[-1].write_bytes(photo(60 * n, size=(600, 400)))
    page.set_input_files("#f-photos", shots)
    page.fill("#f-words", "打开就坏了")
    buyer.picture("form")
    page.get_by_role("button", name="申请退款").click()
    page.wait_for_url(f"**/orders/{number}/claims")
    expect(page.locator(".shots img")).to_have_count(3)
    assert page.locator(".shots img").first.evaluate("e => (e.scrollIntoView(), e.decode().then(() => e.naturalWidth))")
    buyer.picture("claimed")
    desk = Visitor(browser, shop.address, size=DESK, folder="claiming")
    desk.sign_in(DISPATCHER)
    office = desk.go("/ops/claims")
    waits = office.locator(f"a.entry:has-text('{number}')")
    if waits.count():  # a small one the rule has approved already
        waits.first.click()
        office.locator("input[name=decision][value=approve]").check()
        office.get_by_role("button", name="就这样定").click()
        office.wait_for_url("**/ops/claims/*")
        desk.picture("decided")

    def back() -> bool:
        return "已经原路退回" in buyer.go(f"/orders/{number}/claims").locator("#claims").inner_text()

    until("the money back", back)
    buyer.picture("back")
    assert buyer.wrongs + desk.wrongs == []
    for visitor in (buyer, desk):
        visitor.close()
