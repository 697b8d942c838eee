"""Pinyin and initials of names, so that `niangao` and `ng` find 年糕.

A name is entered by its syllables (nian, gao), its words (shuimo), its tail from every character on (shuimoniangao, niangao, gao) and as a
whole; prefixes of these are found by the engines.
"""

from collections.abc import Sequence
from functools import lru_cache

from .readings import readings
from .text import Run, cut, cut_for_search, runs

TAIL = 6  # syllables; longer pinyin is only found from the start of a name
INITIALS_TAIL = 8


@lru_cache(maxsize=65536)
def syllables(word: str) -> tuple[str, ...]:
    """One plain syllable per Han character of a word."""
    return readings().read(word)


@lru_cache(maxsize=8192)
def run_syllables(han: str) -> tuple[str, ...]:
    """Syllables of a Han run, read word by word, because 重庆 and 重量 differ."""
    return tuple(s for word in cut(han) for s in syllables(word))


def name_syllables(text: str) -> list[str]:
    """One syllable per Han character of folded text, in order; other characters have none."""
    return [s for run in runs(text) if run.han for s in run_syllables(run.text)]


def name_latin(text: str) -> list[str]:
    """All that a name (folded) may be typed as in Latin letters: words, tails, the whole, their initials, and its own Latin runs."""
    found: list[str] = []
    for run in runs(text):
        if not run.han:
            found.append(run.text)
            continue
        read = run_syllables(run.text)
        initials = "".join([s[0] for s in read])
        found += [*_of_words(run.text), "".join(read), initials]
        found += [*read, *("".join(read[i : i + TAIL]) for i in range(len(read)))]
        found += [initials[i : i + INITIALS_TAIL] for i in range(len(read) - 1)]
    return _with_u(found)


@lru_cache(maxsize=8192)
def word_latin(text: str) -> list[str]:
    """Spellings of the words and the whole of a short folded text (a category, a station)."""
    found: list[str] = []
    for run in runs(text):
        found += [*_spellings(run_syllables(run.text)), *_of_words(run.text)] if run.han else [run.text]
    return _with_u(found)


def spelled(han: str) -> str:
    """The joined pinyin of a Han term, for finding what sounds alike."""
    return "".join(run_syllables(han))


def heard(typed: Sequence[Run]) -> list[str]:
    """What was typed as it sounds, each run whole: a slip like 水密桃 is cut into other words than the 水蜜桃 that was meant."""
    return [spelled(run.text) if run.han and len(run.text) > 1 else run.text for run in typed]


@lru_cache(maxsize=8192)
def _of_words(han: str) -> list[str]:
    return [spelling for word in cut_for_search(han) for spelling in _spellings(syllables(word))]


def _spellings(read: tuple[str, ...]) -> list[str]:
    return ["".join(read), "".join([s[0] for s in read])] if len(read) > 1 else ["".join(read)]


def _with_u(latin: list[str]) -> list[str]:
    # ü is written v by keyboards and u by everyone who leaves out the dots
    return list(dict.fromkeys(latin + [word.replace("v", "u") for word in latin if "v" in word]))
