"""What every engine promises, asked of each of them in the same words."""

import json
from dataclasses import replace

import pytest

from shop.search.engine import FACETS, IndexMissing, Query, SearchEngine, Sort, Stamp
from shop.search.highlight import Segment

from .catalogue import catalogue


def ids(engine: SearchEngine, text: str = "", **more: object) -> list[str]:
    return [hit.id for hit in engine.search(Query(tenant=1, text=text, **more)).hits]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("枇杷", "P06"),
        ("虾干", "P03"),
        ("糍", "P05"),
        ("茶", "P09"),
        ("niangao", "P01"),
        ("nian gao", "P01"),
        ("ng", "P01"),
        ("smng", "P01"),
        ("NIANGAO", "P01"),
        ("ｎｉａｎｇａｏ", "P01"),
        ("niángāo", "P01"),
        ("xigua", "P07"),
        ("zhulinshuimoniangao", "P01"),
        ("shuim", "P01"),
        ("lvdou", "P14"),
        ("lüdou", "P14"),
        ("土鸡蛋", "P12"),
        ("长街西瓜", "P07"),
        ("西瓜 长街", "P07"),
        ("葛家 茶", "P08"),
        ("大佳何", "P10"),
        ("深甽镇 麻糍", "P05"),
        ("小白虾", "P03"),
        ("番茄", "P10"),
        ("生蚝", "P11"),
        ("长街的西瓜", "P07"),
    ],
)
def test_words_characters_pinyin_initials_and_other_names_find_the_product(engine: SearchEngine, typed: str, found: str) -> None:
    assert found in ids(engine, typed)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("枇把", "P06"),
        ("批杷", "P06"),
        ("西挂", "P07"),
        ("土鸭蛋", "P12"),
        ("pipaa", "P06"),
        ("pipq", "P06"),
        ("nianago", "P01"),
        ("xigau", "P07"),
    ],
)
def test_one_slip_still_finds_the_product(engine: SearchEngine, typed: str, found: str) -> None:
    assert ids(engine, typed)[0] == found


def test_what_sounds_altogether_as_typed_ranks_above_what_shares_characters(engine: SearchEngine) -> None:
    """水密桃 is cut into 水密 and 桃; the peaches that were meant are one word."""
    fruit = catalogue()[5]
    peaches = [replace(fruit, id=f"H{n}", name=name, sales=n) for n, name in enumerate(("葛家水蜜桃", "水蜜桃礼盒", "山前水蜜桃汁"))]
    others = [replace(fruit, id=f"C{n}", name=name, sales=9_000) for n, name in enumerate(("永和桃木梳", "水磨桃酥", "密封桃罐头", "桃"))]
    engine.apply([*peaches, *others])
    found = ids(engine, "水密桃")
    assert set(found[:3]) == {"H0", "H1", "H2"}
    assert ids(engine, "葛家 水密桃")[0] == "H0"
    assert ids(engine, "水密桃 葛家")[0] == "H0"
    assert not engine.search(Query(tenant=1, text="水密桃")).exact
    assert set(engine.suggest("水密桃", tenant=1, limit=3)) == {peach.name for peach in peaches}


def test_near_answers_say_that_they_are_near(engine: SearchEngine) -> None:
    assert engine.search(Query(tenant=1, text="枇杷")).exact
    assert not engine.search(Query(tenant=1, text="枇把")).exact


def test_every_one_and_two_character_piece_of_every_name_finds_it(engine: SearchEngine) -> None:
    for document in catalogue():
        for size in (1, 2):
            for start in range(len(document.name) - size + 1):
                assert document.id in ids(engine, document.name[start : start + size])


def test_the_name_ranks_above_the_rest(engine: SearchEngine) -> None:
    engine.apply([replace(catalogue()[6], id="M1", name="石磨", story="磨年糕用", sales=10_000)])
    found = ids(engine, "年糕")
    assert set(found[:2]) == {"P01", "P02"}
    assert found[2] == "M1"


