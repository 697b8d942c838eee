"""The door of a starting shop: alive at once, a page that shows the goods being carried in, then the application itself.

The application is imported and its data loaded in a thread, so that `/healthz` answers from the first moment.
"""

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from html import escape

from starlette.types import ASGIApp, Receive, Scope, Send

from core.settings import ROOT

log = logging.getLogger("jishi.gate")
Report = Callable[[int, str], None]
PAGE = """<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="refresh" content="2"><title>正在装货… 集市</title>
<link rel="stylesheet" href="/static/css/tokens.css"><link rel="stylesheet" href="/static/css/components.css"></head>
<body><div class="bare"><main id="main"><h1>正在装货…</h1><p>{words}</p>
<p><progress max="100" value="{percent}">{percent}%</progress></p><p>装好了这一页会自己打开。</p></main></div></body></html>"""
POLICY = b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'"


class Gate:
    """An ASGI application that becomes another one. `prepare(report)` does the loading and returns it."""

    def __init__(
        self, prepare: Callable[[Report], ASGIApp], *, opened: Callable[[], None], failed: Callable[[BaseException], None]
    ) -> None:
        self._prepare, self._opened, self._failed = prepare, opened, failed
        self._app: ASGIApp | None = None
        self._percent, self._words = 0, "点货"
        self._stack = AsyncExitStack()
        self._static: ASGIApp | None = None

    def report(self, percent: int, words: str) -> None:
        self._percent, self._words = max(0, min(100, percent)), words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._wait(scope, receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._load, args=(loop,), name="loading", daemon=True).start()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._stack.aclose()
        await send({"type": "lifespan.shutdown.complete"})

    def _load(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            app = self._prepare(self.report)
            asyncio.run_coroutine_threadsafe(self._open(app), loop).result()
            self._opened()
        except BaseException as error:
            self._failed(error)

    async def _open(self, app: ASGIApp) -> None:
        """Run the application's own lifespan inside ours, then let requests through."""
        if lifespan := getattr(getattr(app, "router", None), "lifespan_context", None):
            await self._stack.enter_async_context(lifespan(app))
        self._app = app

    async def _wait(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope["path"]
        if path.startswith("/static/"):
            if self._static is None:
                from shop.web.static import LastingFiles

                self._static = LastingFiles(directory=ROOT / "static")
            await self._static({**scope, "path": path.removeprefix("/static")}, receive, send)
            return
        if path == "/healthz":
            await _answer(send, 200, b"application/json", b'{"status":"alive"}')
        elif path == "/readyz" or path.startswith("/api/"):
            body = {"ready": False, "status": 503, "code": "loading", "title": "loading", "detail": self._words, "percent": self._percent}
            kind = b"application/json" if path == "/readyz" else b"application/problem+json"
            await _answer(send, 503, kind, json.dumps(body, ensure_ascii=False).encode())
        else:
            page = PAGE.format(words=escape(self._words), percent=self._percent)
            await _answer(send, 503, b"text/html; charset=utf-8", page.encode())


async def _answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    headers = [
        (b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"cache-control", b"no-store"),
        (b"content-security-policy", POLICY), (b"x-content-type-options", b"nosniff"),
    ]  # fmt: skip
    if status == 503:
        headers.append((b"retry-after", b"2"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
