"""Refusals in words: `application/problem+json` to programs, a page to people. Details of our own failures stay in the log."""

import logging
from typing import Any
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse
from sqlalchemy import exc as sql
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import db
from core.auth.forms import safe_next
from core.errors import Busy, JishiError, Refused, SignInNeeded
from core.i18n import gettext, marked
from core.permissions import SecondFactorNeeded
from core.web.accepts import for_programs
from core.web.pages import page
from core.web.templates import localised, template

from .words import field_words, named, words_of

log = logging.getLogger("jishi.web")
BY_STATUS = marked(
    {
        400: ("bad_request", "请求的格式不对"),
        401: ("sign_in_needed", "请先登录"),
        403: ("forbidden", "这里不归你的岗位管"),
        404: ("not_found", "没有找到这个页面"),
        405: ("method_not_allowed", "这个地址不接受这种请求方法"),
        413: ("too_large", "内容太大了"),
        415: ("unsupported_media_type", "不认识这种内容类型"),
        416: ("bad_range", "要的范围不对"),
    }
)


def install(app: FastAPI) -> None:
    """Answer every kind of failure."""
    app.add_exception_handler(JishiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(sql.DBAPIError, _database)
    app.add_exception_handler(sql.TimeoutError, _database)
    app.add_exception_handler(OverflowError, _unstorable)
    app.add_middleware(LastResort)


class LastResort:
    """What nothing else answered: 500 without details, inside the layers that add headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception as error:
            if begun or scope["type"] != "http":
                raise
            full = await run_in_threadpool(_failed, Request(scope), error)
            await full(scope, receive, send)


def for_people(request: Request) -> bool:
    """Whether a page is wanted: by path first, then by what the client says it reads."""
    if for_programs(request.url.path):
        return False
    return "text/html" in request.headers.get("accept", "") or "HX-Request" in request.headers


def answer(request: Request, refusal: JishiError) -> Response:
    """A refusal as the caller can read it; `Retry-After` where trying again is the way on."""
    if for_people(request):
        full = _page(request, refusal)
    else:
        full = JSONResponse(refusal.problem(), refusal.status, media_type="application/problem+json")
    if refusal.status in (429, 503):
        full.headers["Retry-After"] = str(refusal.more.get("retry_after_s", 2))
    return full


def _page(request: Request, refusal: JishiError) -> Response:
    facts: dict[str, Any] = {"refusal": refusal, "detail": gettext(refusal.detail), "onward": _back(request)}
    facts["also"] = [named(fault["field"], fault["words"]) for fault in refusal.more.get("errors", [])[1:]]
    if refusal.status < 500:
        try:
            return page(request, "core/problem.html", block="content", status=refusal.status, **facts)
        except (JishiError, sql.SQLAlchemyError):
            log.info("a page of refusal without its county: %s", refusal.code)
    bare = template("core/problem.html").render(request=request, actor=None, county=None, **facts)
    return HTMLResponse(bare, refusal.status)


def _back(request: Request) -> str:
    """Where to go on: the page the form stood on when it is ours, else home."""
    origin, path = f"{request.url.scheme}://{request.url.netloc}", request.headers.get("referer", "")
    return safe_next(path.removeprefix(origin), localised("/"))


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, JishiError):
        raise error
    if isinstance(error, SignInNeeded | SecondFactorNeeded) and for_people(request):
        return _door(request, error)
    return answer(request, error)


def _door(request: Request, refusal: JishiError) -> Response:
    """Lead people to where they prove who they are, and from there on to what they wanted (after a form: to its page)."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    else:
        wanted = _back(request)
    path = "/login" if isinstance(refusal, SignInNeeded) else "/account/second-factor"
    door = localised(f"{path}?next={quote(wanted, safe='/')}")
    if "HX-Request" in request.headers:
        return Response(status_code=refusal.status, headers={"HX-Redirect": door})
    return RedirectResponse(door, 303)


def _invalid(request: Request, error: Exception) -> Response:
    """422 naming each field, in plain words; what was sent is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    fields = [{"field": _field(e), "code": e["type"], "words": words_of(e)} for e in error.errors()]
    first = fields[0] if fields else {"field": "", "words": gettext("内容不对")}
    detail = named(first["field"], first["words"])
    if not field_words(first["field"]) and first["field"] and not for_people(request):
        detail = f"{first['field']}{gettext('：')}{first['words']}"
    return answer(request, Refused(detail, field=first["field"], errors=fields))


def _field(fault: dict[str, Any]) -> str:
    """The field's path in the body; a body that is no JSON has none."""
    place = fault["loc"]
    return "" if fault["type"] == "json_invalid" else ".".join(str(p) for p in place[1:] or place)


def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 405 and request.method == "GET" and for_people(request) and "HX-Request" not in request.headers:
        return _page_above(request)
    code, words = BY_STATUS.get(error.status_code, marked(("error", "这个请求没有办成")))
    refusal = JishiError(words)
    refusal.code, refusal.status = code, error.status_code
    full = answer(request, refusal)
    for name, value in (error.headers or {}).items():
        full.headers[name] = value
    return full


def _page_above(request: Request) -> Response:
    """An address that only takes forms, asked for by reload or from a shared tab: a deed lies under the page that offers it."""
    above = request.url.path.rstrip("/").rpartition("/")[0]
    return RedirectResponse(localised(safe_next(above)), 303)


def _database(request: Request, error: Exception) -> Response:
    """A locked or lost database: 503, and trying again is safe. A value it cannot hold: 422. Anything else is our failure."""
    if isinstance(error, sql.TimeoutError) or db.is_transient(error):
        log.warning("%s %s: the database does not answer in time", request.method, request.url.path)
        return answer(request, Busy(db.TRY_AGAIN))
    if isinstance(error, sql.DataError):
        return _unstorable(request, error)
    return _failed(request, error)


def _unstorable(request: Request, error: Exception) -> Response:
    log.warning("%s %s: a value the database cannot hold (%s)", request.method, request.url.path, type(error).__name__)
    return answer(request, Refused("有一项的内容太大，或有存不下的字符"))


def _failed(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    refusal = JishiError("集市出了差错，已经记下；请稍后再试")
    refusal.code, refusal.status = "internal", 500
    return answer(request, refusal)