def test_a_word_ranks_above_its_characters(engine: SearchEngine) -> None:
    engine.apply([replace(catalogue()[6], id="M2", name="宁海白糕年货", sales=10_000)])
    assert ids(engine, "年货") == ["M2"]
    assert "M2" not in ids(engine, "年糕")[:2]
    assert ids(engine, "虾干")[0] == "P03"


def test_what_can_be_bought_ranks_above_what_cannot(engine: SearchEngine) -> None:
    twins = [replace(catalogue()[0], id=id, name="越溪跳鱼", sellable=sellable) for id, sellable in (("T1", False), ("T2", True))]
    engine.apply(twins)
    assert ids(engine, "跳鱼") == ["T2", "T1"]


def test_nothing_of_another_county_is_found(engine: SearchEngine) -> None:
    assert ids(engine, "嵊泗") == []
    assert "Q01" not in ids(engine, "嵊泗年糕")
    assert [hit.id for hit in engine.search(Query(tenant=2, text="年糕")).hits] == ["Q01"]
    assert engine.suggest("年糕", tenant=2) == ["嵊泗年糕"]


def test_filters_narrow_and_combine(engine: SearchEngine) -> None:
    assert set(ids(engine, category="茶饮")) == {"P08", "P09"}
    assert set(ids(engine, station="nh-gejia")) == {"P08", "P09", "P10"}
    assert set(ids(engine, storage="live")) == {"P11"}
    assert set(ids(engine, in_season=5, category="水果")) == {"P06"}
    assert set(ids(engine, off_season=5, category="水果")) == {"P07"}
    assert set(ids(engine, "茶", off_season=5)) == {"P08"}
    assert set(ids(engine, sellable=False)) == {"P14"}
    assert set(ids(engine, price_from=9800, price_to=9900)) == {"P06", "P13"}
    assert set(ids(engine, "茶", price_from=10_000, station="nh-gejia", sellable=True)) == {"P09"}


def test_in_season_and_out_of_season_are_the_whole(engine: SearchEngine) -> None:
    for month in (1, 5, 12):
        parts = ids(engine, in_season=month) + ids(engine, off_season=month)
        assert sorted(parts) == sorted(ids(engine))


def test_sorts_put_hits_in_that_order(engine: SearchEngine) -> None:
    by_price = [d.id for d in sorted(catalogue(), key=lambda d: d.price_fen)]
    prices = {d.id: d.price_fen for d in catalogue()}
    assert [prices[i] for i in ids(engine, sort=Sort.PRICE)] == [prices[i] for i in by_price]
    assert [prices[i] for i in ids(engine, sort=Sort.PRICE_DOWN)] == sorted(prices.values(), reverse=True)
    assert ids(engine, sort=Sort.SALES)[:3] == ["P06", "P07", "P03"]
    assert ids(engine, sort=Sort.NEW)[:3] == ["P14", "P13", "P12"]
    assert ids(engine, "年糕", sort=Sort.PRICE_DOWN) == ["P02", "P01"]


def test_browsing_shows_everything_the_best_sellers_first(engine: SearchEngine) -> None:
    result = engine.search(Query(tenant=1))
    assert result.total == len(catalogue())
    assert [hit.id for hit in result.hits][:2] == ["P06", "P07"]


def test_facets_count_what_was_found(engine: SearchEngine) -> None:
    result = engine.search(Query(tenant=1, text="茶", facets=FACETS))
    assert result.facets == {"category": {"茶饮": 2}, "station": {"nh-gejia": 2}, "storage": {"ambient": 2}}
    assert result.total == 2
    everything = engine.search(Query(tenant=1, facets=("storage",))).facets
    assert everything == {"storage": {"ambient": 9, "chilled": 4, "live": 1}}


def test_pages_join_to_the_whole_without_doubles(engine: SearchEngine) -> None:
    pages = [ids(engine, sort=Sort.PRICE, offset=offset, limit=4) for offset in range(0, 20, 4)]
    assert [len(page) for page in pages] == [4, 4, 4, 2, 0]
    assert len({id for page in pages for id in page}) == len(catalogue())


