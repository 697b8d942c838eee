"""Which letters of a name answer the query. The same for every engine, so that a page looks the same whichever answered."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup, escape

from .text import SYNONYMS, Run, fold, pairs, runs


class Segment(NamedTuple):
    """A piece of a name; `marked` when it answers the query. The text is raw: escape it, or use `markup`."""

    text: str
    marked: bool


def highlight(name: str, syllables: Sequence[str], terms: Sequence[Run], *, exact: bool = True) -> tuple[Segment, ...]:
    """`name` cut into segments. `syllables` has one entry per Han character of the folded name; without `exact` single characters count."""
    folded, origin = _folded(name)
    sounds = _sounds(folded, syllables)
    marks = [False] * len(name)
    for term in terms:
        spans = _han_spans(folded, term.text, exact=exact) if term.han else _latin_spans(folded, sounds, term.text)
        for start, end in spans:
            for i in range(start, end):
                marks[origin[i]] = True
    return _segments(name, marks)


def markup(segments: Sequence[Segment]) -> Markup:
    """Segments as HTML: everything escaped, the marked ones inside <mark>."""
    pieces = [f"<mark>{escape(s.text)}</mark>" if s.marked else escape(s.text) for s in segments]
    return Markup("".join(pieces))  # noqa: S704 - every piece is escaped


def near(a: str, b: str) -> bool:
    """True when one insertion, deletion, change or swap of neighbours at most lies between `a` and `b`."""
    if abs(len(a) - len(b)) > 1:
        return False
    i = 0
    while i < len(a) and i < len(b) and a[i] == b[i]:
        i += 1
    rest_a, rest_b = a[i:], b[i:]
    swapped = len(rest_a) > 1 and rest_a[:2] == rest_b[:2][::-1] and rest_a[2:] == rest_b[2:]
    return rest_a[1:] == rest_b[1:] or rest_a[1:] == rest_b or rest_a == rest_b[1:] or swapped


def _folded(name: str) -> tuple[str, list[int]]:
    if fold(name) == name:
        return name, list(range(len(name)))
    pieces = [fold(char) for char in name]
    return "".join(pieces), [i for i, piece in enumerate(pieces) for _ in piece]


def _sounds(folded: str, syllables: Sequence[str]) -> list[str]:
    """A syllable for each Han character of the folded name, "" for the others."""
    left = iter(syllables)
    return [next(left, "") if run.han else "" for part in _pieces(folded) for run in part for _ in run.text]


def _pieces(folded: str) -> Iterator[list[Run]]:
    for i, word in enumerate(folded.split(" ")):
        if i:
            yield [Run(" ", False)]
        yield runs(word)


def _han_spans(folded: str, term: str, *, exact: bool) -> list[tuple[int, int]]:
    for wanted in ((term, *SYNONYMS.get(term, ())), pairs(term), () if exact else tuple(term)):
        if spans := [(i, i + len(w)) for w in wanted for i in _places(folded, w)]:
            return spans
    return []


def _latin_spans(folded: str, sounds: list[str], term: str) -> list[tuple[int, int]]:
    """Where the term is written, begins the sound of some characters, or is their initials; if nowhere, where it nearly sounds so."""
    spans = [(i, i + len(term)) for i in _places(folded, term) if i == 0 or not folded[i - 1].isascii() or folded[i - 1] == " "]
    wanted, close = term.replace("v", "u"), []
    for start in range(len(sounds)):
        joined = initials = ""
        for end in range(start, len(sounds)):
            if not sounds[end] or (len(joined) > len(term) and len(initials) >= len(term)):
                break
            joined, initials = joined + sounds[end].replace("v", "u"), initials + sounds[end][0]
            if joined.startswith(wanted) or (initials == term and len(term) > 1):
                spans.append((start, end + 1))
                break
            if len(term) > 3 and near(joined, wanted):
                close.append((start, end + 1))
    return spans or close


def _places(folded: str, wanted: str) -> Iterator[int]:
    i = folded.find(wanted)
    while i >= 0:
        yield i
        i = folded.find(wanted, i + 1)


def _segments(name: str, marks: list[bool]) -> tuple[Segment, ...]:
    turns = [i for i in range(1, len(name)) if marks[i] != marks[i - 1]]
    return tuple(Segment(name[start:end], marks[start]) for start, end in zip((0, *turns), (*turns, len(name)), strict=True) if end)
