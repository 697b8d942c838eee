"""What a visitor types becomes plain words that may stand in a LIKE pattern or a request."""

import pytest

from shop.search.highlight import near
from shop.search.pinyin import name_latin, word_latin
from shop.search.readings import readings
from shop.search.text import QUERY_LENGTH, grams, normalise, query_terms, words


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("  年糕　 500Ｇ ", "年糕 500g"),
        ("50%_off'; --", "50 off"),
        ("\x00茶\ud800🍵", "茶"),
        ("Nián Gāo", "nian gao"),
        ("38×26cm", "38 26cm"),
        ("*", ""),
    ],
)
def test_a_query_becomes_letters_digits_and_single_spaces(typed: str, plain: str) -> None:
    assert normalise(typed) == plain


@pytest.mark.parametrize("typed", ["茶" * 10_000, "a b " * 5000, " " * 9999 + "茶", "ﷺ" * 10_000])
def test_a_query_is_cut_to_its_length(typed: str) -> None:
    assert 0 < len(normalise(typed)) <= QUERY_LENGTH
    assert 0 < len(query_terms(typed)) <= 10


def test_loose_characters_side_by_side_are_one_term() -> None:
    assert [term.text for term in query_terms("虾干")] == ["虾干"]
    assert [term.text for term in query_terms("葛家茶 500g")] == ["葛家", "茶", "500g"]


def test_every_character_and_pair_is_a_gram_and_pairs_do_not_cross_other_letters() -> None:
    assert grams("水磨年糕") == ["水", "磨", "年", "糕", "水磨", "磨年", "年糕"]
    assert grams("茶a叶") == ["茶", "叶"]
    assert words("竹林年糕 2kg") == ["竹林", "年糕", "2kg"]


def test_a_name_is_spelled_by_words_tails_and_whole() -> None:
    spelled = name_latin("竹林水磨年糕")
    assert {"niangao", "nian", "gao", "ng", "smng", "shuimoniangao", "zhulinshuimoniangao", "zlsmng"} <= set(spelled)
    assert {"lvdou", "ludou", "ld"} <= set(name_latin("绿豆"))
    assert {"chongqing", "cq"} <= set(word_latin("重庆"))


def test_near_is_one_slip() -> None:
    assert all(near("pipa", other) for other in ("pipa", "pipaa", "ppa", "piba", "ippa", "pia"))
    assert not any(near("pipa", other) for other in ("pi", "ppia ", "xigua", "pabi", "apip"))


@pytest.mark.parametrize(
    ("word", "read"),
    [
        ("枇杷", "pi pa"),
        ("重庆", "chong qing"),
        ("重量", "zhong liang"),
        ("银行", "yin hang"),
        ("绿豆", "lv dou"),
        ("香榧", "xiang fei"),
        ("深甽", "shen zhen"),
    ],
)
def test_words_are_read_as_people_read_them(word: str, read: str) -> None:
    assert " ".join(readings().read(word)) == read


def test_a_character_nobody_reads_stands_for_itself() -> None:
    assert readings().read("𠮷年") == ("𠮷", "nian")
