"""The search API at 50,000 products: a county that really has them, indexed by `jishi reindex`, asked over HTTP with the mix of
`bench.search` – text in every spelling, filters, sorting – and always all facets, the total and the first 24 with live price,
stock and promise.
"""

import json
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from bench.load import answers, measure
from bench.many_products import stock_many
from bench.rig import DATABASES, Rig, loaded, table, yardstick
from bench.search import classes
from shop.search.engine import Query, Sort

PRODUCTS = 50_000
P_BAR_MS, BAR = 10, 25  # p50 and p95 of the whole mix; CPU × static12k
WARM, ASKED, PATIENT_S = 30, 100, 15  # per class: asked before, asked and timed, at most so long
MIX_S = 6.0
ENGINE = "embedded"


def main(folder: Path, count: int = PRODUCTS) -> str:
    parts = []
    for database in DATABASES:
        with loaded(database, folder, days=1, orders=6) as county:
            with county.here():
                stock_many(count)
            began = time.monotonic()
            county.run("reindex")
            indexed = time.monotonic() - began
            with county.served() as rig, yardstick() as (port, pids):
                asked = _asked(rig, lambda: measure(port, ["/static12k"], pids, seconds=2).cpu_ms)
                parts.append(f"### {database}\n\n{count:,} products, `jishi reindex` {indexed:.0f} s\n\n{asked}")
    return "\n\n".join(parts)


def _asked(rig: Rig, static12k_ms: Callable[[], float]) -> str:
    rows, every, mix = [], [], []
    for name, queries in classes(random.Random(11)).items():
        paths = [path_of(query) for query in queries]
        answers(rig.shop.port, paths[-WARM:], seconds=PATIENT_S)
        taken = answers(rig.shop.port, paths[:ASKED], seconds=PATIENT_S)
        times = [ms for ms, _body in taken]
        found = [json.loads(body) for _ms, body in taken]
        if strange := {page["engine"] for page in found} - {ENGINE}:
            raise SystemExit(f"{name}: answered by {strange}")
        rows.append([name, *_spread(times), f"{statistics.median(page['total'] for page in found):,.0f}", "", ""])
        every += times
        mix += paths
    random.Random(5).shuffle(mix)
    before = static12k_ms()
    cost = measure(rig.shop.port, mix, rig.pids, seconds=MIX_S)
    ratio, p95 = cost.cpu_ms / statistics.mean([before, static12k_ms()]), statistics.quantiles(every, n=20)[-1]
    holds = "yes" if p95 <= P_BAR_MS and not cost.failures else "**no**"
    rows.append(["whole mix", *_spread(every), "", f"≤ {P_BAR_MS} ms", holds])
    holds = "yes" if ratio <= BAR and not cost.failures else "**no**"
    rows.append([f"whole mix, CPU {cost.cpu_ms:.2f} ms, {ratio:.0f} × static12k", "", "", "", f"≤ {BAR} ×", holds])
    return table(["query", "p50 ms", "p95 ms", "hits", "bar", "holds"], rows)


def _spread(times: list[float]) -> tuple[str, str]:
    return f"{statistics.median(times):.1f}", f"{statistics.quantiles(times, n=20)[-1]:.1f}"


def path_of(query: Query) -> str:
    """The address that asks this question of the API; price ranges and months are not in it, `in_season` is."""
    asked = {
        "q": query.text, "category": query.category, "in_season": "true" if query.in_season else None,
        "sort": query.sort if query.sort != Sort.RELEVANCE else None, "limit": "24",
    }  # fmt: skip
    return "/api/v1/products?" + urlencode({name: value for name, value in asked.items() if value})
