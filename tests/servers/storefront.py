"""A whole shop as people meet it: `jishi up` in a process of its own, over a small county that was loaded once.

The loaded home is kept beside pytest's folders and copied, so that a run pays for one load however many modules ask.
"""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "jishi-demo"
ADDRESS = {"province": "上海市", "city": "上海市", "district": "徐汇区", "detail": "漕溪北路 18 号 3 幢 502 室"}
DAYS, ORDERS = 1, 6
START_S = 240  # a start takes two or three seconds; a busy machine may need many
ANSWER_S = 120  # an answer takes milliseconds; whoever waits shorter tests the machine
COMMAND_S = 900
STOP_S = 90


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def loaded_home(shared: Path) -> Path:
    """A demo county with one short day of history under `shared`, made by whichever test process comes first."""
    home = shared / "demo-home"
    with (shared / "demo-home.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "complete").exists():
            shutil.rmtree(home, ignore_errors=True)
            done = jishi(home, "demo", "--days", str(DAYS), "--orders", str(ORDERS))
            assert done.returncode == 0, done.stdout + done.stderr
            (home / "complete").touch()
    return home


def environment(home: Path, **more: str) -> dict[str, str]:
    """What `make run` gives a process, without the caller's own JISHI settings: compiled modules are kept and lie in .tools."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("JISHI_") and name != "PYTHONDONTWRITEBYTECODE"}
    compiled = str(ROOT / ".tools" / "pycache")
    return {**own, "JISHI_HOME": str(home), "PYTHONPYCACHEPREFIX": compiled, "PYTHONUNBUFFERED": "1", **more}


def jishi(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command on an installation to its end."""
    return subprocess.run(
        [sys.executable, "-m", "shop", *arguments],
        cwd=ROOT,
        env=environment(home, **more),
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
    )


def fetch(address: str, **headers: str) -> httpx.Response:
    """One GET by nobody in particular."""
    return httpx.get(address, headers=headers, timeout=ANSWER_S, trust_env=False)


class Storefront:
    """One installation's server; it may be killed and started again on the same home and port."""

    def __init__(self, home: Path, **settings: str) -> None:
        self.home, self.port = home, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.settings = {"JISHI_PORT": str(self.port), **settings}
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Storefront":
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    def start(self, *, ready: bool = True) -> "Storefront":
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shop", "up"], cwd=ROOT, env=environment(self.home, **self.settings),
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        if ready:
            self.wait_ready()
        return self

    def wait_ready(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self.process is not None
            assert self.process.poll() is None, f"the server stopped: {self.tail()}"
            try:
                if fetch(f"{self.address}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError(f"not ready in {START_S} s: {self.tail()}")

    def tail(self) -> str:
        return self.log.read_text(errors="replace")[-3000:]

    def kill(self) -> None:
        """No goodbye: SIGKILL to the server and all it started."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """What Ctrl-C does; the exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.process.returncode

    def client(self, phone: str = "") -> "Client":
        return Client(self.address, phone)

    def check(self) -> None:
        """`jishi check` on the running installation is green."""
        done = jishi(self.home, "check", **{k: v for k, v in self.settings.items() if k != "JISHI_PORT"})
        assert done.returncode == 0, done.stdout + done.stderr


class Client(httpx.Client):
    """A program that speaks the public contract: JSON, an Idempotency-Key on every unsafe call, its own cookies."""

    def __init__(self, address: str, phone: str = "") -> None:
        super().__init__(base_url=address, timeout=ANSWER_S, trust_env=False, headers={"Accept": "application/json"})
        self.phone = phone

    def __enter__(self) -> "Client":
        super().__enter__()
        if self.phone:
            self.sign_in(self.phone)
        return self

    def ask(self, path: str, **query: Any) -> Any:
        answer = self.get(path, params=query or None)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer.json()

    def submit(self, path: str, body: Any, *, key: str | None = None, **headers: str) -> httpx.Response:
        own = {"Idempotency-Key": key or str(uuid.uuid4()), "Origin": str(self.base_url).rstrip("/"), **headers}
        return self.post(path, json=body, headers=own)

    def do(self, path: str, body: Any, **headers: str) -> Any:
        answer = self.submit(path, body, **headers)
        assert answer.status_code < 300, (path, answer.status_code, answer.text[:500])
        return answer.json() if answer.content else None

    def sign_in(self, phone: str, password: str = PASSWORD) -> None:
        self.do("/api/v1/auth/sessions", {"phone": phone, "password": password})

    def in_stock(self, count: int = 1, at_least: int = 2, **query: Any) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """`count` (product, variant) pairs that can be sold and promised."""
        found: list[tuple[dict[str, Any], dict[str, Any]]] = []
        cursor = None
        while len(found) < count:
            asked = {**query, "limit": 100, **({"cursor": cursor} if cursor else {})}
            page = self.ask("/api/v1/products", **asked)
            for item in page["items"]:
                if not item["in_stock"] or len(found) >= count:
                    continue
                variants = self.ask(f"/api/v1/products/{item['id']}")["variants"]
                found += [(item, v) for v in variants if v["available"] >= at_least and v["promise"]]
            cursor = page["next"]
            if not cursor:
                break
        return found[:count]

    def order(self, items: list[dict[str, Any]], *, phone: str = "13911112222", **more: Any) -> httpx.Response:
        """Quote and place."""
        asked = {"items": items, "address": ADDRESS, **{k: v for k, v in more.items() if k == "link"}}
        quote = self.do("/api/v1/quotes", asked)
        body = {"items": items, "contact": {"name": "王小明", "phone": phone}, "address": ADDRESS, **more}
        return self.submit("/api/v1/orders", {**body, "expected_total_fen": quote["total_fen"]})

    def ask_order(self, order: dict[str, Any]) -> dict[str, Any]:
        """An order as its token shows it."""
        answer = self.get(f"/api/v1/orders/{order['number']}", headers={"X-Order-Token": order["token"]})
        assert answer.status_code == 200, (answer.status_code, answer.text[:500])
        return dict(answer.json())

    def pay(self, order: dict[str, Any], outcome: str = "paid") -> str:
        """Start a payment and let the sandbox cashier say how it ended; the payment's id."""
        token = {"X-Order-Token": order["token"]}
        payment = self.do(f"/api/v1/orders/{order['number']}/payments", {"provider": "sandbox", "method": "page"}, **token)
        self.do(f"/api/v1/payments/{payment['payment_id']}/sandbox", {"outcome": outcome})
        return str(payment["payment_id"])

    def wait_paid(self, order: dict[str, Any], *, seconds: float = ANSWER_S) -> dict[str, Any]:
        until = time.monotonic() + seconds
        shown: dict[str, Any] = {}
        while time.monotonic() < until:
            shown = self.ask_order(order)
            if shown["payment_status"] == "paid":
                return shown
            time.sleep(0.1)
        raise AssertionError(f"order {order['number']} not paid in {seconds} s: {shown}")


def own_home(folders: Any) -> Path:
    """A copy of the loaded home in a folder of its own; `folders` is pytest's tmp_path_factory."""
    base: Path = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home: Path = folders.mktemp("shop") / "home"
    shutil.copytree(loaded_home(shared), home)
    return home
