"""`make run`: the demo county and everything around it in one process, from nothing to a shop that sells.

Loading runs in a child, so that the shop's own memory stays small and its door answers meanwhile. `JISHI_HOME/demo.json`
says what was loaded; a load that was cut off is done again from the start.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from core.settings import ROOT, settings
from shop import serve
from shop.gate import Report

MARK = "\x1e"  # begins a progress line of the loading child


def marker() -> Path:
    return settings.home / "demo.json"


def loaded() -> dict[str, Any] | None:
    """What the last finished load put in, or None."""
    with contextlib.suppress(FileNotFoundError, ValueError):
        facts = json.loads(marker().read_text())
        return dict(facts) if facts.get("state") == "loaded" else None
    return None


def remember(state: str, **facts: Any) -> None:
    draft = marker().with_suffix(".new")
    draft.write_text(json.dumps({"state": state, **facts}, ensure_ascii=False))
    draft.replace(marker())


def up(county: str) -> int:
    """Load what is missing, serve, print where and who."""
    refuse_elsewhere()
    settings.remember_mode("demo")
    settings.demo = True
    _free_port()
    child: list[subprocess.Popen[str]] = []

    def prepare(report: Report) -> ASGIApp:
        if not _complete():
            _load(county, report, child)
        return serve.application(report)

    try:
        return serve.run(prepare, opened=_welcome)
    finally:
        for process in child:
            if process.poll() is None:
                process.terminate()


def refuse_elsewhere() -> None:
    """A demonstration lives on this machine, in a home and a database of its own: it never opens or throws away a county that trades."""
    serve.refuse_public_demo()
    if settings.holds_demo:
        return
    from shop import schema

    schema.need_ours()
    if schema.has_county():
        raise serve.NotAllowed(
            f"{schema.place()}: a county is loaded here and this is not a demonstration's home; nothing was changed."
            " Give the demonstration a folder of its own: JISHI_HOME=demo make run"
        )


def _complete() -> bool:
    from shop import schema

    if loaded() is None or not schema.is_current():
        return False
    schema.need_own_secret()
    return True


def _free_port() -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", settings.port))
        except OSError:
            raise SystemExit(f"port {settings.port} is in use; choose another with JISHI_PORT=8001 make run") from None


def _load(county: str, report: Report, child: list[subprocess.Popen[str]]) -> None:
    """Run `jishi demo` beside us and pass its progress on to the door and the terminal."""
    command = [sys.executable, "-m", "shop", "demo", "--county", county, "--progress"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=_environment())  # noqa: S603 - our own module
    child.append(process)
    assert process.stdout is not None
    said: list[str] = []
    for line in process.stdout:
        if line.startswith(MARK):
            percent, _, words = line[1:].strip().partition(" ")
            report(int(percent), words)
            show(int(percent), words)
        else:
            said.append(line)
    if process.wait():
        stopped = process.returncode in (-signal.SIGTERM, -signal.SIGINT)
        raise SystemExit(0 if stopped else "".join(said) or "loading the demo county failed")
    show(100, "装好了", end="\n")


def _environment() -> dict[str, str]:
    return {**os.environ, "JISHI_HOME": str(settings.home.resolve()), "JISHI_DEMO": "1", "PYTHONUNBUFFERED": "1"}


_last = ""


def show(percent: int, words: str, end: str = "") -> None:
    """One line that fills up on a terminal; a line per step in a log."""
    global _last
    if sys.stdout.isatty():
        print(f"\r\x1b[K  {'█' * (percent // 5):<20} {percent:>3}%  {words}", end=end, flush=True)
    elif words != _last:
        print(f"  {percent:>3}%  {words}", flush=True)
    _last = words


def _welcome() -> None:
    from shop.demo.sign_ins import PASSWORD, sign_ins

    rows = "\n".join(f"    {each.phone}  {each.name}" for each in sign_ins())
    print(f"\n  集市开张  {settings.address}\n\n  登录（密码都是 {PASSWORD}）\n{rows}\n\n  按 Ctrl-C 收摊\n", flush=True)
