"""Numbers for whoever watches the installation, in Prometheus' text form."""

import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from sqlmodel import Session, col, func, select
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.inbox import Inbox
from core.outbox import Outbox
from core.tasks import pending

registry = CollectorRegistry()
REQUESTS = Counter("jishi_requests", "Answers by route and status", ["method", "route", "status"], registry=registry)
SECONDS = Histogram(
    "jishi_request_seconds", "Time to answer", ["route"], registry=registry,
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.3, 0.8, 2, 5),
)  # fmt: skip
OUTBOX = Gauge("jishi_outbox_rows", "Outbox rows by state", ["state"], registry=registry)
INBOX = Gauge("jishi_inbox_open", "Notices not processed yet", registry=registry)


class Measured:
    """Counts and times every answer by its route's template, so that ids and texts never become labels."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        began, status = time.perf_counter(), 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            route: Any = scope.get("route")
            name = getattr(route, "path", None) or ("static" if scope["path"].startswith("/static/") else "unmatched")
            REQUESTS.labels(scope["method"] if route else "any", name, str(status)).inc()
            SECONDS.labels(name).observe(time.perf_counter() - began)


def scrape(session: Session) -> bytes:
    """The whole page, queue lengths read now."""
    dead = select(func.count()).select_from(Outbox).where(col(Outbox.dead_at).is_not(None))
    OUTBOX.labels("pending").set(pending(session))
    OUTBOX.labels("dead").set(session.exec(dead).one())
    INBOX.set(session.exec(select(func.count()).select_from(Inbox).where(col(Inbox.processed_at).is_(None))).one())
    return generate_latest(registry)
