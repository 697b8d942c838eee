"""The English catalogue: collects what the product says, brings `locale/en` up to date and compiles it (`make locale`).

The source language is Chinese and stands in the code. Collected are
- `_("…")`, `gettext("…")`, `ngettext("…", "…", n)` in Python and in templates;
- in Python also every word inside `marked(…)` (a dict's keys are not words), and the texts given to an exception or another
  of SAYING, which are translated where they are shown. A text with values is `_("… {n} …").format(n=…)`: f-strings are not found.

New strings stand in messages.po with an empty msgstr; a test fails until each has its English.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "locale/en/LC_MESSAGES"
HAN = re.compile("[\u3400-\u9fff]")
# Calls whose literals are translated where they are shown.
SAYING = {"marked", "kept", "doubt", "Outcome", "Entry", "Refused", "Busy", "JishiError", "Wrong"}
SHOWING_PARTS = {"pieces.html"}  # the sample sheet of the look, for those who build pages

Text = str | tuple[str, str]


def collect() -> dict[Text, set[str]]:
    """Every text the product says, and the files that say it."""
    found: dict[Text, set[str]] = {}
    for package in ("core", "supply", "fulfillment", "shop"):
        for path in (ROOT / package).rglob("*.py"):
            for text in in_python(path.read_text("utf-8")):
                found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    for path in (ROOT / "templates").rglob("*.html"):
        if path.name not in SHOWING_PARTS:
            for text in in_template(path):
                found.setdefault(text, set()).add(path.relative_to(ROOT).as_posix())
    return found


def in_template(path: Path) -> Iterator[Text]:
    options = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}
    with path.open("rb") as file:
        for _, text, _, _ in extract("jinja2", file, options=options):
            yield text if isinstance(text, str) else (text[0], text[1])


def in_python(source: str) -> Iterator[Text]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            yield from (word for each in node.exc.args for word in _words(each))
        elif isinstance(node, ast.Call) and node.args:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("_", "gettext"):
                yield from (word for word in _texts(node.args[0]) if word)
            elif name == "ngettext":
                yield from zip(_texts(node.args[0]), _texts(node.args[1]), strict=True)
            elif name in SAYING:
                yield from (word for each in node.args for word in _words(each))


def _texts(node: ast.expr) -> list[str]:
    """The literal itself, or both ends of `a if x else b`; nothing for a variable."""
    if isinstance(node, ast.IfExp):
        return _texts(node.body) + _texts(node.orelse)
    if isinstance(node, ast.JoinedStr):
        raise ValueError(f"an f-string cannot be translated: {ast.unparse(node)}")
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _words(node: ast.expr) -> Iterator[str]:
    """Every Chinese literal inside, but for a dict's keys and what is already collected."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and HAN.search(node.value):
        yield node.value
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _words(value)
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        for each in node.elts:
            yield from _words(each)
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body)
        yield from _words(node.orelse)
    elif isinstance(node, ast.Call):
        for each in [*node.args, *(keyword.value for keyword in node.keywords)]:
            yield from _words(each)


def catalogue() -> Catalog:
    with (ENGLISH / "messages.po").open("rb") as file:
        return read_po(file, locale="en")


def without_english(full: Catalog) -> list[Message]:
    return [m for m in full if m.id and (m.fuzzy or not m.string or not all(m.string))]


def update() -> Catalog:
    """`messages.po` with what is said now: translations kept, new strings empty, gone strings dropped."""
    known = catalogue() if (ENGLISH / "messages.po").exists() else Catalog(locale="en", project="jishi", fuzzy=False)
    template = Catalog()
    for text, files in sorted(collect().items(), key=lambda pair: (min(pair[1]), str(pair[0]))):
        template.add(text, locations=[(file, 1) for file in sorted(files)])
    known.update(template, no_fuzzy_matching=True, update_creation_date=False)
    ENGLISH.mkdir(parents=True, exist_ok=True)
    with (ENGLISH / "messages.po").open("wb") as file:
        write_po(file, known, width=140, ignore_obsolete=True, include_lineno=False)
    with (ENGLISH / "messages.mo").open("wb") as file:
        write_mo(file, known)
    return known


if __name__ == "__main__":
    full = update()
    missing = without_english(full)
    print(f"{len(full)} strings, {len(missing)} without English", *(message.id for message in missing), sep="\n")
