"""Serving: one process, uvicorn with uvloop and httptools, a clean stop on SIGTERM and Ctrl-C."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from core import memory
from core.settings import settings
from shop.gate import Gate, Report

log = logging.getLogger("jishi")
WEAK = ("change", "secret", "default", "example", "password", "jishi", "test")
GRACE = 5  # seconds a running request has when the process is told to stop


class NotAllowed(SystemExit):
    """A production process with settings only a demonstration may have."""


def refuse_unsafe() -> None:
    """Outside demo mode a process starts only with a secret somebody chose; the sandbox cashier does not exist there."""
    if settings.is_demo:
        return
    secret = settings.secret_key or ""
    if len(secret) < 32 or len(set(secret)) < 10 or any(secret.lower().startswith(word) for word in WEAK):
        raise NotAllowed(
            "JISHI_SECRET_KEY is missing or weak. Outside demo mode set 32 or more random characters, for example\n"
            f"  export JISHI_SECRET_KEY=\"$({sys.executable} -c 'import secrets; print(secrets.token_urlsafe(48))')\"\n"
            "or start the demonstration with: make run"
        )


def run(prepare: Callable[[Report], ASGIApp], *, opened: Callable[[], None], host: str = "127.0.0.1") -> int:
    """Serve until told to stop; returns the exit code. `opened` is called when the application answers."""
    memory.keep_small()
    failure: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failure.append(error)
        if not isinstance(error, SystemExit):
            log.error("could not start", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)

    gate = Gate(prepare, opened=opened, failed=failed)
    config = uvicorn.Config(
        gate, host=host, port=settings.port, loop="uvloop", http="httptools", ws="none", lifespan="on", log_level="warning",
        access_log=False, server_header=False, timeout_graceful_shutdown=GRACE, timeout_keep_alive=15, backlog=2048,
    )  # fmt: skip
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _already_handled)  # uvicorn raises the signal once more after its clean stop
    server = uvicorn.Server(config)
    server.run()
    if failure:
        return _told(failure[0])
    return 0 if server.started else 1


def _told(error: BaseException) -> int:
    """The exit code of a start that failed; what a SystemExit has to say is said."""
    if not isinstance(error, SystemExit):
        return 1
    if isinstance(error.code, str):
        print(error.code, file=sys.stderr)
    return error.code if isinstance(error.code, int) else int(error.code is not None)


def _already_handled(_number: int, _frame: Any) -> None:
    """The server has stopped; the process ends by itself."""


def application(_report: Report) -> ASGIApp:
    """The application with its background work."""
    from shop.app import create_app

    return create_app(background=True)


def checked_application(report: Report) -> ASGIApp:
    """The same, only on a migrated database."""
    from shop import schema

    schema.need_current()
    return application(report)
