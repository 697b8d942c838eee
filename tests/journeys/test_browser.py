"""The main road in a real browser: browse, buy, pay, pack, batch, carry by scan, deliver, earn. Pictures go to test-artifacts/."""

import re
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from core import clock
from tests.servers.browser import DESK, Visitor, chromium
from tests.servers.storefront import Storefront

MASTER, DISPATCHER, DRIVER, SORTER, SELLER = "13800000011", "13800000002", "13800000003", "13800000007", "13800000005"
CARRIER = "13800000008"
SLOW_S = 60.0  # a machine that runs other suites beside; what is waited for takes a second


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def visit(shop: Storefront, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Opens windows; at the end of the test none of them may have seen anything go wrong."""
    opened: list[Visitor] = []

    def open_window(**how: Any) -> Visitor:
        opened.append(Visitor(browser, shop.address, **how))
        return opened[-1]

    yield open_window
    for visitor in opened:
        visitor.close()
    assert not [wrong for visitor in opened for wrong in visitor.wrongs]


def until(what: str, seen: Callable[[], Any], seconds: float = SLOW_S) -> Any:
    """Ask again until it is there."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := seen():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not seen in {seconds:.0f} s: {what}")


def own_station(shop: Storefront) -> str:
    """The public code of the station the demo's first master runs."""
    with shop.client(MASTER) as master, shop.client() as guest:
        shown = master.get("/station", headers={"Accept": "text/html"}).text
        return next(s["code"] for s in guest.ask("/api/v1/stations", limit=200)["items"] if s["name"] in shown)


def own_product(shop: Storefront) -> dict[str, Any]:
    """Something of that station which can be bought and promised now."""
    with shop.client() as guest:
        return guest.in_stock(1, at_least=10, station=own_station(shop))[0][0]


def put_in_basket(buyer: Visitor, product: dict[str, Any]) -> None:
    page = buyer.go(product["url"])
    expect(page.locator("h1")).to_contain_text(product["name"])
    buyer.picture("02-product")
    page.locator("button[form=buy]:visible, #buy button:visible.btn--buy").first.click()
    page.wait_for_url("**/cart")
    buyer.picture("03-basket")


def check_out(buyer: Visitor, *, phone: str) -> str:
    """From the filled basket through the cashier to the order's page; the order's number."""
    page = buyer.page
    page.locator("a[href$='/checkout']:visible").first.click()
    page.wait_for_url("**/checkout")
    page.fill("[name=name]", "王小明")
    page.fill("[name=phone]", phone)
    page.select_option("[name=province]", "上海市")
    page.fill("[name=city]", "上海市")
    page.fill("[name=district]", "徐汇区")
    page.fill("[name=detail]", "漕溪北路 18 号 3 幢 502 室")
    buyer.picture("04-checkout")
    page.locator("button[name=step][value=place]").tap()  # in one go, as a finger does: a mouse might come up on the button reckoned anew
    return at_the_cashier(buyer)


def at_the_cashier(buyer: Visitor) -> str:
    """Pay in the sandbox; the number of the order the way back leads to."""
    page = buyer.page
    page.wait_for_url("**/pay/*")
    buyer.picture("05-cashier")
    page.locator("form:has(input[name=outcome][value=paid]) button").click()
    page.wait_for_url(re.compile(r"/orders/[A-Z0-9]+"))
    number = re.search(r"/orders/([A-Z0-9]+)", page.url)
    assert number is not None
    return number[1]


def paid_parcels(buyer: Visitor, number: str) -> list[str]:
    """Wait until the cashier's notice made the order paid: its parcels are on the page."""

    def seen() -> list[str]:
        buyer.go(f"/orders/{number}")
        return [str(a.inner_text()) for a in buyer.page.locator("a[href*='/track/']").all()]

    found: list[str] = until(f"order {number} paid", seen)
    return found


def planned_road(shop: Storefront, parcel: str, origin: str, day: str) -> tuple[dict[str, Any], int]:
    """The departure of that day which the plan gave the parcel's station, and where it boards."""
    with shop.client(DISPATCHER) as dispatcher:
        road = dispatcher.ask(f"/api/v1/track/{parcel}")
        boards = next(event["at"] for event in road["events"] if event["state"] == "todo" and event["line"])
        for run in dispatcher.ask("/api/v1/departures", date=day)["items"]:
            for n, stop in enumerate(run["stops"]):
                if stop["node"] == origin and stop["on"] and stop["leaves_at"] == boards:
                    return run, n
    raise AssertionError(f"no departure takes {parcel}: {road}")


