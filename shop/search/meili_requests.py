"""The shop's questions and documents in Meilisearch's words: settings, documents, filters, search parameters.

Words of the name, every character and pair, and pinyin come from our own pipeline as extra searchable attributes, because the server has no
pinyin and its Chinese words alone lose single characters.
"""

from collections.abc import Sequence
from typing import Any

from . import pinyin
from .engine import DEEPEST, FACETS, MOST_HITS, Document, Query, Sort
from .indexed import tokens, weight
from .text import SYNONYMS, Run, pairs

NAME_ATTRIBUTES = ["name", "words", "latin"]
CHINESE = ["name", "words", "category", "station_name", "township", "rest"]
ORDERS = {Sort.PRICE: "price_fen:asc", Sort.PRICE_DOWN: "price_fen:desc", Sort.SALES: "sales:desc", Sort.NEW: "created_ts:desc"}
SETTINGS: dict[str, Any] = {
    "searchableAttributes": [*NAME_ATTRIBUTES, "category", "station_name", "township", "rest", "rest_latin"],
    "filterableAttributes": ["id", "tenant", *FACETS, "months", "sellable", "price_fen"],
    "sortableAttributes": ["price_fen", "sales", "created_ts", "id"],
    "rankingRules": ["sort", "words", "typo", "proximity", "attribute", "exactness", "weight:desc"],
    "localizedAttributes": [{"attributePatterns": CHINESE, "locales": ["cmn"]}],
    "dictionary": sorted(SYNONYMS),
    "synonyms": {word: list(others) for word, others in SYNONYMS.items()},
    # codes, numbers and ready-made Chinese tokens mean what they say; only names and pinyin may be mistyped
    "typoTolerance": {
        "enabled": True,
        "minWordSizeForTypos": {"oneTypo": 4, "twoTypos": 20},
        "disableOnAttributes": ["id", "words", "rest"],
        "disableOnNumbers": True,
    },
    "faceting": {"maxValuesPerFacet": 1000},
    "pagination": {"maxTotalHits": DEEPEST + MOST_HITS},
}


def entry(document: Document) -> dict[str, Any]:
    made = tokens(document)
    return {
        "id": document.id,
        "tenant": document.tenant,
        "name": document.name,
        "category": document.category,
        "station": document.station,
        "station_name": document.station_name,
        "township": document.township,
        "storage": document.storage,
        "months": list(document.months),
        "sellable": document.sellable,
        "price_fen": document.price_fen,
        "sales": document.sales,
        "created_ts": document.created_ts,
        "version": document.version,
        "weight": weight(document),
        "words": " ".join([*made.words, *made.grams]),
        "latin": " ".join(made.latin),
        "rest": " ".join(made.rest),
        "rest_latin": " ".join(made.rest_latin),
        "syllables": " ".join(made.syllables),
    }


def search_parameters(query: Query) -> dict[str, Any]:
    """All of a search request but its `q`."""
    offset, limit = query.window
    sort = query.sort if query.sort is not Sort.RELEVANCE or query.text.strip() else Sort.SALES
    return {
        "filter": filters(query),
        "facets": [facet for facet in query.facets if facet in FACETS],
        "sort": [] if sort is Sort.RELEVANCE else [ORDERS[sort], "id:asc"],
        "offset": offset,
        "limit": limit,
        "attributesToRetrieve": ["id", "name", "syllables"],
        "matchingStrategy": "all",
        "locales": ["cmn"],
        "showRankingScore": True,
    }


def filters(query: Query) -> list[str]:
    same: dict[str, str | int | None] = {"station": query.station, "category": query.category, "storage": query.storage}
    clauses = [f"tenant = {query.tenant:d}", *(f"{field} = {quoted(str(v))}" for field, v in same.items() if v is not None)]
    if query.in_season is not None:
        clauses.append(f"months = {query.in_season:d}")
    if query.off_season is not None:
        clauses.append(f"NOT months = {query.off_season:d}")
    if query.sellable is not None:
        clauses.append(f"sellable = {str(query.sellable).lower()}")
    low, high = query.prices
    clauses += [] if low is None else [f"price_fen >= {low:d}"]
    clauses += [] if high is None else [f"price_fen <= {high:d}"]
    return clauses


def quoted(value: str) -> str:
    """A filter value that stays one value whatever it holds."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def exact_text(terms: Sequence[Run]) -> str:
    """The `q` that finds every term: longer Han terms as their pairs, which every document spells out in the same way."""
    return " ".join(word for term in terms for word in _spelled_out(term))


def near_texts(terms: Sequence[Run], typed: Sequence[Run]) -> tuple[list[str], list[str]]:
    """Other ways to read a query that found nothing: by its sound, as it was typed and by its terms; and without one of its terms, or of
    its characters if it has but one. The server itself forgives a wrong letter in pinyin.
    """
    by_sound = [" ".join(pinyin.heard(runs)) for runs in (typed, terms)]
    if len(terms) > 1:
        shorter = [exact_text([*terms[:i], *terms[i + 1 :]]) for i in range(len(terms))]
    else:
        letters = [char for term in terms if term.han for char in term.text[:10]]
        shorter = [" ".join(letters[:i] + letters[i + 1 :]) for i in range(len(letters))] if len(letters) > 1 else []
    tried = {exact_text(terms), ""}
    sounds = [text for text in dict.fromkeys(by_sound) if text not in tried]
    return sounds, [text for text in dict.fromkeys(shorter) if text not in tried and text not in sounds]


def _spelled_out(term: Run) -> list[str]:
    return [term.text] if not term.han or len(term.text) < 3 or term.text in SYNONYMS else pairs(term.text)
