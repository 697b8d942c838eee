"""Shared public pages are answered before routing, until the catalogue changes.

A page rendered with `shared=True` is kept with its hole open, keyed by host, language, address and the version that the
registered `version` source tells. Of the address only the parameters count that the page's handler reads, so that links
grown by other programs (`?utm_source=…`, `&from=singlemessage`) find the kept page; `Cache-Control: no-cache` asks for
one made now. The reader's own corner (account, basket) is joined to the kept bytes, so it works without JavaScript.
Price and stock changes raise the version in their own transaction, so a kept page is never staler than `RECHECK_S`;
what people are told to do by a whole five minutes is not told after them.
Entries beyond `MOST` push out the oldest.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple
from urllib.parse import unquote_plus

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import clock, i18n
from core.auth.current import cookie_name
from core.copies import RECHECK_S
from core.web.pages import HOLE, SHARED, render_me

MOST = 2000
KEEP_S = 60.0  # countdowns on a page may be this old
Version = Callable[[str], int]
_version: list[Version] = []


def version_from(source: Version) -> Version:
    """Register how the catalogue's version of a host is read (one small query)."""
    _version[:] = [source]
    return source


class Kept(NamedTuple):
    version: int
    until: float
    mark: datetime  # the next whole five minutes when it was made
    headers: list[tuple[bytes, bytes]]
    before: bytes
    after: bytes
    guest: bytes


def _is_fresh(kept: Kept) -> bool:
    return kept.until > time.monotonic() and clock.now() <= kept.mark


class SharedPages:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: OrderedDict[tuple[str, str, str, bytes], Kept] = OrderedDict()
        self.versions: dict[str, tuple[float, int]] = {}
        self.guests: dict[tuple[str, str], tuple[int, float, bytes]] = {}
        self.read: dict[str, frozenset[str]] = {}  # path -> the parameters its page reads, told by the first rendering

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not _version:
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        if b"hx-request" in headers or scope["path"].startswith(("/api/", "/static/", "/files/")):
            await self.app(scope, receive, send)
            return
        host = headers.get(b"host", b"").decode("latin-1")
        found = None if b"no-cache" in headers.get(b"cache-control", b"") else self.kept.get(self._key(host, scope))
        if found is not None and _is_fresh(found) and found.version == await self._current(host):
            await self._answer(found, scope, receive, send, headers)
            return
        await self._render_and_keep(host, scope, receive, send, headers)

    def _key(self, host: str, scope: Scope) -> tuple[str, str, str, bytes]:
        names, asked = self.read.get(scope["path"], frozenset()), scope["query_string"]
        if asked:
            asked = b"&".join(part for part in asked.split(b"&") if unquote_plus(part.partition(b"=")[0].decode("latin-1")) in names)
        return host, i18n.locale(), scope["path"], asked

    async def _current(self, host: str) -> int:
        checked, version = self.versions.get(host, (0.0, -1))
        if time.monotonic() - checked > RECHECK_S:
            version = await run_sync(_version[0], host)
            if len(self.versions) > 1000:
                self.versions.clear()
            self.versions[host] = (time.monotonic(), version)
        return version

    async def _answer(self, found: Kept, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        me = found.guest
        if cookie_name().encode() + b"=" in headers.get(b"cookie", b""):
            me = await run_sync(render_me, Request(scope, receive))
        length = str(len(found.before) + len(me) + len(found.after)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [*found.headers, (b"content-length", length)]})
        await send({"type": "http.response.body", "body": found.before + me + found.after})

    async def _render_and_keep(self, host: str, scope: Scope, receive: Receive, send: Send, headers: dict[bytes, bytes]) -> None:
        version, mark = await self._current(host), clock.next_mark(clock.now())  # before rendering: what changes meanwhile makes it stale
        start: Message = {}
        chunks: list[bytes] = []
        shared = False

        async def watch(message: Message) -> None:
            nonlocal start, shared
            if message["type"] == "http.response.start":
                shared = any(name == SHARED.encode() for name, _ in message["headers"])
                start = message
                if not shared:
                    await send(message)
            elif not shared:
                await send(message)
            else:
                chunks.append(message.get("body", b""))

        await self.app(scope, receive, watch)
        if not shared:
            return
        before, _, after = b"".join(chunks).partition(str(HOLE).encode())
        if len(self.read) > MOST:
            self.read.clear()
        self.read[scope["path"]] = frozenset(dict(start["headers"])[SHARED.encode()].decode().split())
        plain = [(n, v) for n, v in start["headers"] if n not in (SHARED.encode(), b"content-length")]
        guest = await self._guest(host, version, scope, receive)
        found = Kept(version, time.monotonic() + KEEP_S, mark, plain, before, after, guest)
        self.kept[self._key(host, scope)] = found
        if len(self.kept) > MOST:
            self.kept.popitem(last=False)
        await self._answer(found, scope, receive, send, headers)

    async def _guest(self, host: str, version: int, scope: Scope, receive: Receive) -> bytes:
        """The corner of a reader nobody knows: the same on every page of a host in a language."""
        place = (host, i18n.locale())
        kept = self.guests.get(place)
        if kept is None or kept[0] != version or kept[1] < time.monotonic():
            guest_scope = {**scope, "headers": [(n, v) for n, v in scope["headers"] if n != b"cookie"], "state": {}}
            kept = version, time.monotonic() + KEEP_S, await run_sync(render_me, Request(guest_scope, receive))
            if len(self.guests) > 1000:
                self.guests.clear()
            self.guests[place] = kept
        return kept[2]
