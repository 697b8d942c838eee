"""Every page that stands, seen by those who may, on a phone and on a desk: whole, in Chinese, nothing beside the edge, nothing broken."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from core import clock
from tests.journeys.routes import Call, calls
from tests.servers.browser import DESK, PHONE, Visitor, chromium
from tests.servers.storefront import Storefront

NOT_PAGES = re.compile(r"^/(api|webhooks|files|static|healthz|readyz|metrics|openapi\.json|docs|plates|seals|banners|pictures|villages/)")
NOT_HTML = re.compile(
    r"\.(svg|pdf|png|json|csv)$|/poster$|/qr$|^/search/suggest$|^/ops/closures/preview$|^/travel/calls/new$"
)  # the last two are asked about something
ENGLISH = re.compile(r"[A-Za-z][a-z]{3,}")  # four letters and more: shorter ones are units, capitals are codes
NO_WORDS = re.compile(r"\b[A-Z0-9]{6,}\b|[\w.-]+@[\w.-]+|https?://\S+|nh-[\w-]+")  # codes and addresses
NAMES = {"jishi", "demo", "English", "EMS", "http", "https", "admin", "kg"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def samples(shop: Storefront) -> dict[str, str]:
    """A real value for every name that stands in a page's address, by the start of that address."""
    found: dict[str, str] = {}
    with shop.client() as guest:
        item, variant = guest.in_stock(1, at_least=10, station=_station(shop))[0]
        order = guest.order([{"sku": variant["sku"], "qty": 1}]).json()
        payment = guest.pay(order)
        paid = guest.wait_paid(order)
    found |= {"/s/": item["station"]["code"], "/p/": item["id"], "/track/": paid["parcels"][0]["code"], "/pay/": payment}
    found |= {"/travel/stops/": item["station"]["code"], "/station/packing/": paid["consignments"][0]["code"]}
    with shop.client() as guest:
        shown = guest.get(f"/p/{item['id']}", headers={"Accept": "text/html"}).text
        if lot := re.search(r"/trace/(\w+)", shown):
            found["/trace/"] = lot[1]
    for phone, page, pattern in (
        ("13800000011", "/station/listings", r"/station/listings/(\w{8,})"), ("13800000011", "/station/income", r"/station/income/(\w{8,})"),
        ("13800000003", "/driver", r"/driver/runs/(\w{8,})"), ("13800000006", "/orders", r"/orders/(\w{8,})"),
        ("13800000001", "/county/subsidies", r"/county/subsidies/(nh-\w+)"), ("13800000005", "/live", r"/live/links/(\w{6,})"), ("13800000002", f"/ops?every=1&start=8&day={clock.today() + timedelta(days=1)}", r"/ops/departures/(\w{8,})"),
    ):  # fmt: skip
        with shop.client(phone) as person:
            text = person.get(page, headers={"Accept": "text/html"}).text
            if match := re.search(pattern, text):
                found[pattern.partition("(")[0]] = match[1]
    with shop.client() as guest:
        home = guest.get("/", headers={"Accept": "text/html"}).text
        if match := re.search(r"/l/(\w{6,})", home):
            found["/l/"] = match[1]
    return found


def _station(shop: Storefront) -> str:
    with shop.client("13800000011") as master, shop.client() as guest:
        shown = master.get("/station", headers={"Accept": "text/html"}).text
        return str(next(s["code"] for s in guest.ask("/api/v1/stations", limit=200)["items"] if s["name"] in shown))


def _pages() -> list[Call]:
    found = [c for c in calls() if c.method == "GET" and not NOT_PAGES.match(c.path) and not NOT_HTML.search(c.path)]
    return [call if call.path != "/orders/{number}" else call._replace(phone="13800000006") for call in found]


def _filled(path: str, samples: dict[str, str]) -> str | None:
    """The address with its name filled in; None where this county has no such thing yet."""
    if "{" not in path:
        return path
    start = path.partition("{")[0]
    value = samples.get(start)
    return re.sub(r"\{[^}]+\}", value, path, count=1) if value and path.count("{") == 1 else None


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_page_is_whole(shop: Storefront, browser: Browser, samples: dict[str, str], size: tuple[int, int]) -> None:
    wrong: list[str] = []
    seen = 0
    for phone in sorted({call.phone for call in _pages()}):
        visitor = Visitor(browser, shop.address, size=size, folder=f"pages-{size[0]}")
        if phone:
            visitor.sign_in(phone)
        for call in _pages():
            path = _filled(call.path, samples)
            if call.phone != phone or path is None or (call.path == "/login" and phone):
                continue
            wrong += [f"{path}: {words}" for words in _look(visitor, path)]
            seen += 1
        visitor.close()
    assert seen > 25
    assert not wrong, "\n".join(wrong)


def _look(visitor: Visitor, path: str) -> list[str]:
    """What is wrong with one page as it stands in the window."""
    visitor.wrongs.clear()
    answer = visitor.page.goto(path)
    page = visitor.page
    wrong = [] if answer is not None and answer.status == 200 else [f"status {answer.status if answer else 'none'}"]
    page.evaluate(LOADED)
    visitor.picture(re.sub(r"\W+", "-", path.partition("?")[0]).strip("-") or "home")
    wide, window = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    if wide > window:
        wrong.append(f"scrolls sideways: {wide} px in {window}; widest {page.evaluate(WIDEST)}")
    if (language := page.locator("html").get_attribute("lang")) != "zh-CN":
        wrong.append(f"lang is {language}")
    if (heads := page.locator("h1").count()) != 1:
        wrong.append(f"{heads} h1")
    if broken := page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)"):
        wrong.append(f"images not loaded: {broken[:3]}")
    if nameless := page.evaluate(NAMELESS):
        wrong.append(f"controls without a name: {nameless[:3]}")
    words = set(ENGLISH.findall(NO_WORDS.sub(" ", page.evaluate(READ))))
    if strangers := words - NAMES:
        wrong.append(f"English in a Chinese page: {sorted(strangers)[:8]}")
    return wrong + visitor.wrongs


LOADED = """() => Promise.all([...document.images].map(image => { image.loading = 'eager';
  return image.complete || new Promise(done => { image.onload = image.onerror = done }) }))"""
READ = """(() => { const copy = document.body.cloneNode(true); copy.querySelectorAll('.code, code, script, noscript').forEach(e => e.remove());
  return copy.textContent })()"""
WIDEST = """[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map(e => e.tagName + '.' + e.className)"""
NAMELESS = """[...document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')].filter(e =>
  !(e.innerText || '').trim() && !e.getAttribute('aria-label') && !e.title && !(e.labels && e.labels.length) && !e.querySelector('img[alt]:not([alt=""])')
  && !e.textContent.trim()).map(e => e.outerHTML.slice(0, 90))"""


def test_every_page_answers_a_part_of_itself(shop: Storefront, samples: dict[str, str]) -> None:
    """htmx asks with HX-Request; a part is no whole document, and it never fails where the page does not."""
    wrong = []
    for phone in sorted({call.phone for call in _pages()}):
        with shop.client(phone) as person:
            for call in _pages():
                path = _filled(call.path, samples)
                if call.phone != phone or path is None:
                    continue
                answer = person.get(path, headers={"Accept": "text/html", "HX-Request": "true"})
                if answer.status_code >= 400:
                    wrong.append(f"{answer.status_code} {path}")
    assert not wrong, "\n".join(wrong)
