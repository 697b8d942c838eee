"""A question of the shop as a tantivy query.

Every term must be found, in the name (by word, by characters, by pinyin) or, lower, in the rest. When nothing is found the near query asks
again: one Latin letter may be wrong, a Han term may only sound alike, or have a wrong character, and one of several terms may be missing.
What sounds altogether as it was typed stands before all of these.
"""

from collections.abc import Sequence

import tantivy
from tantivy import FieldType, Occur
from tantivy import Query as Clause

from . import pinyin
from .engine import Query
from .text import SYNONYMS, Run, pairs, query_runs

FUZZY_FROM = 4  # letters
SOUNDS_SO = 1000.0  # more than terms can score


class QueryBuilder:
    def __init__(self, schema: tantivy.Schema) -> None:
        self.schema = schema

    def build(self, query: Query, terms: Sequence[Run], *, exact: bool, names_only: bool = False) -> Clause:
        asked = [self._exact(term, names_only) for term in terms]
        if not exact:
            near = _all([self._near(term, names_only) for term in terms])
            missing_one = [Clause.boolean_query([(Occur.Should, clause) for clause in asked], len(asked) - 1)] if len(asked) > 1 else []
            asked = [Clause.disjunction_max_query([near, *missing_one, *self._heard(query)])]
        return _all([*asked, *(Clause.const_score_query(f, 0.0) for f in self._filters(query))])

    def _filters(self, query: Query) -> list[Clause]:
        same = {"tenant": query.tenant, "station": query.station, "category": query.category, "storage": query.storage}
        same |= {"months": query.in_season, "sellable": query.sellable}
        clauses = [self._is(field, value) for field, value in same.items() if value is not None]
        if query.off_season is not None:
            others = [(Occur.Must, Clause.all_query()), (Occur.MustNot, self._is("months", query.off_season))]
            clauses.append(Clause.boolean_query(others))
        low, high = query.prices
        if low is not None or high is not None:
            clauses.append(Clause.range_query(self.schema, "price_fen", FieldType.Integer, low, high))
        return clauses

    def _exact(self, term: Run, names_only: bool) -> Clause:
        fields = self._han(term.text) if term.han else self._latin(term.text)
        for other in SYNONYMS.get(term.text, ()) if term.han else ():
            fields += [Clause.boost_query(clause, 0.8) for clause in self._han(other)]
        if not names_only:
            fields.append(self._rest(term))
        return Clause.disjunction_max_query(fields, 0.1)

    def _near(self, term: Run, names_only: bool) -> Clause:
        fields = [self._exact(term, names_only)]
        latin = pinyin.spelled(term.text) if term.han and len(term.text) > 1 else term.text
        if not term.han or len(term.text) > 1:
            fields.append(Clause.boost_query(self._is("latin", latin), 2.0))
            if latin.isascii() and len(latin) >= FUZZY_FROM:
                fuzzy = Clause.fuzzy_term_query(self.schema, "latin", latin, distance=1)  # scores 1 whatever it finds
                fields.append(Clause.boost_query(fuzzy, 4.0))
        if term.han and len(term.text) > 1:
            fields.append(self._most(term.text))
        return Clause.disjunction_max_query(fields, 0.1)

    def _heard(self, query: Query) -> list[Clause]:
        """All that was typed, by its sound in the name; nothing where no Han characters were typed together."""
        typed = query_runs(query.text)
        if not any(run.han and len(run.text) > 1 for run in typed):
            return []
        sounds = [Clause.fuzzy_term_query(self.schema, "latin", sound, distance=0, prefix=True) for sound in pinyin.heard(typed)]
        return [Clause.const_score_query(_all(sounds), SOUNDS_SO)]

    def _most(self, han: str) -> Clause:
        """All characters of the term in the name but one, or, from five on, but three in ten."""
        letters = list(dict.fromkeys(han))
        enough = max(1, min(len(letters) - 1, -(-7 * len(letters) // 10)))
        return Clause.boolean_query([(Occur.Should, self._is("grams", c)) for c in letters], enough)

    def _han(self, han: str) -> list[Clause]:
        return [Clause.boost_query(self._is("words", han), 3.0), Clause.boost_query(self._together("grams", han), 1.5)]

    def _latin(self, word: str) -> list[Clause]:
        begun = Clause.fuzzy_term_query(self.schema, "latin", word, distance=0, prefix=True)
        return [Clause.boost_query(self._is("latin", word), 2.0), begun]

    def _rest(self, term: Run) -> Clause:
        clause = self._together("rest", term.text) if term.han else self._is("rest_latin", term.text)
        return Clause.boost_query(clause, 0.3)

    def _together(self, field: str, han: str) -> Clause:
        """Neighbouring characters as they stand: the one character, the pair, or all the pairs."""
        return _all([self._is(field, gram) for gram in (pairs(han) or [han])])

    def _is(self, field: str, value: object) -> Clause:
        return Clause.term_query(self.schema, field, value, index_option="freq")


def _all(clauses: list[Clause]) -> Clause:
    return clauses[0] if len(clauses) == 1 else Clause.boolean_query([(Occur.Must, clause) for clause in clauses])
