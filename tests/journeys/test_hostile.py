"""Bad input over every route: a plain 4xx, nothing changed, never an error of our own. Reading changes nothing at all."""

import json
import re
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import httpx
import pytest
from markupsafe import escape

from tests.journeys.routes import PHONES, Call, calls, example, spoiled
from tests.servers.storefront import ADDRESS, Client, Storefront, own_home

QUANTITIES = [0, -1, -0.0, 1e3, 2**63, 2**31, "１２", "٣", "", None, True, 1.5, "1e3", "NaN", [], {}]
IDS = ["0", "-1", "null", "../../etc/passwd", "..%2f..%2fetc%2fpasswd", "1;DROP TABLE orders", "{550E8400-E29B-41D4-A716-446655440000}",
       "99999999999999999999", "J0000000000000", "%00", "%0d%0aSet-Cookie:a=b", "'", "%F0%A0%AE%B7", "%ff%fe", "a" * 3000, " "]  # fmt: skip
TEXTS = ["王", "𠮷" * 4, "阿不都·热依木", "长" * 60, "长" * 10_000, "👨‍👩‍👧‍👦", "\u202eabc", "e" + "\u0301" * 500, "<script>alert(1)</script>",
         '"><img src=x onerror=alert(1)>', '<div hx-get="/admin" hx-trigger="load">', "a\r\nSet-Cookie: x=1", "\x00", "\x1b[31m",
         "javascript:alert(1)", "**粗** <b>体</b>", "=HYPERLINK(\"http://x\")", "2026-02-30", "24:00:00", "9999-12-31T23:59:59Z"]  # fmt: skip
QUERIES = ["q=" + "%E8%8C%B6" * 3000, "q=*", "q=" + quote('" OR 1=1 --'), "q=%25", "q=" + quote("tenant_id = 2 OR price > 0"), "limit=0",
           "limit=201", "limit=x", "cursor=" + "A" * 500, "cursor=..", "sort=cost", "sort=-", "page=-1", "page=99999999999999999999",
           "date=2026-02-30", "date=9999-12-31", "date=0001-01-01", "from=9999-12-31&to=0001-01-01", "days=999999999", "month=2026-13",
           "month=0000-00", "category=%00", "storage=x&storage=y", "in_season=perhaps", "id=1&id=2", "next=//evil.cn", "%=%", "a[]=1",
           "source=x&station=x&group=x", "first=2026-02-30", "price_from=1e999", "qty=NaN"]  # fmt: skip
TAKEN = {"/login/code", "/api/v1/auth/codes", "/webhooks/{provider}"}  # these keep what they were asked, whatever it was


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storefront]:
    """A shop whose background work stands still, so that a change in the database is a request's doing."""
    with Storefront(own_home(tmp_path_factory), JISHI_WORKERS="0") as opened:
        yield opened


@pytest.fixture(scope="module")
def people(shop: Storefront) -> Iterator[dict[str, Client]]:
    """One signed-in client per phone number that some role has, and a guest under no number."""
    with ExitStack() as stack:
        yield {phone: stack.enter_context(shop.client(phone)) for phone in ["", *sorted(set(PHONES.values()))]}


@pytest.fixture(scope="module")
def watch(shop: Storefront) -> Iterator["Watch"]:
    with sqlite3.connect(f"file:{shop.home / 'jishi.db'}?mode=ro", uri=True) as connection:
        yield Watch(connection)


