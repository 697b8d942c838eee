"""A Meilisearch server for tests: real HTTP on 127.0.0.1, real tasks, real matching, and bad days on demand.

`down`/`up` stop and start listening, `failing` answers 503 to everything, `slow` answers nobody until `up`, `wipe` forgets everything,
`behind` leaves tasks enqueued until `catch_up`. Where the folder named by JISHI_CONTRACT_SPECS holds the official OpenAPI, every request
body is checked against it, and a body it does not allow is refused as the real server would.
"""

import json
import os
import re
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .meilisearch_index import Index, Refusal
from .openapi import BadBody, Bodies

KEY = "a-master-key"
STATUS = {"index_not_found": 404, "invalid_api_key": 403, "not_found": 404, "task_not_found": 404}


class FakeMeilisearch:
    def __init__(self) -> None:
        self.indexes: dict[str, Index] = {}
        self.tasks: list[dict[str, Any]] = []
        self.requests: list[tuple[str, str]] = []  # (method, path), in order of arrival
        self.bodies = _bodies()
        self.lock = threading.RLock()
        self.is_failing = self.is_behind = False
        self._waiting: list[tuple[dict[str, Any], Callable[[], None]]] = []
        self._answering = threading.Event()
        self._answering.set()
        self._server: ThreadingHTTPServer | None = None
        self._port = 0
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def up(self) -> None:
        self.is_failing = False
        self._answering.set()
        if self._server is None:
            self._server = _server(self, self._port)
            self._port = self._server.server_address[1]
            threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def down(self) -> None:
        self._answering.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def failing(self) -> None:
        self.is_failing = True

    def slow(self) -> None:
        self._answering.clear()

    def wipe(self) -> None:
        with self.lock:
            self.indexes = {}

    def behind(self) -> None:
        self.is_behind = True

    def catch_up(self) -> None:
        with self.lock:
            self.is_behind = False
            for task, work in self._waiting:
                _finish(task, work)
            self._waiting = []

    def answer(self, method: str, target: str, key: str, body: Any) -> tuple[int, Any]:
        """(status, JSON) of one request."""
        self._answering.wait()
        if self.is_failing:
            return 503, _refused("internal", "overloaded")
        url = urlsplit(target)
        try:
            if key != f"Bearer {KEY}" and url.path != "/health":
                raise Refusal("invalid_api_key", "The provided API key is invalid.")
            for route_method, path, handler in ROUTES:
                if route_method == method and (match := re.fullmatch(path, url.path)):
                    self.bodies.check(method, url.path, body)
                    with self.lock:
                        return handler(self, body, parse_qs(url.query), *match.groups())
            raise Refusal("not_found", f"{method} {url.path}")
        except Refusal as error:
            return STATUS.get(error.code, 400), _refused(error.code, str(error))
        except BadBody as error:
            return 400, _refused("bad_request", str(error))

    def index(self, uid: str) -> Index:
        if uid not in self.indexes:
            raise Refusal("index_not_found", f"Index `{uid}` not found.")
        return self.indexes[uid]

    def enqueue(self, kind: str, uid: str | None, work: Callable[[], None]) -> tuple[int, Any]:
        task: dict[str, Any] = {"uid": len(self.tasks), "indexUid": uid, "status": "enqueued", "type": kind, "enqueuedAt": _now()}
        self.tasks.append(task)
        if self.is_behind:
            self._waiting.append((task, work))
            accepted = dict(task)
        else:
            accepted = dict(task)
            _finish(task, work)
        return 202, {"taskUid": accepted.pop("uid"), **accepted}


def _refused(code: str, message: str) -> dict[str, str]:
    return {"message": message, "code": code, "type": "invalid_request", "link": f"https://docs.meilisearch.com/errors#{code}"}


def _finish(task: dict[str, Any], work: Callable[[], None]) -> None:
    task["startedAt"] = _now()
    try:
        work()
        task["status"] = "succeeded"
    except Refusal as error:
        task |= {"status": "failed", "error": {"code": error.code, "message": str(error), "type": "invalid_request", "link": ""}}
    task["finishedAt"] = _now()


def _health(fake: FakeMeilisearch, body: Any, query: Any) -> tuple[int, Any]:
    return 200, {"status": "available"}


def _create(fake: FakeMeilisearch, body: Any, query: Any) -> tuple[int, Any]:
    def work() -> None:
        if body["uid"] in fake.indexes:
            raise Refusal("index_already_exists", body["uid"])
        fake.indexes[body["uid"]] = Index(body["uid"], body.get("primaryKey"))

    return fake.enqueue("indexCreation", body["uid"], work)


