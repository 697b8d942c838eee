"""Text for searching: what a visitor typed, and what stands in a document, cut the same way.

Han characters are cut into words (jieba's dictionary), single characters and neighbouring pairs; everything else into runs of letters and
digits. A segment of one or two characters is then always found, whatever the dictionary thinks of it.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

QUERY_LENGTH = 100
TEXT_LENGTH = 2000
TERMS = 10

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUN = re.compile(f"[{HAN}]+|[^{HAN} ]+")
_MARKS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_OTHER = re.compile(r"[\W_]")

# Everyday names of the same thing; language, not county data, so it lives in code.
_SYNONYMS = (
    ("番薯", "红薯", "地瓜"),
    ("西红柿", "番茄"),
    ("土豆", "马铃薯", "洋芋"),
    ("麻糍", "糍粑"),
    ("蜜橘", "橘子", "桔子"),
    ("花生", "落花生"),
    ("玉米", "苞米"),
    ("猕猴桃", "奇异果"),
    ("牡蛎", "生蚝", "海蛎"),
    ("蛏子", "蛏"),
    ("血蛤", "血蚶"),
    ("跳鱼", "弹涂鱼"),
)
_PARTICLES = {"的", "和", "与", "及", "了", "吗"}  # said, not searched for, unless typed alone
SYNONYMS: dict[str, tuple[str, ...]] = {word: tuple(w for w in group if w != word) for group in _SYNONYMS for word in group}


class Run(NamedTuple):
    """A stretch of text of one kind: Han characters, or letters and digits."""

    text: str
    han: bool


def fold(text: str) -> str:
    """Compatibility forms, case and tone marks folded away; all that is neither letter nor digit becomes a space."""
    parts = _MARKS.sub("", unicodedata.normalize("NFKD", text))
    return _OTHER.sub(" ", unicodedata.normalize("NFC", parts.casefold()))


def normalise(q: str) -> str:
    """What a visitor typed as plain words: at most 100 characters, letters, digits and single spaces only.

    The answer holds no quote, `%`, `_`, NUL or surrogate, so it may stand in a LIKE pattern or a search request as it is.
    """
    return " ".join(fold(q.strip()[:QUERY_LENGTH]).split())[:QUERY_LENGTH].rstrip()


def plain(text: str) -> str:
    """Document text, folded like a query."""
    return " ".join(fold(text[:TEXT_LENGTH]).split())


def runs(text: str) -> list[Run]:
    """The runs of folded text, in order."""
    return [Run(run, _is_han(run)) for run in _RUN.findall(text)]


def query_runs(q: str) -> list[Run]:
    """What was typed together, before it is cut into terms."""
    return runs(normalise(q))


def query_terms(q: str) -> tuple[Run, ...]:
    """The terms of a query, at most ten; every one should be found.

    A Han run is cut into words, and single characters left over side by side are joined again: jieba reads 虾干 as 虾 and 干, the visitor
    meant the two together.
    """
    terms: list[Run] = []
    for run in query_runs(q):
        terms += [Run(word, True) for word in _rejoin(cut(run.text))] if run.han else [run]
    meant = [term for term in terms if term.text not in _PARTICLES]
    return tuple(dict.fromkeys(meant or terms))[:TERMS]


def words(text: str) -> list[str]:
    """Words of folded text: jieba's search cut of Han runs, other runs whole."""
    return [word for run in runs(text) for word in (cut_for_search(run.text) if run.han else (run.text,))]


def grams(text: str) -> list[str]:
    """Every Han character of folded text and every pair of neighbours."""
    found: list[str] = []
    for run in runs(text):
        if run.han:
            found += run.text
            found += pairs(run.text)
    return found


def pairs(han: str) -> list[str]:
    return [a + b for a, b in pairwise(han)]


def cut(han: str) -> list[str]:
    """A Han run's words. The library is loaded at first use: its dictionary takes a third of a second and 30 MB."""
    import rjieba

    return list(rjieba.cut(han))


@lru_cache(maxsize=8192)
def cut_for_search(han: str) -> tuple[str, ...]:
    import rjieba

    return tuple(rjieba.cut_for_search(han))


def _rejoin(cut: list[str]) -> list[str]:
    joined: list[str] = []
    loose = False
    for word in cut:
        single = len(word) == 1 and word not in _PARTICLES
        if loose and single:
            joined[-1] += word
        else:
            joined.append(word)
        loose = single
    return joined


def _is_han(run: str) -> bool:
    first = run[0]
    return "\u4e00" <= first <= "\u9fff" or first >= "\U00020000" or "\u3400" <= first <= "\u4dbf" or first == "\u3007"
