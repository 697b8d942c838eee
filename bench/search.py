"""Search at 50,000 products: `python -m bench.search [products]`. Prints p50 and p95 per class of query, build time, index size, recall."""

import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench.search_products import MAKE, PLACES, THINGS, products
from shop.search import embedded
from shop.search.embedded import EmbeddedEngine
from shop.search.engine import FACETS, Document, Query, Sort
from shop.search.pinyin import run_syllables

ROUNDS = 300


def classes(rng: random.Random) -> dict[str, list[Query]]:
    """Each query asks text, one or two filters, three facets, the total and the first 24, as the search page does."""
    things = [thing for kind in THINGS.values() for thing in kind]
    spelled = {thing: "".join(run_syllables(thing)) for thing in things}

    def asked(text: str, **more: object) -> Query:
        return Query(tenant=1, text=text, facets=FACETS, **more)  # type: ignore[arg-type]

    def many(make: object) -> list[Query]:
        return [make() for _ in range(ROUNDS)]  # type: ignore[operator]

    return {
        "1 character": many(lambda: asked(rng.choice(rng.choice(things)))),
        "2 characters": many(lambda: asked(rng.choice(things)[-2:], category=rng.choice((None, rng.choice(list(THINGS)))))),
        "phrase": many(lambda: asked(rng.choice(PLACES) + rng.choice(things))),
        "pinyin": many(lambda: asked(spelled[rng.choice(things)])),
        "initials": many(lambda: asked("".join(s[0] for s in run_syllables(rng.choice(things))))),
        "pinyin typo": many(lambda: asked(_mistyped(rng, spelled[rng.choice(things)]))),
        "wrong character": many(lambda: asked(rng.choice(things)[:-1] + rng.choice("把天人山"))),
        "two words, price range": many(
            lambda: asked(f"{rng.choice(MAKE)} {rng.choice(things)}", price_from=1000, price_to=20_000, sellable=True)
        ),
        "broad, sorted by price": many(lambda: asked(rng.choice(MAKE), sort=Sort.PRICE)),
        "browse all": many(lambda: asked("", sellable=True)),
        "browse category": many(lambda: asked("", category=rng.choice(list(THINGS)), in_season=rng.randint(1, 12))),
        "nothing there": many(lambda: asked("量子" + rng.choice("飞船火箭"))),
    }


def _mistyped(rng: random.Random, word: str) -> str:
    at = rng.randrange(1, len(word))
    return word[:at] + rng.choice("aeiou") + word[at + rng.choice((0, 1)) :]


def recall(engine: EmbeddedEngine, documents: list[Document]) -> list[tuple[str, float]]:
    """The part of the products whose name holds the word that is really found, over all words of a kind."""
    names = [document.name for document in documents]
    two = sorted({thing[-2:] for kind in THINGS.values() for thing in kind})
    one = sorted({char for word in two for char in word})
    kinds = {"1 character": one, "2 characters": two, "phrase": [thing for kind in THINGS.values() for thing in kind]}
    rows = []
    for kind, words in kinds.items():
        parts = [min(1.0, engine.search(Query(tenant=1, text=w)).total / sum(w in name for name in names)) for w in words]
        rows.append((kind, statistics.mean(parts)))
    spelled = {thing: "".join(run_syllables(thing)) for kind in THINGS.values() for thing in kind}
    hit = [min(1.0, engine.search(Query(tenant=1, text=p)).total / sum(t in n for n in names)) for t, p in spelled.items()]
    rows.append(("pinyin", statistics.mean(hit)))
    rng = random.Random(3)
    close = []
    for thing, pinyin in spelled.items():
        hits = engine.search(Query(tenant=1, text=_mistyped(rng, pinyin))).hits
        close.append(any(thing in "".join(segment.text for segment in hit.name) for hit in hits))
    rows.append(("pinyin typo, in the first 24", statistics.mean(close)))
    return rows


def _row(name: str, times: list[float]) -> str:
    return f"{name:<26}{statistics.median(times):>8.2f}{statistics.quantiles(times, n=20)[-1]:>8.2f}"


def main(count: int) -> None:
    documents = list(products(count))
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder))
        began, burnt = time.perf_counter(), time.process_time()
        engine.rebuild(documents)
        built, burnt = time.perf_counter() - began, time.process_time() - burnt
        size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
        print(f"{count} products: rebuilt in {built:.1f} s ({burnt:.1f} s CPU), index {size / 1e6:.1f} MB")
        began = time.perf_counter()
        engine.apply([documents[0]])
        engine.search(Query(tenant=1, text="茶"))
        print(f"one change searchable after {(time.perf_counter() - began) * 1000:.0f} ms")
        print(f"{'query':<26}{'p50 ms':>8}{'p95 ms':>8}{'hits':>8}")
        every: list[float] = []
        for name, queries in classes(random.Random(11)).items():
            times, totals = [], []
            for query in queries:
                embedded._answer.cache_clear()  # what was asked before would be answered from memory
                began = time.perf_counter()
                totals.append(engine.search(query).total)
                times.append((time.perf_counter() - began) * 1000)
            every += times
            print(
                f"{name:<26}{statistics.median(times):>8.2f}{statistics.quantiles(times, n=20)[-1]:>8.2f}{statistics.median(totals):>8.0f}"
            )
        print(f"{'all':<26}{statistics.median(every):>8.2f}{statistics.quantiles(every, n=20)[-1]:>8.2f}")
        for kind, part in recall(engine, documents):
            print(f"recall {kind:<30}{part:.3f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