def _info(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    return 200, {"uid": uid, "primaryKey": fake.index(uid).primary_key, "createdAt": _now(), "updatedAt": _now()}


def _drop(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    def work() -> None:
        fake.index(uid)
        del fake.indexes[uid]

    return fake.enqueue("indexDeletion", uid, work)


def _stats(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    return 200, {"numberOfDocuments": len(fake.index(uid).documents), "isIndexing": fake.is_behind, "fieldDistribution": {}}


def _settings(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    return fake.enqueue("settingsUpdate", uid, lambda: fake.index(uid).change_settings(body))


def _add(fake: FakeMeilisearch, body: Any, query: dict[str, list[str]], uid: str) -> tuple[int, Any]:
    def work() -> None:
        # The real server makes a missing index by itself, with default settings.
        fake.indexes.setdefault(uid, Index(uid, query.get("primaryKey", ["id"])[0])).add(body)

    return fake.enqueue("documentAdditionOrUpdate", uid, work)


def _delete(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    return fake.enqueue("documentDeletion", uid, lambda: fake.index(uid).delete(body["filter"]))


def _fetch(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    every = list(fake.index(uid).documents.values())
    offset, limit, fields = body.get("offset", 0), body.get("limit", 20), body.get("fields")
    page = [{name: d[name] for name in fields or d} for d in every[offset : offset + limit]]
    return 200, {"results": page, "offset": offset, "limit": limit, "total": len(every)}


def _search(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    return 200, fake.index(uid).search(body)


def _multi_search(fake: FakeMeilisearch, body: Any, query: Any) -> tuple[int, Any]:
    return 200, {"results": [{"indexUid": q["indexUid"], **fake.index(q["indexUid"]).search(q)} for q in body["queries"]]}


def _swap(fake: FakeMeilisearch, body: Any, query: Any) -> tuple[int, Any]:
    def work() -> None:
        for a, b in (pair["indexes"] for pair in body):
            fake.indexes[a], fake.indexes[b] = fake.index(b), fake.index(a)

    return fake.enqueue("indexSwap", None, work)


def _tasks(fake: FakeMeilisearch, body: Any, query: dict[str, list[str]]) -> tuple[int, Any]:
    wanted = query.get("statuses", [""])[0].split(",")
    found = [task for task in reversed(fake.tasks) if task["status"] in wanted or wanted == [""]]
    limit = int(query.get("limit", ["20"])[0])
    return 200, {"results": found[:limit], "total": len(found), "limit": limit, "from": None, "next": None}


def _task(fake: FakeMeilisearch, body: Any, query: Any, uid: str) -> tuple[int, Any]:
    if int(uid) >= len(fake.tasks):
        raise Refusal("task_not_found", uid)
    return 200, fake.tasks[int(uid)]


INDEX = r"/indexes/([A-Za-z0-9_-]+)"
ROUTES: list[tuple[str, str, Callable[..., tuple[int, Any]]]] = [
    ("GET", "/health", _health),
    ("POST", "/indexes", _create),
    ("GET", INDEX, _info),
    ("DELETE", INDEX, _drop),
    ("GET", INDEX + "/stats", _stats),
    ("PATCH", INDEX + "/settings", _settings),
    ("POST", INDEX + "/documents", _add),
    ("POST", INDEX + "/documents/delete", _delete),
    ("POST", INDEX + "/documents/fetch", _fetch),
    ("POST", INDEX + "/search", _search),
    ("POST", "/multi-search", _multi_search),
    ("POST", "/swap-indexes", _swap),
    ("GET", "/tasks", _tasks),
    ("GET", r"/tasks/(\d+)", _task),
]


def _now() -> str:
    # the client refuses stamps without fractional seconds
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _bodies() -> Bodies:
    folder = os.environ.get("JISHI_CONTRACT_SPECS")
    path = Path(folder) / "meilisearch-openapi.json" if folder else None
    if path is None or not path.exists():
        return Bodies({})
    document = json.loads(path.read_text(encoding="utf-8"))
    # The document calls attribute patterns an object; on the wire they are an array of strings.
    document["components"]["schemas"]["AttributePatterns"] = {"type": "array", "items": {"type": "string"}}
    return Bodies(document)


def _server(fake: FakeMeilisearch, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            raw = self.rfile.read(length)
            fake.requests.append((self.command, self.path))
            status, answer = fake.answer(self.command, self.path, self.headers.get("Authorization", ""), json.loads(raw) if raw else None)
            sent = json.dumps(answer).encode()
            try:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)
            except ConnectionError:
                self.close_connection = True  # the client did not wait for a slow answer

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: pytest shows failures."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
