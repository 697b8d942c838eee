"""A document as it is indexed: the searchable tokens of both engines, made once from one pipeline."""

from typing import NamedTuple

from . import pinyin, text
from .engine import Document

SHAPE = "2"  # raise it when tokens, fields or settings change: an index of another shape counts as missing


class Tokens(NamedTuple):
    words: list[str]  # of the name
    grams: list[str]  # characters and pairs of the name
    latin: list[str]  # pinyin, initials and Latin runs of the name
    rest: list[str]  # words, characters and pairs of everything else
    rest_latin: list[str]  # the same for category and station by pinyin; Latin runs of all the rest
    syllables: list[str]  # one per Han character of the folded name, for highlights


def tokens(document: Document) -> Tokens:
    name = text.plain(document.name)
    labels = text.plain(f"{document.category} {document.station_name} {document.township}")
    about = text.plain(f"{document.spec} {document.story}")
    return Tokens(
        words=text.words(name),
        grams=text.grams(name),
        latin=pinyin.name_latin(name),
        rest=list(dict.fromkeys([*text.words(labels), *text.grams(labels), *text.words(about), *text.grams(about)])),
        rest_latin=[*pinyin.word_latin(labels), *(run.text for run in text.runs(about) if not run.han)],
        syllables=pinyin.name_syllables(name),
    )


def weight(document: Document) -> float:
    """Tilts the order among equal matches: what can be bought before what cannot, then what sells. 0 to 1."""
    return (0.6 if document.sellable else 0.0) + min(document.sales, 10_000) / 25_000