def test_one_order_from_the_front_page_to_the_masters_income(shop: Storefront, visit: Callable[..., Visitor]) -> None:
    product, origin = own_product(shop), own_station(shop)

    buyer = visit(folder="journey")
    buyer.go("/")
    buyer.picture("01-home")
    put_in_basket(buyer, product)
    number = check_out(buyer, phone="13912340001")
    parcels = paid_parcels(buyer, number)
    buyer.picture("06-order-paid")

    master = visit(folder="journey")
    page = master.sign_in(MASTER)
    master.picture("07-station")
    page.goto("/station/packing")
    master.picture("08-packing")
    page.locator(f"a[href*='/station/packing/']:has-text('{product['name'][:4]}'), a[href*='/station/packing/C']").first.click()
    page.locator("form[action$='/parcels'] button").first.click()
    expect(page.locator("#job")).to_contain_text("打好了")
    master.picture("09-packed")
    labels = page.locator("a[href$='labels.pdf']").get_attribute("href")
    pdf = master.context.request.get(f"{shop.address}{labels}")
    assert pdf.ok
    assert pdf.body().startswith(b"%PDF")

    with shop.client() as guest:
        day = next(v["promise"]["ships_at"] for v in guest.ask(f"/api/v1/products/{product['id']}")["variants"] if v["promise"])[:10]
    dispatcher = visit(folder="journey", size=DESK)
    page = dispatcher.sign_in(DISPATCHER)
    page.goto(f"/ops?day={day}")
    page.locator("form[action='/ops/plans'] button").click()

    def solved() -> bool:
        page.goto(f"/ops?day={day}&start=5")
        return page.locator(".ops-cost").count() > 0

    until("the plan", solved)
    dispatcher.picture("10-ops-planned")

    seller_of_rides = visit(folder="journey")
    page = seller_of_rides.sign_in(DRIVER)
    seller_of_rides.picture("11-driver")
    last: dict[str, Any] = {}
    for parcel in parcels:
        run, at = planned_road(shop, parcel, origin, day)
        last = run["stops"][-1]
        page.goto(f"/driver/runs/{run['id']}?stop={at}")
        for stop, said in ((at, "上了车"), (len(run["stops"]) - 1, "卸下了")):
            page.goto(f"/driver/runs/{run['id']}?stop={stop}")
            page.fill("[name=code]:not([type=hidden])", parcel)
            page.press("#f-code", "Enter")  # as a scan gun ends: it takes on where the bus is boarded and sets down at the last stop
            expect(page.get_by_role("status")).to_contain_text(said)
        seller_of_rides.picture("12-driver-run")
    assert last["node"].endswith("-hub")

    sorter = visit(folder="journey")
    page = sorter.sign_in(SORTER)
    for parcel in parcels:
        page.goto("/hub")
        page.fill("[name=code]", parcel)
        page.locator("form[action='/hub/scans'] button").click()
        expect(page.locator("#hub .hero")).to_be_visible()
        sorter.picture("13-hub-sorted")
        trunk = page.locator("#hub .hero").inner_text()
        page.locator(f"a[href*='/hub?trunk=']:has-text('{trunk}')").first.click()
        page.fill("[name=code]", parcel)
        page.locator("form[action='/hub/scans'] button").click()
        expect(page.get_by_text("已交")).to_be_visible()
        sorter.picture("14-hub-dispatched")
    carrier = visit(folder="journey")
    page = carrier.sign_in(CARRIER)
    carrier.picture("15-carrier")
    for parcel in parcels:
        page.goto("/partner")
        page.fill("#f-code", parcel)
        page.press("#f-code", "Enter")
        expect(page.get_by_role("status")).to_contain_text("送到了")
        carrier.picture("16-carrier-delivered")

    buyer.go(f"/track/{parcels[0]}")
    buyer.picture("17-track-delivered")
    buyer.go(f"/orders/{number}")
    expect(buyer.page.locator("h1")).to_contain_text("送到")
    buyer.picture("18-order-delivered")

    page = master.go("/station/income")
    master.picture("19-income")
    page.locator(f"a[href*='/station/income/']:has-text('{product['name'][:4]}')").first.click()
    expect(page.locator("#entry")).to_contain_text("从哪来的")
    master.picture("20-income-cause")


