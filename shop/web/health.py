"""/healthz: the process lives. /readyz: it can serve. /metrics: how it fares, for a token's holder or this machine."""

import hmac
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError

from core import condition, db, metrics, readiness
from core.errors import NotFound
from core.permissions import Actor, Nobody, Permission
from core.settings import settings
from shop import schema

router = APIRouter(include_in_schema=False)
LOOPBACK = {"127.0.0.1", "::1", "testclient"}


def _watcher(request: Request) -> Actor:
    """The bearer of JISHI_METRICS_TOKEN, else loopback that no proxy stands before; for others there is nothing here.

    In production a set token is the only way: a proxy that does not say for whom it asks makes everybody look like loopback.
    """
    token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    if settings.metrics_token and hmac.compare_digest(token.encode(), settings.metrics_token.encode()):
        return Actor(tenant_id=0)
    direct = not any(h in request.headers for h in ("x-forwarded-for", "forwarded", "x-real-ip"))
    if (settings.is_demo or not settings.metrics_token) and direct and request.client is not None and request.client.host in LOOPBACK:
        return Actor(tenant_id=0)
    raise NotFound("这里没有页面")


Watcher = Annotated[Actor, Depends(Permission(("watcher",), _watcher, asks=False))]


def services() -> dict[str, str]:
    """Which services this installation uses; `embedded` means none was set."""
    return {
        "database": "sqlite" if settings.is_sqlite else "postgresql",
        "broker": settings.broker_url.partition(":")[0] if settings.broker_url else "embedded",
        "search": "meilisearch" if settings.meili_url else "embedded",
        "files": settings.files_url.partition(":")[0] if settings.files_url else "folder",
        "mode": "demo" if settings.is_demo else "production",
    }


@router.get("/healthz")
async def healthz(_: Nobody) -> dict[str, str]:
    return {"status": "alive"}


@router.get("/readyz")
def readyz(request: Request, _: Nobody) -> Response:
    """200 once migrated and a county is loaded; in demo mode, once everything written before was also done (it does not flap).

    `trouble` names what was found not to do its part within the last seconds, `given_up` counts dead letters: the shop serves on.
    """
    state, found = request.app.state, condition.last()
    answer: dict[str, Any] = {"ready": False, "migrated": False, **services()}
    answer |= {"trouble": list(found.troubles), "given_up": sum(found.given_up.values())}
    try:
        answer["migrated"] = schema.is_current()
        if answer["migrated"] and settings.is_demo and not getattr(state, "drained", False):
            with db.reading() as session:
                answer["waiting"] = readiness.waiting(session)
            state.drained = not answer["waiting"]
        if answer["migrated"] and not getattr(state, "open", False):
            state.open = schema.has_county()
    except DBAPIError:
        answer["database"] += " (not answering)"
    answer["county"] = getattr(state, "open", False)
    answer["ready"] = answer["migrated"] and answer["county"] and (getattr(state, "drained", False) or not settings.is_demo)
    if answer["migrated"] and not answer["county"]:
        answer["detail"] = "no county: run jishi county load"
    return JSONResponse(answer, 200 if answer["ready"] else 503, headers={"Cache-Control": "no-store"})


@router.get("/metrics")
def read_metrics(_: Watcher) -> Response:
    with db.reading() as session:
        return Response(metrics.scrape(session), media_type="text/plain; version=0.0.4; charset=utf-8")
