"""Whoever reads English reads all of it, and whoever reads Chinese reads no English."""

import re
from collections.abc import Iterator
from gettext import GNUTranslations
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest
from fastapi.testclient import TestClient
from jinja2 import nodes
from sqlmodel import Session, select

from core import clock, db, i18n, pii
from core.auth.models import SignIn
from core.auth.service import grant, start_session
from core.settings import ROOT, settings
from core.tasks import drain
from core.web.templates import environment
from fulfillment.consignments.models import Consignment
from fulfillment.consignments.service import pack
from fulfillment.timetable.service import follow_the_clock
from scripts import messages
from shop.app import create_app
from shop.checkout.shares import AGREED, GROWER
from shop.orders.cancel import cancel_order
from shop.orders.models import Order
from shop.search import service as search
from shop.tables import metadata
from supply.growers.models import AgreementKind
from supply.products.models import Variant
from tests.county import small_county
from tests.permissions.routes import declared
from tests.shop.buying import SHANGHAI, ZHAO, buy, open_roads, pay
from tests.shop.selling import make_link, make_user
from tests.shop.visitor import hidden

HAN = messages.HAN
PLACES = re.compile(r"%\(\w+\)s|%%|\{\w+\}|</?b>")
KEPT_CHINESE = {"驿站", "葛家番薯干", "枇杷", "浙江省"}  # examples of names, which stay as they are written


@pytest.fixture(scope="module")
def said() -> dict[messages.Text, set[str]]:
    return messages.collect()


@pytest.fixture(scope="module")
def english() -> dict[str, list[str]]:
    """The catalogue: what is said → its English, one or (for a plural) more."""
    known = [m for m in messages.catalogue() if m.id]
    return {(m.id if isinstance(m.id, str) else m.id[0]): [m.string] if isinstance(m.string, str) else list(m.string) for m in known}


def _first(text: messages.Text) -> str:
    return text if isinstance(text, str) else text[0]


def test_everything_the_product_says_has_its_english(said, english):
    assert sorted(f"{_first(t)}  ({', '.join(files)})" for t, files in said.items() if not all(english.get(_first(t), [""]))) == []
    assert [m.id for m in messages.catalogue() if m.fuzzy] == []


def test_the_english_keeps_every_place_for_a_value(said, english):
    def places(text: str) -> list[str]:
        return sorted(PLACES.findall(text))

    assert [_first(t) for t in said for words in english.get(_first(t), []) if words and places(words) != places(_first(t))] == []


def test_the_english_is_plain_english(english):
    def chinese(words: str) -> bool:
        for name in KEPT_CHINESE:
            words = words.replace(name, "")
        return bool(HAN.search(words))

    assert [words for strings in english.values() for words in strings if chinese(words) or "!" in words] == []


def test_the_compiled_catalogue_says_what_the_written_one_says(english):
    with (messages.ENGLISH / "messages.mo").open("rb") as file:
        compiled = GNUTranslations(file)
    assert {one: compiled.gettext(one) for one in english} == {one: words[0] or one for one, words in english.items()}


def _bare(node: nodes.Node, path: str) -> Iterator[str]:
    """Chinese in a template that no `_()` covers; what stands under a test of the language is meant for one of them."""
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in ("_", "gettext", "ngettext", "seal"):
        for each in [*node.args[1:], *(k.value for k in node.kwargs)]:
            yield from _bare(each, path)
        return
    if isinstance(node, nodes.Filter) and node.name == "replace":  # words cut from a name, which is data
        yield from _bare(node.node, path)
        return
    if isinstance(node, nodes.If | nodes.CondExpr) and any(n.name == "locale" for n in node.test.find_all(nodes.Name)):
        return
    text = node.data if isinstance(node, nodes.TemplateData) else node.value if isinstance(node, nodes.Const) else ""
    if isinstance(text, str) and HAN.search(text):
        yield f"{path}: {text.strip()[:60]}"
    for child in node.iter_child_nodes():
        yield from _bare(child, path)


def test_no_template_says_chinese_that_nobody_could_translate():
    found = []
    for path in sorted((ROOT / "templates").rglob("*.html")):
        if path.name not in messages.SHOWING_PARTS:
            tree = environment.parse(path.read_text("utf-8"))
            found += _bare(tree, path.relative_to(ROOT / "templates").as_posix())
    assert [f for f in found if not f.startswith(("components/season.html", "components/promise.html"))] == []