@pytest.mark.parametrize(
    ("typed", "marked"),
    [
        ("年糕", "竹林水磨[年糕]"),
        ("niangao", "竹林水磨[年糕]"),
        ("ng", "竹林水磨[年糕]"),
        ("nian", "竹林水磨[年]糕"),
        ("竹林年糕", "[竹林]水磨[年糕]"),
        ("年告", "竹林水磨[年]糕"),
        ("niangaoo", "竹林水磨[年糕]"),
    ],
)
def test_highlights_mark_what_answers_the_query(engine: SearchEngine, typed: str, marked: str) -> None:
    hit = next(h for h in engine.search(Query(tenant=1, text=typed)).hits if h.id == "P01")
    assert "".join(f"[{s.text}]" if s.marked else s.text for s in hit.name) == marked


def test_markup_in_a_name_stays_text(engine: SearchEngine) -> None:
    engine.apply([replace(catalogue()[0], id="X1", name="<script>年糕</script>&")])
    hit = next(h for h in engine.search(Query(tenant=1, text="年糕")).hits if h.id == "X1")
    assert hit.markup == "&lt;script&gt;<mark>年糕</mark>&lt;/script&gt;&amp;"


def test_without_highlight_hits_come_without_names(engine: SearchEngine) -> None:
    hit = engine.search(Query(tenant=1, text="枇杷", highlight=False)).hits[0]
    assert (hit.id, hit.name) == ("P06", ())
    assert engine.search(Query(tenant=1, text="枇杷")).hits[0].name == (Segment("宁海白", False), Segment("枇杷", True))


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("年", "竹林水磨年糕"),
        ("nia", "竹林水磨年糕"),
        ("ng", "竹林水磨年糕"),
        ("xig", "长街西瓜"),
        ("葛家", "葛家桂花茶礼盒"),
        ("ljc", "宁海龙井茶"),
    ],
)
def test_suggestions_complete_names(engine: SearchEngine, typed: str, name: str) -> None:
    assert name in engine.suggest(typed, tenant=1)


def test_suggestions_come_once_and_no_more_than_asked(engine: SearchEngine) -> None:
    engine.apply([replace(catalogue()[0], id=f"D{i}") for i in range(5)])
    names = engine.suggest("年糕", tenant=1, limit=2)
    assert sorted(names) == ["竹林年糕礼盒", "竹林水磨年糕"]
    assert engine.suggest("  ", tenant=1) == engine.suggest("*", tenant=1) == []


def test_a_change_is_found_when_apply_returns(engine: SearchEngine) -> None:
    before = catalogue()[0]
    engine.apply([replace(before, name="竹林青团", price_fen=9, version=2)], ["P06", "gone before"])
    assert ids(engine, "青团") == ["P01"]
    assert ids(engine, "枇杷") == []
    assert "P01" not in ids(engine, "年糕")
    assert engine.versions()["P01"] == Stamp(2, 9, True)
    assert "P06" not in engine.versions()


def test_applying_twice_changes_nothing(engine: SearchEngine) -> None:
    change = [replace(catalogue()[0], version=2)]
    engine.apply(change, ["P05"])
    once = engine.versions()
    engine.apply(change, ["P05"])
    assert engine.versions() == once
    assert engine.count() == len(once)


def test_stamps_tell_every_version_price_and_whether_it_sells(engine: SearchEngine) -> None:
    stamps = engine.versions()
    assert {id: stamps[id] for id in ("P01", "P14")} == {"P01": Stamp(1, 4500, True), "P14": Stamp(1, 1800, False)}
    assert len(stamps) == engine.count() == len(catalogue()) + 1


def test_rebuilding_replaces_the_whole_index(engine: SearchEngine) -> None:
    assert engine.rebuild(catalogue()[:3]) == 3
    assert set(ids(engine)) == {"P01", "P02", "P03"}
    engine.apply([catalogue()[5]])
    assert ids(engine, "枇杷") == ["P06"]


