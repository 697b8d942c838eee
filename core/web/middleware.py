"""Pure ASGI, in one pass: language prefix, size, hostile paths, forgery, cookies, headers; HEAD is GET without its body."""

import json
import secrets
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI
from starlette.requests import Request, cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import i18n
from core.auth.current import cookie_name, receipt_cookie
from core.auth.service import CODE_MINUTES, MEMBER_DAYS
from core.settings import settings
from core.web.accepts import for_programs
from core.web.bodies import counted, is_too_large, largest
from core.web.cache import SharedPages
from core.web.headers import secure
from core.web.origin import same_origin
from core.web.templates import localised, template

METHODS = {"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"}


def install(app: FastAPI) -> None:
    app.add_middleware(SharedPages)
    app.add_middleware(Ground)


def _header_map(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


class Ground:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        path: str = scope["path"]
        language = "en" if path == "/en" or path.startswith("/en/") else "zh"
        if language == "en":
            path = path[3:] or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        i18n.set_locale(language)
        scope.setdefault("state", {})
        headers = _header_map(scope)
        cookies = cookie_parser(headers.get("cookie", ""))  # the very parser that handlers read with

        if only_head := scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": secure([*message["headers"], *_set_cookies(scope, cookies)])}
            elif only_head:
                message = {**message, "body": b""}
            await send(message)

        if refusal := _refuse(scope, headers, cookies):
            await _turn_away(scope, answer, headers, *refusal)
            return
        if "transfer-encoding" in headers:
            receive = counted(receive, largest(path))
        await self.app(scope, receive, answer)


def _refuse(scope: Scope, headers: dict[str, str], cookies: dict[str, str]) -> tuple[int, str, str] | None:
    """Status, code and words for a request that goes no further."""
    if scope["method"] not in METHODS:
        return 405, "method_not_allowed", i18n.gettext("没有这种请求方法")
    if is_too_large(scope["path"], headers):
        return 413, "too_large", i18n.gettext("内容太大了")
    if "\x00" in scope["path"] or b"%00" in scope["query_string"] or b"\x00" in scope["query_string"]:
        return 400, "bad_path", i18n.gettext("地址里有不能用的字符")
    if not same_origin(scope["method"], scope["path"], headers, cookies, cookie_name()):
        return 403, "cross_site", i18n.gettext("这个请求不是从本站页面发出的；请从集市的页面重新操作")
    return None


async def _turn_away(scope: Scope, send: Send, headers: dict[str, str], status: int, code: str, detail: str) -> None:
    """The refusal as a page to people, as problem+json to programs."""
    if "text/html" in headers.get("accept", "") and not for_programs(scope["path"]):
        kind, body = b"text/html; charset=utf-8", await run_sync(_page, Request(scope), status, code, detail)
    else:
        problem = {"type": f"urn:jishi:{code}", "title": code, "status": status, "code": code, "detail": detail}
        kind, body = b"application/problem+json", json.dumps(problem, ensure_ascii=False).encode()
    length = str(len(body)).encode()
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind), (b"content-length", length)]})
    await send({"type": "http.response.body", "body": body})


def _page(request: Request, status: int, code: str, detail: str) -> bytes:
    refusal = {"status": status, "code": code}
    shown: dict[str, Any] = {"actor": None, "county": None, "refusal": refusal, "detail": detail, "also": []}
    return template("core/problem.html").render(request=request, onward=localised("/"), **shown).encode()


def _set_cookies(scope: Scope, cookies: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """A new session's cookie, an ended one's removal, the double-submit token beside a session; a one-time code's receipt; and what
    a page remembers."""
    token: str | None = scope["state"].get("session_token")
    receipt: str | None = scope["state"].get("code_receipt")
    remembered: dict[str, str] = scope["state"].get("remembered", {})
    if token is None and receipt is None and not remembered:
        return []
    flags = "; Path=/; SameSite=Lax" + ("; Secure" if settings.is_https else "")
    made = [(b"set-cookie", f"{name}={value}; HttpOnly{flags}".encode()) for name, value in remembered.items()]
    if receipt or (receipt == "" and receipt_cookie() in cookies):
        lasts = CODE_MINUTES * 60 if receipt else 0
        made.append((b"set-cookie", f"{receipt_cookie()}={receipt}; Max-Age={lasts}; HttpOnly{flags}".encode()))
    if token is None:
        return made
    if token == "":
        return [*made, (b"set-cookie", f"{cookie_name()}=; Max-Age=0; HttpOnly{flags}".encode())]
    made.append((b"set-cookie", f"{cookie_name()}={token}; Max-Age={MEMBER_DAYS * 86400}; HttpOnly{flags}".encode()))
    if "csrf" not in cookies:
        made.append((b"set-cookie", f"csrf={secrets.token_urlsafe(16)}; Max-Age={MEMBER_DAYS * 86400}{flags}".encode()))
    return made