class Watch:
    """Sees whether anybody else committed to the database since it last looked."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def version(self) -> int:
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])


def _filled(path: str, value: str) -> str:
    return re.sub(r"\{[^}]+\}", value, path)


def _names(query: str) -> set[str]:
    return {part.partition("=")[0] for part in query.split("&")}


def _queries(call: Call) -> list[str]:
    """Each by itself that names something the route reads; the others, of which nothing is made, together: each name once a request."""
    alone = [query for query in QUERIES if _names(query) & call.reads]
    together: list[str] = []
    for query in QUERIES:
        if query not in alone:
            fits = next((n for n, others in enumerate(together) if not _names(others) & _names(query)), None)
            if fits is None:
                together.append(query)
            else:
                together[fits] += f"&{query}"
    return alone + together


def _sent(client: Client, call: Call, path: str, body: Any) -> httpx.Response:
    origin = {"Origin": str(client.base_url).rstrip("/")}
    if call.is_form:
        return client.request(
            call.method, path, data={k: str(v) for k, v in body.items()} if isinstance(body, dict) else {}, headers=origin
        )
    content = json.dumps(body, ensure_ascii=True).encode() if call.schema is not None else None
    return client.request(call.method, path, content=content, headers={**origin, "Content-Type": "application/json"})


def test_every_route_refuses_strange_ids_and_queries(shop: Storefront, people: dict[str, Client], watch: Watch) -> None:
    before, failed = watch.version(), []
    for call in calls():
        if call.method != "GET":
            continue
        addresses = [_filled(call.path, value) for value in IDS] if "{" in call.path else []
        addresses += [f"{_filled(call.path, '1')}?{query}" for query in _queries(call)]
        accept = "application/json" if call.path.startswith("/api/") else "text/html"
        for address in addresses:
            answer = people[call.phone].get(address, headers={"Accept": accept})
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} GET {address[:120]}")
    assert not failed, "\n".join(failed)
    assert watch.version() == before, "a GET wrote something"


def _bodies(call: Call) -> Iterator[Any]:
    if call.schema is None:
        yield {}
        return
    whole = example(call.schema)
    yield whole
    yield {}
    for extra in ({"paid": True}, {"status": "PAID"}, {"is_admin": True}, {"commission_rate": 1}):
        yield {**whole, **extra} if isinstance(whole, dict) else extra
    for bad in [*QUANTITIES, *TEXTS]:
        yield from spoiled(whole, bad)


def test_every_route_refuses_strange_bodies_without_a_trace(shop: Storefront, people: dict[str, Client], watch: Watch) -> None:
    failed = []
    for call in calls():
        if call.method == "GET" or call.path in ("/logout", "/api/v1/auth/sessions/current"):
            continue
        for body in _bodies(call):
            before = watch.version()
            answer = _sent(people[call.phone], call, _filled(call.path, "nowhere"), body)
            if answer.status_code >= 500:
                failed.append(f"{answer.status_code} {call.method} {call.path} {str(body)[:200]}")
            elif answer.status_code >= 400 and watch.version() != before and call.path not in TAKEN:
                failed.append(f"{answer.status_code} but wrote: {call.method} {call.path} {str(body)[:200]}")
    assert not failed, f"{len(failed)}:\n" + "\n".join(failed[:40])


RAW = {
    "a number beyond any float": b'{"items": 1e999}',
    "depth": b"[" * 10_000 + b"]" * 10_000,
    "not JSON": b"{",
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "a lone surrogate": b'{"phone": "\\ud800", "password": "\\ud800", "note": "\\ud800"}',
    "NaN": b'{"qty": NaN}',
    "a bare word": b"null",
    "a list": b"[]",
    "nothing": b"",
    "the same field twice": b'{"phone": "1", "phone": "2"}',
}


@pytest.mark.parametrize("what", RAW)
def test_json_routes_refuse_what_is_not_a_body(shop: Storefront, people: dict[str, Client], watch: Watch, what: str) -> None:
    before, failed = watch.version(), []
    for call in calls():
        if call.schema is None or call.is_form:
            continue
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
            headers = {"Origin": shop.address, **({"Content-Type": kind} if kind else {})}
            answer = people[call.phone].request(call.method, _filled(call.path, "nowhere"), content=RAW[what], headers=headers)
            if not 400 <= answer.status_code < 500:
                failed.append(f"{answer.status_code} {call.method} {call.path} {kind}")
    assert not failed, "\n".join(failed)
    assert watch.version() == before


FOREIGN: dict[str, dict[str, str | bytes]] = {
    "another origin": {"Origin": "https://evil.cn"},
    "a sibling site": {"Sec-Fetch-Site": "same-site", "Origin": "https://other.example"},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "no origin and no token": {},
    "a wrong token": {"X-CSRF-Token": "guess"},
    "a token in no alphabet": {"X-CSRF-Token": b"\xff\xfe"},
    "an opaque origin": {"Origin": "null"},
}


@pytest.mark.parametrize("whose", FOREIGN)
def test_no_page_elsewhere_can_act_for_a_signed_in_person(shop: Storefront, people: dict[str, Client], watch: Watch, whose: str) -> None:
    """H1–H3: a cookie alone changes nothing on any unsafe route."""
    before, failed = watch.version(), []
    for call in calls():
        if call.method == "GET" or "/webhooks/" in call.path:
            continue
        client = people[call.phone or PHONES["consumer"]]
        answer = client.request(call.method, _filled(call.path, "nowhere"), headers=FOREIGN[whose], content=b"{}")
        if answer.status_code != 403:
            failed.append(f"{answer.status_code} {call.method} {call.path}")
    assert not failed, "\n".join(failed)
    assert watch.version() == before


def test_methods_headers_and_ranges_nobody_offers_are_refused(shop: Storefront, watch: Watch) -> None:
    before = watch.version()
    with shop.client() as guest:
        for method in ("TRACE", "CONNECT", "BREW", "PROPFIND"):
            assert 400 <= guest.request(method, "/login").status_code < 500, method
        assert guest.post("/login", headers={"X-HTTP-Method-Override": "DELETE"}, data={}).status_code < 500
        ranges = ",".join(f"{n}-{n}" for n in range(1000))
        assert guest.get("/static/css/tokens.css", headers={"Range": f"bytes={ranges}"}).status_code < 500
        assert guest.get("/", headers={"Host": "evil.cn"}).status_code < 500
        assert guest.get("/", headers={"Cookie": "sid=" + "x" * 4000 + '; =;;; a="b'}).status_code < 500
        assert guest.get("/", headers={"Authorization": "Bearer " + "x" * 2000}).status_code < 500
        assert guest.post("/login", content=b"x" * 2_000_000, headers={"Origin": shop.address}).status_code == 413
        parts = "".join(f'--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\nx\r\n' for n in range(5000)) + "--b--\r\n"
        form = {"Origin": shop.address, "Content-Type": "multipart/form-data; boundary=b"}
        assert 400 <= guest.post("/login", content=parts.encode(), headers=form).status_code < 500
        for onward in ("//evil.cn", "https:evil.cn", "/\\evil.cn", "javascript:alert(1)", "https://shop.cn@evil.cn", "%2f%2fevil.cn"):
            shown = people_free_login(shop, onward)
            assert urlsplit(shown.headers["location"]).netloc == ""
            assert shown.headers["location"].startswith("/")
            assert not shown.headers["location"].startswith(("//", "/\\"))
    assert watch.version() != before, "the sign-ins above were real"


def people_free_login(shop: Storefront, onward: str) -> httpx.Response:
    with shop.client() as guest:
        form = {"phone": PHONES["consumer"], "password": "jishi-demo", "next": onward}
        answer = guest.post("/login", data=form, headers={"Origin": shop.address})
        assert answer.status_code == 303
        return answer


@pytest.mark.parametrize("role", ["guest", "consumer", "master", "dispatcher", "admin", "finance", "driver", "sorter", "seller"])
def test_following_every_link_reads_without_writing(shop: Storefront, people: dict[str, Client], watch: Watch, role: str) -> None:
    """Every link a person can follow from their first pages answers, and leaves the database as it was (but for order links' clicks)."""
    client, seen, failed = people[PHONES.get(role, "")], set(), []
    queue = deque(["/", "/search?q=%E7%AC%8B", "/villages", "/cart", "/travel", "/account", *HOMES.get(role, [])])
    shapes: dict[str, int] = {}
    before = watch.version()
    while queue and len(seen) < 120:
        path = queue.popleft()
        shape = re.sub(r"[A-Z0-9]{6,}|\d+|nh-[\w-]+", "*", path)
        if path in seen or shapes.get(shape, 0) >= 4 or path.startswith(("/l/", "/en", "/static", "/files", "/docs")):
            continue
        seen.add(path)
        shapes[shape] = shapes.get(shape, 0) + 1
        answer = client.get(path, headers={"Accept": "text/html"}, follow_redirects=True)
        if answer.status_code >= 400:
            failed.append(f"{answer.status_code} {path}")
        if "html" in answer.headers.get("content-type", ""):
            for found in re.findall(r'href="([^"#]+)', answer.text):
                onward = urlsplit(urljoin(str(answer.url), unescape(found)))
                if onward.netloc == urlsplit(shop.address).netloc:
                    queue.append(onward.path + (f"?{onward.query}" if onward.query else ""))
    assert not failed, "\n".join(failed)
    assert watch.version() == before, "reading wrote something"


HOMES = {
    "master": ["/station"], "dispatcher": ["/ops"], "admin": ["/county"], "finance": ["/finance"], "driver": ["/driver"],
    "sorter": ["/hub"], "seller": ["/live"], "consumer": ["/orders"],
}  # fmt: skip


def _order_body(client: Client) -> dict[str, Any]:
    _, variant = client.in_stock(1, at_least=30)[0]
    items = [{"sku": variant["sku"], "qty": 1}]
    total = client.do("/api/v1/quotes", {"items": items, "address": ADDRESS})["total_fen"]
    return {
        "items": items,
        "contact": {"name": "王小明", "phone": "13911110000"},
        "address": ADDRESS,
        "note": "",
        "expected_total_fen": total,
    }


def test_an_order_with_a_strange_field_is_refused_without_a_trace(shop: Storefront, watch: Watch) -> None:
    """Q, P, R and A of the corpus on a body that is otherwise right."""
    with shop.client() as client:
        right = _order_body(client)
    item = right["items"][0]
    wrong = [
        *({**right, "items": [{**item, "qty": bad}]} for bad in QUANTITIES),
        *({**right, "items": [{**item, "sku": bad}]} for bad in ["", "0", "../..", "x" * 500, None, 5, item["sku"].lower() + "?"]),
        *({**right, "expected_total_fen": bad} for bad in [0, -1, 1, "100", 10.5, None, right["expected_total_fen"] - 1, 2**63]),
        *(
            {**right, extra: 1}
            for extra in ["total", "total_fen", "price", "paid", "status", "discount_fen", "currency", "commission_rate"]
        ),
        *({**right, "items": [{**item, extra: 1}]} for extra in ["price", "price_fen", "discount"]),
        *(
            {**right, "contact": {"name": "王", "phone": bad}}
            for bad in ["1380013800", "12345678901", "", "abc", None, 13800138000, "1" * 400]
        ),
        *({**right, "contact": {"name": bad, "phone": "13911110001"}} for bad in ["", "  ", "长" * 10_000, None, 5, "e" + "\u0301" * 500]),
        *({**right, "address": {**ADDRESS, "province": bad}} for bad in ["", "月球", None, 5, "<script>", "x" * 10_000]),
        *({**right, "address": {**ADDRESS, "extra": 1}} for _ in range(1)),
        {**right, "items": []},
        {**right, "items": [item] * 300},
        {**right, "note": "长" * 100_000},
    ]
    before, failed = watch.version(), []
    for n, body in enumerate(wrong):
        if isinstance(body["contact"]["phone"], str) and body["contact"]["phone"].startswith("139"):
            body = {**body, "contact": {**body["contact"], "phone": f"1391111{n:04d}"}}
        with shop.client() as client:
            answer = client.submit("/api/v1/orders", body)
        if not 400 <= answer.status_code < 500 or "json" not in answer.headers["content-type"]:
            failed.append(f"{answer.status_code} {str(body)[:300]} {answer.text[:200]}")
    assert not failed, "\n".join(failed)
    assert watch.version() == before, "a refused order left a trace"


NAMES = [
    "王",
    "𠮷野",
    "阿不都·热依木",
    "长" * 60,
    "👨‍👩‍👧‍👦",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "**粗** <b>体</b>",
]


@pytest.mark.parametrize("n", range(len(NAMES)))
def test_any_persons_name_is_taken_as_text_and_shown_escaped(shop: Storefront, n: int) -> None:
    """N1–N5, N9–N12, N18 in the name and the note: accepted, kept as sent, never markup."""
    name = NAMES[n]
    with shop.client() as client:
        body, headers = _order_body(client), {"Origin": shop.address, "Accept": "text/html"}
        client.post("/cart/lines", data={"sku": body["items"][0]["sku"], "qty": "1"}, headers=headers)
        typed = {**ADDRESS, "name": name, "phone": f"1392222{n:04d}", "note": name, "expected_total_fen": body["expected_total_fen"]}
        cashier = client.post("/checkout", data={**typed, "step": "place", "provider": "sandbox"}, headers=headers)
        assert cashier.status_code == 303, cashier.text
        number = re.findall(r"/orders/(\w{8,})", client.get("/orders", headers=headers).text)[0]
        shown = client.get(f"/orders/{number}", headers=headers)
        assert shown.status_code == 200
        assert str(escape(name)) in shown.text
        for markup in ("<script>alert", "<img src=x", "<b>体</b>"):
            assert markup not in shown.text


def test_the_forms_of_buying_refuse_what_the_programs_refuse(shop: Storefront, watch: Watch) -> None:
    """The same corpus through the basket's form: a page in words, nothing put in."""
    with shop.client() as client:
        sku = client.in_stock(1, at_least=30)[0][1]["sku"]
        before, failed = watch.version(), []
        for bad in QUANTITIES:
            form = urlencode({"sku": sku, "qty": "" if bad is None else str(bad)})
            headers = {"Origin": shop.address, "Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
            answer = client.post("/cart", content=form, headers=headers)
            good = str(bad) in ("１２", "1000.0")
            if answer.status_code >= 500 or (not good and answer.status_code < 400):
                failed.append(f"{answer.status_code} qty={bad!r}")
        assert not failed, "\n".join(failed)
    assert watch.version() == before