def test_what_a_row_keeps_is_told_to_each_in_their_language():
    frozen = GROWER.format(how=AGREED[AgreementKind.CONSIGNMENT], rate="70%")
    assert i18n.retold(frozen) == frozen
    with i18n.speaking("en"):
        assert i18n.retold(frozen) == "Consignment, 70% of the goods"
        assert i18n.retold("") == ""
        assert i18n.retold("谁也不认识的话") == "谁也不认识的话"
        assert i18n.gettext("") == ""


class _Visible(HTMLParser):
    """What a page shows or reads out, and where its links lead."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.silent = 0
        self.joins = False  # a search's mark stands inside its word

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        self.silent += tag in ("script", "style") or (tag == "svg" and "seal" in (known.get("class") or "").split()) or bool(self.silent)
        self.joins = tag == "mark"
        self.texts += [known[name] or "" for name in ("alt", "title", "aria-label", "placeholder") if name in known]
        self.texts += [known.get("content") or ""] if known.get("name") == "description" else []
        if tag == "a" and "hreflang" not in known:
            self.links.append(known.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= bool(self.silent)
        self.joins = tag == "mark"

    def handle_data(self, data: str) -> None:
        if self.joins and self.texts:
            self.texts[-1] += data
        elif not self.silent:
            self.texts.append(data)


DESKS = {
    "consumer": ("own", "", "/account"), "master": ("station", "sm-gejia", "/station"), "dispatcher": ("county", "", "/ops"),
    "driver": ("line", "sm-l1", "/driver"), "sorter": ("hub", "sm-hub", "/hub"), "seller": ("own", "", "/live"),
    "finance": ("county", "", "/finance"), "admin": ("county", "", "/county"),
}  # fmt: skip
ANYBODY = (
    "/", "/search", "/search?q=西红柿", "/search?q=9999", "/villages", "/almanac", "/travel", "/trace", "/track", "/cart", "/orders", "/login",
    "/p/nothing", "/nowhere", "/trace/nothing",
)  # fmt: skip
WORKING = {
    "master": ("/station/packing", "/station/income", "/station/listings", "/station/listings/new", "/station/people"),
    "seller": ("/live/new", "/live/new?q=西红柿", "/account/income"), "admin": ("/finance", "/ops", "/county/people", "/county/people/new"),
    "consumer": ("/account/password", "/account/second-factor"),
}  # fmt: skip
SIMILAR = 2  # pages of one route that are looked at


@pytest.fixture
def busy(database: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """The small county with an order waiting for money, one packed and one cancelled, a livestream, and one person of each role (headers)."""
    monkeypatch.setattr(settings, "demo", True)
    with db.writing() as session:
        county = small_county(session)
        open_roads(session, county)
        people, tokens = {}, {}
        for n, (role, (kind, scope, _)) in enumerate(DESKS.items()):
            people[role] = make_user(session, f"1390000{n:04d}", f"第{n}位")
            grant(session, people[role], role, tenant_id=county.id, scope_kind=kind, scope_code=scope)
            started, tokens[role] = start_session(session, tenant_id=county.id, user=people[role], bearer=True)
            session.get_one(SignIn, started.id).second_factor_at = clock.now()
        make_link(session, county, people["seller"], {"tomato": 3000}, quota=20, commission_bp=500)
        follow_the_clock(session, county.id)
        waiting, sent, gone = (buy(session, county, ("tomato", 1), (name, 2)) for name in ("clam", "tea", "bamboo"))
        numbers = [order.number for order in (waiting, sent, gone)]
    for number in numbers[1:]:
        with db.writing() as session:
            pay(session, number)
        drain()
    with db.writing() as session:
        _follow(session, numbers, people["consumer"].id)
    drain()
    search.rebuild()
    return {role: {"authorization": f"Bearer {token}"} for role, token in tokens.items()} | {"": {}}


def _follow(session: Session, numbers: list[str], buyer: int | None) -> None:
    orders = {order.number: order for order in session.exec(select(Order))}
    for order in orders.values():
        order.user_id = buyer
    session.flush()
    for consignment in session.exec(select(Consignment).where(Consignment.source_code == numbers[1])):
        pack(session, consignment, by="UMASTER")
    cancel_order(session, orders[numbers[2]], by="UBUYER")


def _route(path: str, known: list[re.Pattern[str]]) -> str:
    return next((pattern.pattern for pattern in known if pattern.fullmatch(path)), path)


def _walk(busy: dict[str, dict[str, str]], prefix: str) -> Iterator[tuple[str, _Visible]]:
    """Every page that somebody reaches by links from the desks and the shop, at most a few of each route."""
    known = [re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path)) for method, path, _ in declared() if method == "GET"]
    client = TestClient(create_app(), headers={"accept": "text/html", "sec-fetch-site": "same-origin"}, follow_redirects=True)
    for role, headers in busy.items():
        open_ = [DESKS[role][2], *WORKING.get(role, ())] if role else list(ANYBODY)
        seen: dict[str, set[str]] = {}
        while open_:
            path = open_.pop(0)
            alike = seen.setdefault(_route(path.partition("?")[0], known), set())
            if path in alike or (len(alike) >= SIMILAR and path not in ANYBODY):
                continue
            alike.add(path)
            answer = client.get(f"{prefix}{path}", headers=headers)
            assert answer.status_code < 500, path
            if "text/html" not in answer.headers.get("content-type", ""):
                continue
            page = _Visible()
            page.feed(answer.text)
            yield f"{role or 'guest'} {path}", page
            for link in page.links:
                address = urlsplit(link)
                if not address.netloc and address.path.startswith(prefix or "/"):
                    open_.append((address.path.removeprefix(prefix) or "/") + (f"?{address.query}" if address.query else ""))


def _buying(prefix: str) -> Iterator[tuple[str, _Visible]]:
    """A guest's way to the cashier, with what goes wrong on it."""
    with db.reading() as session:
        skus = session.exec(select(Variant.sku).order_by(Variant.sku)).all()
    client = TestClient(create_app(), headers={"accept": "text/html", "sec-fetch-site": "same-origin"}, follow_redirects=True)
    to = {"name": ZHAO.name, "phone": ZHAO.phone, **SHANGHAI.model_dump()}
    total = ""
    for path, form in (
        ("/login", {"phone": "139", "password": "nothing"}), ("/login/code", {"phone": "13912345678"}), ("/cart/lines", {"sku": skus[0], "qty": "2"}),
        ("/cart/lines", {"sku": skus[-1], "qty": "1"}), (f"/cart/lines/{skus[-1]}/removal", {}), ("/checkout", {"step": "place"}),
        ("/checkout", {**to, "step": "place", "expected_total_fen": "1"}), ("/checkout", {**to, "step": "quote"}),
        ("/checkout", {**to, "step": "place"}),
    ):  # fmt: skip
        answer = client.post(f"{prefix}{path}", data=form | ({"expected_total_fen": total} if total else {}))
        assert answer.status_code < 500, path
        page = _Visible()
        page.feed(answer.text)
        yield f"guest → {path}", page
        total = hidden(answer.text, "expected_total_fen") if form.get("step") == "quote" else ""
    assert answer.url.path.startswith(f"{prefix}/pay/")


