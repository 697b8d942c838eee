"""The house stands as it was drawn: floors, file sizes, and what nobody may write."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.settings import ROOT

PACKAGES = ("core", "supply", "fulfillment", "shop")
CODE = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST = 400


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_a_floor_imports_only_floors_below_it():
    said = subprocess.run([Path(sys.executable).parent / "lint-imports", "--no-logo"], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout


def test_files_are_small():
    long = {name: lines for path, name in zip(CODE, _named(CODE), strict=True) if (lines := len(path.read_text().splitlines())) > LONGEST}
    assert long == {}


def test_nothing_is_called_helpers_or_utils():
    assert [name for name in _named(CODE) if re.search(r"(utils?|helpers?|managers?|misc|common)(/|\.py)", name)] == []


def test_every_module_says_what_it_is_for():
    empty = {"__init__.py"}
    assert [
        n for p, n in zip(CODE, _named(CODE), strict=True) if p.name not in empty and not ast.get_docstring(ast.parse(p.read_text()))
    ] == []


@pytest.mark.parametrize(
    ("what", "pattern", "allowed"),
    [
        ("the system's clock", r"datetime\.(now|today|utcnow)\(|\btime\.time\(\)|date\.today\(\)", {"core/clock.py", "core/limits.py"}),
        ("SQL from pieces of text", r"\btext\(\s*f[\"']", {"core/triggers.py"}),
        ("a float as money", r"\bfloat\([^)]*fen", set()),
        (
            "the network without a named gateway",
            r"^import (requests|urllib\.request)|^from urllib\.request|^import socket",
            {"shop/demonstration.py", "shop/search/meili.py"},
        ),
        ("a debugger or a print left over", r"\bbreakpoint\(\)|\bpdb\b", set()),
        ("work left for later", r"\b(TODO|FIXME|XXX|HACK)\b", set()),
    ],
)
def test_nobody_writes(what, pattern, allowed):
    found = [n for p, n in zip(CODE, _named(CODE), strict=True) if n not in allowed and re.search(pattern, p.read_text(), re.M)]
    assert found == [], f"{what}: {found}"


def test_chance_that_is_not_secret_says_so():
    """`random` is for jitter and for the demo's seed; each use is marked."""
    unmarked = [
        f"{name}:{n}"
        for path, name in zip(CODE, _named(CODE), strict=True)
        for n, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"\brandom\.(random|choice|choices|randint|uniform|shuffle|sample|Random)\(", line) and "noqa: S311" not in line
    ]
    assert unmarked == []


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("a script in the page", r"<script(?![^>]*\bsrc=)"),
        ("a style in the page", r"\sstyle\s*=|<style"),
        ("a handler in the page", r"\son(click|change|submit|load|input|error)\s*="),
        ("a javascript: address", r"javascript:"),
        ("a foreign address", r"(src|href)=[\"']https?://"),
        ("unescaped text", r"\|\s*safe\b"),
    ],
)
def test_templates_have_no(what, pattern):
    found = [n for p, n in zip(TEMPLATES, _named(TEMPLATES), strict=True) if re.search(pattern, _without_comments(p.read_text()), re.I)]
    assert found == [], f"{what}: {found}"


def _without_comments(source: str) -> str:
    return re.sub(r"\{#.*?#\}", "", source, flags=re.S)


def test_nothing_refers_to_the_workplace_it_was_written_in():
    everything = [*CODE, *TEMPLATES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), ROOT / "Makefile"]
    away = re.compile("/" + "work/|/" + r"tmp/\w")
    assert [n for p, n in zip(everything, _named(everything), strict=True) if away.search(p.read_text())] == []
