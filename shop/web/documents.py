"""/openapi.json for programs, /docs for people who write them (demo mode, or JISHI_DOCS)."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from core.errors import NotFound
from core.permissions import Nobody
from core.settings import settings
from core.web.templates import template

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request, _: Nobody) -> dict[str, Any]:
    return dict(request.app.openapi())


@router.get("/docs")
def docs(request: Request, _: Nobody) -> Response:
    if not (settings.is_demo or settings.docs):
        raise NotFound("这里没有页面")
    return HTMLResponse(template("core/docs.html").render(request=request, actor=None, county=None))
