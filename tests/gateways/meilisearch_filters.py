"""Meilisearch's filter language, as far as a shop could be made to speak it: comparisons, IN, AND, OR, NOT, parentheses, quoted values.

As on the real server a backslash keeps the next character from ending a quoted value, and only the quote itself is unescaped.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

Test = Callable[[dict[str, Any]], bool]

TOKEN = re.compile(
    r"""\s*(?:(?P<quoted>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')|(?P<sign>>=|<=|!=|[()\[\],=<>])|(?P<word>[^\s()\[\],=<>!"'\\]+))""", re.DOTALL
)


class BadFilter(ValueError):
    pass


def compiled(given: Any, filterable: list[str]) -> Test:
    """A filter as sent (a string, or a list of strings and lists: AND of ORs) as a test of documents."""
    if given is None or given == []:
        return lambda document: True
    if isinstance(given, str):
        return _Parser(given, filterable).whole()
    tests = [compiled(g, filterable) if isinstance(g, str) else _any([compiled(o, filterable) for o in g]) for g in given]
    return lambda document: all(test(document) for test in tests)


def _any(tests: list[Test]) -> Test:
    return lambda document: any(test(document) for test in tests)


class _Parser:
    def __init__(self, text: str, filterable: list[str]) -> None:
        self.tokens = list(_tokens(text))
        self.filterable = filterable

    def whole(self) -> Test:
        test = self.either()
        if self.tokens:
            raise BadFilter(f"unexpected {self.tokens[0][1]}")
        return test

    def either(self) -> Test:
        tests = [self.both()]
        while self.taken("word", "OR"):
            tests.append(self.both())
        return _any(tests)

    def both(self) -> Test:
        tests = [self.one()]
        while self.taken("word", "AND"):
            tests.append(self.one())
        return lambda document: all(test(document) for test in tests)

    def one(self) -> Test:
        if self.taken("word", "NOT"):
            test = self.one()
            return lambda document: not test(document)
        if self.taken("sign", "("):
            test = self.either()
            self.expect(")")
            return test
        name = self.value()
        if name not in self.filterable:
            raise BadFilter(f"{name} is not filterable")
        if self.taken("word", "IN"):
            self.expect("[")
            wanted = [self.value()]
            while self.taken("sign", ","):
                wanted.append(self.value())
            self.expect("]")
            return lambda document: any(str(v) in wanted for v in _values(document, name))
        kind, sign = self.next()
        if kind != "sign" or sign not in COMPARE:
            raise BadFilter(f"{sign} is no comparison")
        value = self.value()
        return lambda document: any(COMPARE[sign](v, value) for v in _values(document, name))

    def value(self) -> str:
        kind, text = self.next()
        if kind == "sign":
            raise BadFilter(f"{text} is no value")
        return text

    def taken(self, kind: str, text: str) -> bool:
        if self.tokens and self.tokens[0] == (kind, text):
            self.tokens.pop(0)
            return True
        return False

    def expect(self, sign: str) -> None:
        if not self.taken("sign", sign):
            raise BadFilter(f"{sign} expected")

    def next(self) -> tuple[str, str]:
        if not self.tokens:
            raise BadFilter("the filter ends too early")
        return self.tokens.pop(0)


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if match is None:
            raise BadFilter(f"malformed at {at}")
        at = match.end()
        if quoted := match["quoted"]:
            yield "quoted", quoted[1:-1].replace("\\" + quoted[0], quoted[0])
        else:
            yield (kind := match.lastgroup or "word"), match[kind]


def _values(document: dict[str, Any], name: str) -> list[Any]:
    found = document.get(name)
    return [str(v).lower() if isinstance(v, bool) else v for v in (found if isinstance(found, list) else [found])]


COMPARE: dict[str, Callable[[Any, str], bool]] = {
    "=": lambda v, wanted: str(v).lower() == wanted.lower(),
    "!=": lambda v, wanted: str(v).lower() != wanted.lower(),
    ">": lambda v, wanted: float(v) > float(wanted),
    ">=": lambda v, wanted: float(v) >= float(wanted),
    "<": lambda v, wanted: float(v) < float(wanted),
    "<=": lambda v, wanted: float(v) <= float(wanted),
}
