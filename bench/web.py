"""Pages and calls beside the yardstick, on both databases, in interleaved rounds.

Cached: the same address again, answered by the shared page's keeper. Strange query: every request carries a query parameter
of its own that no page reads. Uncached: every request asks for a page made now (`Cache-Control: no-cache`).
"""

import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from bench.load import Figures, measure
from bench.rig import DATABASES, Rig, running, table, yardstick

ROUNDS = 7
SECONDS = 1.0
STRANGE = 20_000  # addresses asked once each; a round ends before they do
BROWSER = "Accept: text/html\r\nAccept-Language: zh-CN\r\n"
FRESH = f"{BROWSER}Cache-Control: no-cache\r\n"


class Target(NamedTuple):
    name: str
    path: str
    how: Literal["cached", "strange", "fresh"]
    bars: tuple[float | None, float | None]  # × static12k, SQLite and PostgreSQL


def targets(rig: Rig) -> list[Target]:
    with rig.shop.client() as client:
        item, _ = client.in_stock(1)[0]
    station, product = item["station"]["code"], item["id"]
    pages = {"home": "/", "channel": f"/s/{station}", "list": "/search", "search page": "/search?q=%E7%AC%8B"}
    found = []
    for name, path in pages.items():
        found += [Target(f"{name}, cached", path, "cached", (2, 2)), Target(f"{name}, uncached", path, "fresh", (20, 35))]
    return [
        *found,
        Target("home, strange queries", "/", "strange", (2, 2)),
        Target("product with promise (never cached)", f"/p/{product}", "fresh", (20, 35)),
        Target("API: list of 24", "/api/v1/products?limit=24", "fresh", (20, 35)),
        Target("API: product with promise", f"/api/v1/products/{product}", "fresh", (20, 35)),
        Target("API: search with facets", "/api/v1/products?q=%E7%AC%8B&limit=24", "fresh", (25, 25)),
        Target("login page", "/login", "fresh", (None, None)),
    ]


def ask(rig: Rig, target: Target, seconds: float) -> Figures:
    paths = [f"{target.path}?u={n}" for n in range(STRANGE)] if target.how == "strange" else [target.path]
    return measure(rig.shop.port, paths, rig.pids, seconds=seconds, headers=FRESH if target.how == "fresh" else BROWSER)


def _round(rig: Rig, port: int, pids: list[int], found: list[Target]) -> Iterator[tuple[str, Figures]]:
    yield "static12k", measure(port, ["/static12k"], pids, seconds=SECONDS)
    yield "jinja24", measure(port, ["/jinja24"], pids, seconds=SECONDS)
    for target in found:
        yield target.name, ask(rig, target, SECONDS)


def main(folder: Path) -> str:
    parts = []
    for n, database in enumerate(DATABASES):
        with running(database, folder) as rig, yardstick() as (port, pids):
            found = targets(rig)
            measure(port, ["/static12k"], pids, seconds=0.5)
            for target in found:
                ask(rig, target, 0.3)
            taken: dict[str, list[Figures]] = {}
            for _ in range(ROUNDS):
                for name, figures in _round(rig, port, pids, found):
                    taken.setdefault(name, []).append(figures)
        bars = {target.name: target.bars[n] for target in found}
        parts.append(f"### {database}\n\n" + _table(taken, bars))
    return "\n\n".join(parts)


def _table(taken: dict[str, list[Figures]], bars: dict[str, float | None]) -> str:
    cost = {name: statistics.median(f.cpu_ms for f in figures) for name, figures in taken.items()}
    rows = []
    for name, figures in taken.items():
        # against the yardstick of the same round: what the machine does besides changes from second to second
        ratio = statistics.median(f.cpu_ms / unit.cpu_ms for f, unit in zip(figures, taken["static12k"], strict=True))
        bar = bars.get(name)
        speed = statistics.median(f.per_second for f in figures)
        failures = sum(f.failures for f in figures)
        verdict = "" if bar is None else ("yes" if ratio <= bar and not failures else "**no**")
        shown = [name, f"{speed:,.0f}", f"{cost[name]:.2f}", f"{ratio:.1f}", f"≤ {bar:g}" if bar else "", verdict]
        rows.append([*shown, str(failures) if failures else ""])
    return table(["", "requests/s", "CPU-ms", "× static12k", "bar", "holds", "failures"], rows)
