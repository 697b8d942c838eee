"""Serving: one process, uvicorn with uvloop and httptools, a clean stop on SIGTERM and Ctrl-C."""

import logging
import os
import signal
import sys
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import uvicorn
from starlette.types import ASGIApp

from core import memory
from core.settings import settings
from shop.faults import plain
from shop.gate import Gate, Report

log = logging.getLogger("jishi")
WEAK = ("change", "secret", "default", "example", "password", "jishi", "test")
SHORTEST, FEWEST = 32, 10  # characters of a secret, different ones among them
DIGITS = 64  # an all-digit secret needs so many to be one
LOOPBACK = ("127.0.0.1", "::1")  # a proxy on this machine says who called
GRACE = 5  # seconds a running request has when the process is told to stop


class NotAllowed(SystemExit):
    """A production process with settings only a demonstration may have."""


def refuse_unsafe() -> None:
    """Outside demo mode a process starts only with a secret somebody chose; the sandbox cashier does not exist there."""
    if settings.is_demo:
        refuse_public_demo()
        return
    if is_weak(settings.secret_key or ""):
        raise NotAllowed(
            "JISHI_SECRET_KEY is missing or weak. Outside demo mode set 32 or more random characters, for example\n"
            f"  export JISHI_SECRET_KEY=\"$({sys.executable} -c 'import secrets; print(secrets.token_urlsafe(48))')\"\n"
            "or start the demonstration with: make run"
        )


def refuse_public_demo() -> None:
    """A demonstration has known passwords and no second step: it is for this machine alone."""
    if settings.is_public:
        raise NotAllowed(
            f"a demonstration stays on this machine, and JISHI_BASE_URL is {settings.address}: everybody knows its passwords."
            " Unset JISHI_BASE_URL, or see docs/production.md"
        )


def is_weak(secret: str) -> bool:
    """Whether a secret is short, a word everybody tries, a pattern that repeats itself, a walk along the alphabet or mere digits."""
    if len(secret) < SHORTEST or len(set(secret)) < FEWEST or any(secret.lower().startswith(word) for word in WEAK):
        return True
    if secret.isdigit() and len(secret) < DIGITS:
        return True
    repeats = any(secret[n:] == secret[:-n] for n in range(1, len(secret) // 2 + 1))
    steps = sum(abs(ord(a) - ord(b)) <= 1 for a, b in pairwise(secret))
    return repeats or steps > len(secret) // 2


def refuse_demo_passwords() -> None:
    """Outside demo mode nobody may come in by the password that the demo prints for everybody."""
    if settings.is_demo:
        return
    from core.auth.passwords import matches
    from shop import schema
    from shop.demo.sign_ins import PASSWORD, hashes

    if any(matches(PASSWORD, hashed) for hashed in hashes()):
        raise NotAllowed(
            f"{schema.place()}: this is the demonstration's data, its sign-ins have the password {PASSWORD}; see docs/production.md"
        )


def trusted() -> list[str]:
    """Whose X-Forwarded-For tells who called: proxies on this machine, and those that JISHI_TRUSTED_PROXIES names."""
    return [*LOOPBACK, *filter(None, (each.strip() for each in settings.trusted_proxies.split(",")))]


def run(prepare: Callable[[Report], ASGIApp], *, opened: Callable[[], None], host: str = "127.0.0.1") -> int:
    """Serve until told to stop; returns the exit code. `opened` is called when the application answers."""
    memory.keep_small()
    failure: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failure.append(error)
        if not isinstance(error, SystemExit) and plain(error) is None:
            log.error("could not start", exc_info=error)
        os.kill(os.getpid(), signal.SIGTERM)

    gate = Gate(prepare, opened=opened, failed=failed)
    config = uvicorn.Config(
        gate, host=host, port=settings.port, loop="uvloop", http="httptools", ws="none", lifespan="on", log_level="warning",
        forwarded_allow_ips=trusted(),
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
        if words := plain(error):
            print(words, file=sys.stderr)
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
    """The same, only on a migrated database of ours that is not the demonstration's."""
    from shop import schema

    schema.need_current()
    refuse_demo_passwords()
    return application(report)
