"""One index of the fake Meilisearch: documents, settings, and a search that really matches.

Words are cut by jieba as on the real server; the last word of a query matches as a prefix, longer words with one typo, synonyms both ways;
matching strategy `all`; ranking by sort, typos, attribute, then the custom rules. Settings are honoured, not just stored.
"""

import re
from typing import Any

import rjieba

from .meilisearch_filters import BadFilter, compiled

PART = re.compile("[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+|[^\\W_\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+")
WORDS = 10  # of a query; the server ignores the rest


class Refusal(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class Index:
    def __init__(self, uid: str, primary_key: str | None) -> None:
        self.uid = uid
        self.primary_key = primary_key
        self.documents: dict[str, dict[str, Any]] = {}
        self.settings: dict[str, Any] = {}
        self._words: dict[str, dict[str, list[str]]] = {}

    def change_settings(self, settings: dict[str, Any]) -> None:
        self.settings |= settings
        self._words = {}

    def add(self, documents: list[dict[str, Any]]) -> None:
        for document in documents:
            key = str(document[self.primary_key or "id"])
            self.documents[key] = document
            self._words.pop(key, None)

    def delete(self, filter: Any) -> None:
        test = compiled(filter, self.settings.get("filterableAttributes", []))
        for key in [key for key, document in self.documents.items() if test(document)]:
            del self.documents[key]
            self._words.pop(key, None)

    def search(self, asked: dict[str, Any]) -> dict[str, Any]:
        filterable, sortable = self.settings.get("filterableAttributes", []), self.settings.get("sortableAttributes", [])
        try:
            test = compiled(asked.get("filter"), filterable)
        except BadFilter as error:
            raise Refusal("invalid_search_filter", str(error)) from error
        orders = [rule.rsplit(":", 1) for rule in asked.get("sort") or []]
        if bad := [name for name, _ in orders if name not in sortable]:
            raise Refusal("invalid_search_sort", f"{bad} not sortable")
        if bad := [name for name in asked.get("facets") or [] if name not in filterable]:
            raise Refusal("invalid_search_facets", f"{bad} not filterable")
        attributes = asked.get("attributesToSearchOn") or self.settings.get("searchableAttributes", [])
        query = self._cut(asked.get("q") or "")[:WORDS]
        ranked = []
        for document in self.documents.values():
            if test(document) and (rank := self._rank(document, query, attributes)) is not None:
                ranked.append((rank, document))
        custom = [rule.rsplit(":", 1) for rule in self.settings.get("rankingRules", []) if ":" in rule]
        for name, direction in reversed(custom):
            ranked.sort(key=lambda found: found[1].get(name, 0), reverse=direction == "desc")
        ranked.sort(key=lambda found: found[0])
        for name, direction in reversed(orders):
            ranked.sort(key=lambda found: found[1][name], reverse=direction == "desc")
        return self._answer(ranked[: self.settings.get("pagination", {}).get("maxTotalHits", 1000)], asked)

    def _answer(self, ranked: list[tuple[tuple[int, ...], dict[str, Any]]], asked: dict[str, Any]) -> dict[str, Any]:
        offset, limit = asked.get("offset", 0), asked.get("limit", 20)
        wanted = asked.get("attributesToRetrieve")
        hits = [
            {name: document[name] for name in wanted or document if name in document} | {"_rankingScore": 1 / (1 + sum(rank))}
            for rank, document in ranked[offset : offset + limit]
        ]
        answer = {"hits": hits, "query": asked.get("q") or "", "processingTimeMs": 1, "limit": limit, "offset": offset}
        answer |= {"estimatedTotalHits": len(ranked), "requestUid": "0193b5b6-0000-7000-8000-000000000000"}
        if facets := asked.get("facets"):
            answer |= {"facetDistribution": {facet: _distribution(ranked, facet) for facet in facets}, "facetStats": {}}
        return answer

    def _rank(self, document: dict[str, Any], query: list[str], attributes: list[str]) -> tuple[int, ...] | None:
        """(typos, attribute, prefixes) summed over the words, None when a word is nowhere."""
        words = self._words.setdefault(str(document[self.primary_key or "id"]), {})
        total = [0, 0, 0]
        for place, word in enumerate(query):
            last = place == len(query) - 1
            best = None
            for position, attribute in enumerate(attributes):
                if attribute not in words:
                    words[attribute] = self._cut(str(document.get(attribute, "")))
                for typos, prefixes in self._matches(word, words[attribute], attribute, last):
                    best = min(best or (9, 9, 9), (typos, position, prefixes))
            if best is None:
                return None
            total = [a + b for a, b in zip(total, best, strict=True)]
        return tuple(total)

    def _matches(self, word: str, there: list[str], attribute: str, last: bool) -> list[tuple[int, int]]:
        rules = self.settings.get("typoTolerance", {})
        least = rules.get("minWordSizeForTypos", {}).get("oneTypo", 5)
        may_err = len(word) >= least and attribute not in rules.get("disableOnAttributes", []) and not word.isdigit()
        others = self.settings.get("synonyms", {}).get(word, [])
        found = []
        if word in there or any(other in there for other in others):
            found.append((0, 0))
        elif last and any(w.startswith(word) for w in there):
            found.append((0, 1))
        elif may_err and any(_one_off(word, w) for w in there):
            found.append((1, 0))
        return found

    def _cut(self, text: str) -> list[str]:
        """Lower-case words; Han runs cut by jieba, around the words of the dictionary setting."""
        whole = "|".join(sorted(self.settings.get("dictionary", []), key=len, reverse=True)) or "(?!)"
        words = []
        for part in PART.findall(text.lower()):
            for piece in re.split(f"({whole})", part):
                words += [piece] if piece.isascii() or re.fullmatch(whole, piece) else rjieba.cut(piece)
        return [word for word in words if word]


def _one_off(a: str, b: str) -> bool:
    """Damerau-Levenshtein distance one, by its table."""
    if abs(len(a) - len(b)) > 1:
        return False
    row, before = list(range(len(b) + 1)), []
    for i in range(1, len(a) + 1):
        above, row = row, [i, *([0] * len(b))]
        for j in range(1, len(b) + 1):
            row[j] = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                row[j] = min(row[j], before[j - 2] + 1)
        before = above
    return row[-1] == 1


def _distribution(ranked: list[tuple[tuple[int, ...], dict[str, Any]]], facet: str) -> dict[str, int]:
    counted: dict[str, int] = {}
    for _, document in ranked:
        value = str(document[facet])
        counted[value] = counted.get(value, 0) + 1
    return counted
