"""The storefront as one ASGI application: routers, files, refusals, measures, and the worker where none runs apart."""

import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI

import shop.wiring  # noqa: F401 - handlers, projections and pages' context are registered by importing it
from core import db, metrics
from core.settings import ROOT
from core.web import middleware
from shop.routers import ROUTERS
from shop.web import description, problems, routing
from shop.web.static import LastingFiles

VERSION = "0.1.0"


def create_app(*, background: bool = False) -> FastAPI:
    """The whole application. With `background`, it also relays the outbox and, when no broker is set, does its work."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        current_default_thread_limiter().total_tokens = db.THREADS
        if not background:
            yield
            return
        from core.tasks.background import Background

        running = Background()
        running.start()
        yield
        running.stop()

    app = FastAPI(
        title="集市 jishi", version=VERSION,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # core.metrics counts
        openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan, redirect_slashes=False,
    )  # fmt: skip
    app.openapi = partial(description.described, app)  # type: ignore[method-assign]  # FastAPI's own way to say it otherwise
    problems.install(app)
    app.add_middleware(metrics.Measured)
    middleware.install(app)
    routing.install(app.router, [importlib.import_module(module).router for module in ROUTERS])
    app.mount("/static", LastingFiles(directory=ROOT / "static"), name="static")
    return app
