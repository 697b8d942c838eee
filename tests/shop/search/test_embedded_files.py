"""The embedded index on disk: many readers, one writer, crashes and damage."""

import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from shop.search import generations
from shop.search.embedded import EmbeddedEngine
from shop.search.engine import IndexMissing, Query, SearchUnavailable

from .catalogue import catalogue

OTHER_PROCESS = """
import sys
from pathlib import Path
from shop.search.embedded import EmbeddedEngine
from tests.shop.search.catalogue import catalogue
getattr(EmbeddedEngine(Path(sys.argv[1])), sys.argv[2])(catalogue()[:2] if sys.argv[2] == "rebuild" else catalogue()[5:6])
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "search"


def elsewhere(root: Path, verb: str) -> None:
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, str(root), verb], check=True, cwd=Path(__file__).parents[3])


def test_what_another_process_writes_is_found_by_the_next_search(root: Path) -> None:
    engine = EmbeddedEngine(root)
    engine.rebuild(catalogue()[:1])
    assert engine.search(Query(tenant=1, text="枇杷")).total == 0
    elsewhere(root, "apply")
    assert engine.search(Query(tenant=1, text="枇杷")).total == 1
    elsewhere(root, "rebuild")
    assert engine.count() == 2


def test_old_generations_are_swept_away(root: Path) -> None:
    engine = EmbeddedEngine(root)
    for _ in range(3):
        engine.rebuild(catalogue())
    assert len([p for p in root.iterdir() if p.is_dir()]) == 1


def test_a_crash_during_a_rebuild_leaves_the_old_index_and_the_next_one_cleans_up(root: Path) -> None:
    engine = EmbeddedEngine(root)
    engine.rebuild(catalogue())
    left = root / "1-99"
    left.mkdir()
    (left / "meta.json").write_text("half")
    assert EmbeddedEngine(root).count() == len(catalogue())
    engine.rebuild(catalogue()[:1])
    assert not left.exists()
    assert engine.count() == 1


@pytest.mark.parametrize("damage", ["pointer", "folder", "meta", "empty", "segments", "shape"])
def test_a_damaged_index_counts_as_missing_and_is_rebuilt(root: Path, damage: str) -> None:
    EmbeddedEngine(root).rebuild(catalogue())
    folder = next(p for p in root.iterdir() if p.is_dir())
    match damage:
        case "pointer":
            (root / "pointer").write_bytes(b"\xff\xfe/../../etc")
        case "folder":
            folder.rename(root / "elsewhere")
        case "meta":
            (folder / "meta.json").write_text('{"segments": [')
        case "empty":
            (folder / "meta.json").write_text("")
        case "segments":
            for part in folder.glob("*.*"):
                if part.name not in ("meta.json", ".managed.json"):
                    part.unlink()
        case "shape":
            (root / "pointer").write_text("0-1")
    engine = EmbeddedEngine(root)
    for ask in (lambda: engine.search(Query(tenant=1, text="茶")), engine.count, lambda: engine.apply(catalogue()[:1])):
        with pytest.raises(IndexMissing):
            ask()
    assert not engine.health().ok
    assert engine.rebuild(catalogue()) == len(catalogue())
    assert engine.search(Query(tenant=1, text="茶")).total == 2


def test_damage_inside_a_file_is_unavailable_never_an_error_page(root: Path) -> None:
    EmbeddedEngine(root).rebuild(catalogue())
    for part in root.glob("*/*.store"):
        held = bytearray(part.read_bytes())
        held[len(held) // 3] ^= 0xFF
        part.write_bytes(held)
    engine = EmbeddedEngine(root)
    for ask in (lambda: engine.search(Query(tenant=1)), lambda: engine.suggest("nia", tenant=1), engine.versions):
        with pytest.raises(SearchUnavailable):
            ask()
    assert engine.rebuild(catalogue()) == len(catalogue())


def test_writers_take_turns_and_none_is_lost(root: Path) -> None:
    engine = EmbeddedEngine(root)
    engine.rebuild([])
    many = [replace(catalogue()[0], id=f"W{i:02d}") for i in range(24)]
    threads = [threading.Thread(target=EmbeddedEngine(root).apply, args=(many[i::8],)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(engine.versions()) == {d.id for d in many}


def test_a_change_during_a_rebuild_is_in_the_new_index(root: Path) -> None:
    engine = EmbeddedEngine(root)
    engine.rebuild(catalogue())
    late = threading.Thread(target=engine.apply, args=([replace(catalogue()[0], version=2)],))

    def documents() -> object:
        late.start()  # waits for the lock
        yield from catalogue()

    engine.rebuild(documents())  # type: ignore[arg-type]
    late.join()
    assert engine.versions()["P01"].version == 2


def test_a_lock_that_is_never_freed_is_told_not_waited_for(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generations, "LOCK_WAIT", 0.05)
    engine = EmbeddedEngine(root)
    engine.rebuild(catalogue())
    with generations.Generations(root, "1").writing(), pytest.raises(SearchUnavailable, match="locked"):
        engine.apply(catalogue())
    engine.apply(catalogue()[:1])


def test_many_threads_search_while_one_rebuilds(root: Path) -> None:
    engine = EmbeddedEngine(root)
    engine.rebuild(catalogue())
    totals, faults, stop = set(), [], threading.Event()

    def look() -> None:
        try:
            while not stop.is_set():
                totals.add(engine.search(Query(tenant=1, text="年糕")).total)
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for _ in range(10):
        engine.rebuild(catalogue())
        engine.apply(catalogue()[:1])
    stop.set()
    for thread in threads:
        thread.join()
    assert (totals, faults) == ({2}, [])


def test_neither_reading_nor_writing_loads_the_big_pinyin_dictionary(root: Path) -> None:
    EmbeddedEngine(root).rebuild(catalogue())
    script = "import sys; from pathlib import Path; from shop.search.embedded import EmbeddedEngine; from shop.search.engine import Query; "
    script += "from tests.shop.search.catalogue import catalogue; e = EmbeddedEngine(Path(sys.argv[1])); e.apply(catalogue()); "
    script += "print(e.search(Query(tenant=1, text='枇把')).total, e.suggest('xig', tenant=1), 'pypinyin' in sys.modules)"
    here, home = Path(__file__).parents[3], {**os.environ, "JISHI_HOME": str(root.parent / "another home")}
    run = subprocess.run([sys.executable, "-c", script, str(root)], check=True, capture_output=True, text=True, cwd=here, env=home)
    assert run.stdout.strip() == "1 ['长街西瓜'] False"