def test_a_carrier_without_script_delivers_with_one_tap(shop: Storefront, visit: Callable[..., Visitor]) -> None:
    """What the demo's history left on the trunks."""
    carrier = visit(folder="journey-no-script", script=False)
    page = carrier.sign_in(CARRIER)
    carrier.picture("15-carrier")
    first = page.locator("li:has(form[action='/partner/deliveries'])").first
    code = first.locator("a.code").inner_text()
    first.get_by_role("button", name="送到了").click()
    expect(page.get_by_role("status")).to_contain_text("送到了")
    page.goto(f"/track/{code}")
    expect(page.locator("h1")).to_contain_text("已送到")
    carrier.picture("16-track-delivered")


def test_a_guest_without_script_buys_and_pays(shop: Storefront, visit: Callable[..., Visitor]) -> None:
    buyer = visit(folder="journey-no-script", script=False)
    put_in_basket(buyer, own_product(shop))
    number = check_out(buyer, phone="13912340002")
    assert paid_parcels(buyer, number)
    buyer.picture("06-order-paid")


def test_a_listing_published_in_the_browser_is_found_by_search(shop: Storefront, visit: Callable[..., Visitor]) -> None:
    """The promise is two seconds; how long it took is printed, the test waits for as long as a busy machine may need."""
    name = f"试卖红心猕猴桃{uuid.uuid4().int % 1000}"
    master = visit(folder="listing")
    page = master.sign_in(MASTER)
    page.goto("/station/listings")
    master.picture("01-shelf")
    page.goto("/station/listings/new")
    page.fill("[name=name]", name)
    page.fill("[name=category]", "水果")
    page.select_option("[name=grower]", index=1)
    page.fill("[name=spec]", "5斤装")
    page.fill("[name=price]", "39.60")
    page.fill("[name=net_g]", "2500")
    page.fill("[name=units]", "20")
    master.picture("02-new")
    page.locator("button[name=then][value=publish]").click()
    page.wait_for_url(re.compile(r"/station/listings/\w+$"))
    began = time.monotonic()
    with shop.client() as guest:
        until("the listing in search", lambda: [i for i in guest.ask("/api/v1/products", q=name)["items"] if i["name"] == name])
        print(f"searchable after {time.monotonic() - began:.2f} s")
    master.picture("03-published")
    buyer = visit(folder="listing")
    page = buyer.go(f"/search?q={name}")
    expect(page.get_by_role("link", name=name).first).to_be_visible()
    buyer.picture("04-found")
    page = master.page
    page.locator("form[action$='/withdrawal'] button").click()
    expect(page.locator("form[action$='/publication'] button")).to_be_visible()
    with shop.client() as guest:
        until("the listing gone", lambda: not [i for i in guest.ask("/api/v1/products", q=name)["items"] if i["name"] == name])


def test_a_sellers_link_sells_its_quota_and_keeps_the_attribution(shop: Storefront, visit: Callable[..., Visitor]) -> None:
    with shop.client(SELLER) as seller, shop.client() as guest:
        product, variant = guest.in_stock(1, at_least=20)[0]
        now = clock.local(clock.now())
        wanted = {
            "variants": [{"sku": variant["sku"], "price_fen": variant["price_fen"] - 100}], "quota": 3, "commission_bp": 500,
            "starts_at": (now - timedelta(minutes=1)).isoformat(), "ends_at": (now + timedelta(hours=2)).isoformat(), "session": "今晚",
        }  # fmt: skip
        link = seller.do("/api/v1/links", wanted)
    buyer = visit(folder="link")
    page = buyer.go(f"/l/{link['code']}")
    expect(page.locator("body")).to_contain_text(product["name"])
    buyer.picture("01-link")
    page.fill("[name=phone]", "13912340003")
    page.fill("[name=pasted]", "王小满 上海市徐汇区漕溪北路 18 号 3 幢 502 室")
    page.locator("form[action$='/quote'] button.btn--buy").click()
    page.locator("button[name=step][value=place]").wait_for()
    buyer.picture("02-link-total")
    page.locator("button[name=step][value=place]").click()
    number = at_the_cashier(buyer)
    assert paid_parcels(buyer, number)
    order = buyer.context.request.get(f"{shop.address}/api/v1/orders/{number}").json()
    assert [line["attributed"] for line in order["lines"]] == [True]
    with shop.client(SELLER) as seller:
        assert seller.ask(f"/api/v1/links/{link['code']}/stats")