def test_the_old_index_answers_while_the_new_one_is_built(engine: SearchEngine) -> None:
    seen = []

    def documents() -> object:
        for document in catalogue()[:3]:
            seen.append(engine.search(Query(tenant=1)).total)
            yield document

    engine.rebuild(documents())  # type: ignore[arg-type]
    assert seen == [len(catalogue())] * 3
    assert engine.search(Query(tenant=1)).total == 3


def test_a_rebuild_that_fails_leaves_the_old_index(engine: SearchEngine) -> None:
    def documents() -> object:
        yield catalogue()[0]
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        engine.rebuild(documents())  # type: ignore[arg-type]
    assert engine.search(Query(tenant=1)).total == len(catalogue())
    assert engine.rebuild(catalogue()) == len(catalogue())


def test_an_empty_catalogue_is_an_index_that_finds_nothing(empty_engine: SearchEngine) -> None:
    assert empty_engine.rebuild([]) == 0
    assert empty_engine.search(Query(tenant=1, text="茶", facets=FACETS)).total == 0
    assert empty_engine.versions() == {}


def test_without_an_index_everything_says_so_until_it_is_rebuilt(empty_engine: SearchEngine) -> None:
    for ask in (
        lambda: empty_engine.search(Query(tenant=1, text="茶")),
        lambda: empty_engine.suggest("茶", tenant=1),
        lambda: empty_engine.apply(catalogue()),
        lambda: empty_engine.apply([], ["P01"]),
        empty_engine.count,
        empty_engine.versions,
    ):
        with pytest.raises(IndexMissing):
            ask()
    assert not empty_engine.health().ok
    empty_engine.rebuild(catalogue())
    assert empty_engine.health() == (True, empty_engine.name, len(catalogue()), 0, "")


HOSTILE = [
    "*",
    '"',
    "'",
    "\\",
    "%",
    "_",
    "\x00",
    "\ud800",
    "茶\udfff",
    "🍵🍵",
    "a" * 10_000,
    "茶" * 10_000,
    " " * 10_000 + "茶",
    '茶" OR tenant = 2 OR name = "',
    "tenant = 2",
    "+茶 -茶 AND (OR NOT",
    "name:茶^9 ~2 [a TO z] {!x}",
    "((((((((((" * 50,
    "/.*.*.*/",
    "<script>alert(1)</script>",
    "\u202e茶\u200b",
    "ﷺ" * 100,
    "𠮷" * 100,
    "e" + "\u0301" * 5000,
    json.dumps({"q": {"$ne": None}}),
]


@pytest.mark.parametrize("typed", HOSTILE, ids=range(len(HOSTILE)))
def test_strange_input_gets_a_plain_answer(engine: SearchEngine, typed: str) -> None:
    result = engine.search(Query(tenant=1, text=typed, facets=FACETS))
    assert result.total <= len(catalogue())
    assert "Q01" not in [hit.id for hit in result.hits]
    engine.suggest(typed, tenant=1)
    for field in ("station", "category", "storage"):
        assert engine.search(Query(tenant=1, facets=FACETS, **{field: typed})).total == 0  # type: ignore[arg-type]


def test_only_punctuation_finds_nothing_rather_than_everything(engine: SearchEngine) -> None:
    assert ids(engine, "*") == ids(engine, '""') == ids(engine, "🍵") == []


@pytest.mark.parametrize(
    "value", ['x" OR tenant = 2 OR station = "', "x\\", 'x\\" OR tenant = 2 OR station = \\"', "nh-gejia' OR '1", "x] OR [y"]
)
def test_a_filter_value_never_becomes_a_filter(engine: SearchEngine, value: str) -> None:
    assert ids(engine, station=value) == []
    engine.apply([replace(catalogue()[0], id="O1", station='a"b')])
    assert ids(engine, station='a"b') == ["O1"]


def test_numbers_of_any_size_are_taken(engine: SearchEngine) -> None:
    assert ids(engine, price_from=-(10**30), price_to=10**30, offset=-5, limit=10**9)
    assert ids(engine, price_from=10**30) == ids(engine, offset=10**9) == ids(engine, limit=0) == ids(engine, in_season=10**30) == []
    assert ids(engine, off_season=10**30) == ids(engine, off_season=0) == []
