"""A payment gateway over real HTTP on 127.0.0.1, with bad days on demand.

`fail(call, how)` spoils the next such call: "down" hangs up before anything is done, "silent" does the work and hangs up, "error" answers
500, "garbage" answers 200 with a body that is no answer, "unread" answers in the gateway's own words that it did not look, and whatever
else a gateway adds. `forget_faults` ends all of them.
"""

import json
import threading
from collections import defaultdict, deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Ask(NamedTuple):
    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Answer(NamedTuple):
    status: int
    body: bytes
    kind: str = "application/json"


class Gateway:
    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.asked: list[Ask] = []
        self.calls: list[str] = []  # by name, in order of arrival
        self._faults: dict[str, deque[str]] = defaultdict(deque)
        self._server = _server(self)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, call: str, how: str, *, times: int = 1) -> None:
        self._faults[call].extend([how] * times)

    def forget_faults(self) -> None:
        self._faults.clear()

    def name_of(self, ask: Ask) -> str:
        raise NotImplementedError

    def work(self, call: str, ask: Ask) -> Answer:
        raise NotImplementedError

    def spoil(self, how: str, answer: Answer) -> Answer:
        """An answer as a gateway's own kind of fault makes it."""
        raise NotImplementedError

    def answer(self, ask: Ask) -> Answer | None:
        """None: hang up."""
        with self.lock:
            call = self.name_of(ask)
            self.asked.append(ask)
            self.calls.append(call)
            how = self._faults[call].popleft() if self._faults[call] else ""
            if how == "down":
                return None
            if how == "error":
                return Answer(500, b"<html>Internal error</html>", "text/html")
            if how == "garbage":
                return Answer(200, b"<html>It works</html>", "text/html")
            if how == "unread":
                return self.spoil(how, Answer(200, b""))
            done = self.work(call, ask)
            if how == "silent":
                return None
            return self.spoil(how, done) if how else done


def as_json(status: int, body: Any) -> Answer:
    return Answer(status, json.dumps(body).encode())


def _server(gateway: Gateway) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = {name.lower(): value for name, value in self.headers.items()}
            answer = gateway.answer(Ask(self.command, self.path, told, body))
            self.close_connection = True
            if answer is None:
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
            self.send_header("Request-Id", f"req_{len(gateway.asked)}")
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(answer.body)

        do_GET = do_POST = do_DELETE = handle_one

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: pytest shows failures."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)
