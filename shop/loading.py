"""`jishi demo`: an empty, migrated database and a county in it."""

import sys

from core import db
from core.settings import settings
from shop import demonstration, schema


def load(county: str, *, fresh: bool, days: int, orders: int, marked: bool) -> None:
    """Load a county profile with its history. What a cut-off load left behind is thrown away first.

    `marked` prints progress for the process that shows it; otherwise for a person.
    """

    def progress(percent: float, words: str) -> None:
        if marked:
            print(f"{demonstration.MARK}{int(percent)} {words}", flush=True)
        else:
            demonstration.show(int(percent), words)

    settings.remember_mode("demo")
    cut_off = demonstration.marker().exists() and demonstration.loaded() is None
    if fresh or cut_off:
        progress(0, "清空")
        schema.wipe()
    progress(1, "建表")
    schema.upgrade()
    if (there := demonstration.loaded()) and not fresh:
        if there["county"] != county:
            sys.exit(f"{there['county']} is loaded already; use --fresh to throw it away")
        print(f"{county} is loaded already, nothing to do; --fresh throws it away and loads it anew")
        return
    demonstration.remember("loading", county=county)
    from shop.demo import load_demo

    load_demo(county, fresh=fresh, days=days, orders=orders, progress=progress)
    db.dispose()
    demonstration.remember("loaded", county=county, days=days, orders=orders)
    if not marked:
        demonstration.show(100, "装好了", end="\n")