def _data(session: Session) -> list[str]:
    """Every text that rows hold and its shortened forms, longest first."""
    found: set[str] = {"jishi-demo", "中文", ZHAO.name, pii.mask_name(ZHAO.name), SHANGHAI.detail, *KEPT_CHINESE}

    def gather(value: object) -> None:
        if isinstance(value, str):
            found.add(value)
        elif isinstance(value, dict):
            for key, each in value.items():
                gather(key)
                gather(each)
        elif isinstance(value, list | tuple):
            for each in value:
                gather(each)

    for table in metadata.sorted_tables:
        for row in session.execute(select(table)):
            gather(tuple(row))
    short = {text.removesuffix(end) for text in found for end in ("驿站", "服务站", "市", "省", "区", "县")}
    return sorted(found | short, key=len, reverse=True)


def _told(found: dict[str, str]) -> str:
    return "\n".join(f"{place}: {words}" for words, place in found.items())


def _without(text: str, data: list[str]) -> str:
    if text.strip() in data:
        return ""
    for known in data:
        if len(known) > 1 and known in text:
            text = text.replace(known, " ")
    return re.sub(r"https?://\S+", "", text)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_english_page_speaks_english_and_its_links_stay_in_it(busy):
    with db.reading() as session:
        data = [text for text in _data(session) if HAN.search(text)]
    chinese: dict[str, str] = {}
    leaving: dict[str, str] = {}
    for place, page in (*_walk(busy, "/en"), *_buying("/en")):
        chinese |= {left.strip(): place for text in page.texts if HAN.search(left := _without(text, data))}
        leaving |= {link: place for link in page.links if link.startswith("/") and not f"{link}/".startswith(("/en/", "/static/", "/en?"))}
    assert not chinese, _told(chinese)
    assert not leaving, _told(leaving)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_chinese_page_shows_no_english(busy):
    with db.reading() as session:
        data = [text for text in _data(session) if re.search("[A-Za-z]", text)]
    ours = re.compile(r"\b(?!English|jishi)[A-Za-z]{3,}\b")
    found = {
        left.strip(): place
        for place, page in (*_walk(busy, ""), *_buying(""))
        for text in page.texts
        if ours.search(left := _without(text, data))
    }
    assert not found, _told(found)
