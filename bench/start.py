"""From `make run` to `/readyz` 200: on a fresh clone with nothing installed or downloaded, and again on what it left."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench.rig import table
from tests.servers.storefront import ROOT, environment, free_port

BARS = {"fresh, install included": 60.0, "warm": 3.0}
PATIENCE_S = 300


def main(folder: Path) -> str:
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(clone)], check=True)
    rows = []
    for name, bar in BARS.items():
        seconds = _seconds(clone, folder / "home-start")
        rows.append([name, f"{seconds:.1f}", f"≤ {bar:g}", "yes" if seconds <= bar else "**no**"])
    return table(["`make run` → `/readyz`", "s", "bar", "holds"], rows)


def _seconds(clone: Path, home: Path) -> float:
    port = free_port()
    downloads = {name: str(home.with_name("downloads")) for name in ("UV_CACHE_DIR", "PIP_CACHE_DIR")}  # a fresh machine has none
    given = environment(home, JISHI_PORT=str(port), **downloads)
    own = {name: value for name, value in given.items() if name not in ("VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")}
    with (clone / "run.log").open("ab") as log:
        began = time.monotonic()
        process = subprocess.Popen(["make", "run"], cwd=clone, env=own, stdout=log, stderr=log, start_new_session=True)
        try:
            while not _ready(port):
                if process.poll() is not None or time.monotonic() - began > PATIENCE_S:
                    raise SystemExit(f"make run did not become ready: {(clone / 'run.log').read_text()[-500:]}")
                time.sleep(0.05)
            return time.monotonic() - began
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(20)


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
