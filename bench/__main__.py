"""`make bench`, or `python -m bench [section …] [--write]`: the measurements as Markdown tables. SECTIONS names them.

With --write each section is kept in docs/performance.md under its name; the sections not run stay as they are.
"""

import contextlib
import io
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import psutil

from bench import buyers, checkout, disruptions, growth, memory, money, planner, promise, province, search, search_api, start, travel, web
from bench.rig import clear
from core import clock
from core.settings import ROOT

PAGE = ROOT / "docs" / "performance.md"
HEAD = """# Performance

Measured by `make bench` (`python -m bench --write` keeps the tables here). CPU-ms is what the server's whole process tree and
the database's used per request; it drifts far less than requests per second. Ratios are to `static12k`, an `async def` route
of 12 kB under the same server software, measured in the same interleaved run. PostgreSQL runs with its durable settings.
"""


def _printed(work: Callable[[], None]) -> str:
    with contextlib.redirect_stdout(io.StringIO()) as text:
        work()
    return text.getvalue().strip()


SECTIONS: dict[str, tuple[str, Callable[[Path], str]]] = {
    "web": ("Pages and calls", web.main),
    "checkout": ("Checkout and scans", checkout.main),
    "buyers": ("Two hundred buyers for fifty units", buyers.main),
    "promise": ("Promise board", promise.main),
    "travel": ("Ways", travel.main),
    "search": ("Search engine, 50,000 products", lambda _: f"```\n{_printed(lambda: search.main(50_000))}\n```"),
    "search-api": ("Search API, 50,000 products", search_api.main),
    "growth": ("Growth, SQLite", growth.main("sqlite")),
    "growth-postgresql": ("Growth, PostgreSQL", growth.main("postgresql")),
    "planner": ("Planner", lambda _: _printed(lambda: planner.main([2_000, 10_000, 50_000]))),
    "disruptions": ("Disruptions", disruptions.main),
    "province": ("A province", province.main),
    "money": ("A hundred thousand orders and their money", money.main),
    "memory": ("Memory of the demo", memory.main),
    "start": ("Start", start.main),
}


def main(arguments: list[str]) -> None:
    wanted = [name for name in arguments if name in SECTIONS] or list(SECTIONS)
    if unknown := set(arguments) - {*SECTIONS, "--write"}:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    for name in wanted:
        title, measure = SECTIONS[name]
        folder = Path(tempfile.mkdtemp(prefix="jishi-bench-"))
        try:
            body = f"{_machine()}\n\n{measure(folder)}"
        finally:
            clear(folder)
        print(f"## {title}\n\n{body}\n", flush=True)
        if "--write" in arguments:
            _keep(title, body)


def _machine() -> str:
    cores, when = psutil.cpu_count(), clock.today().isoformat()
    return f"*{when}, {cores} cores, load {psutil.getloadavg()[0]:.1f} before, Python {platform.python_version()}*"


def _keep(title: str, body: str) -> None:
    """Put a section in the page, in the order of SECTIONS."""
    text = PAGE.read_text() if PAGE.exists() else HEAD
    kept = dict(re.findall(r"^## ([^\n]+)\n\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    kept[title] = body
    ordered = [known for known, _ in SECTIONS.values() if known in kept]
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(HEAD + "".join(f"\n## {name}\n\n{kept[name].strip()}\n" for name in ordered))


if __name__ == "__main__":
    main(sys.argv[1:])
