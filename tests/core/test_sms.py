"""Messages through a real HTTP gateway: what is posted, what counts as taken, and that a refused one is sent again."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlmodel import select

from core import clock, db, notify
from core.outbox import Outbox
from core.settings import settings
from core.sms import Gateway, NotTaken
from core.tasks import drain

PHONE = "13912345678"


class Posts(BaseHTTPRequestHandler):
    """Keeps what it is sent and answers the next status of the server's list, else 202."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((self.path, self.headers.get("authorization"), self.headers["content-type"], json.loads(body)))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests read the list."""


@pytest.fixture
def gateway(monkeypatch) -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Posts)
    server.got, server.statuses = [], []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(settings, "sms_url", f"http://127.0.0.1:{server.server_port}/sms")
    monkeypatch.setattr(settings, "sms_token", "t0ken")
    yield server
    server.shutdown()
    server.server_close()


def _tell(words: str = "包裹到站了") -> None:
    with db.writing() as session:
        notify.tell(session, PHONE, words, tenant_id=1, key="k1")


def test_a_message_is_posted_with_the_bearer_and_its_key(database, gateway):
    _tell()
    assert drain() == 1
    posted = {"phone": PHONE, "words": "【集市】包裹到站了", "key": "1:k1"}
    assert gateway.got == [("/sms", "Bearer t0ken", "application/json", posted)]


def test_what_the_gateway_refuses_is_sent_again_with_the_same_key_and_its_failure_names_nobody(database, gateway):
    gateway.statuses = [500]
    _tell()
    with pytest.raises(NotTaken):
        drain()
    with db.reading() as session:
        row = session.exec(select(Outbox)).one()
    assert (row.done_at, row.error) == (None, "NotTaken: the message gateway answered 500")
    with clock.at(clock.now() + timedelta(seconds=5)):
        assert drain() == 1
    assert [body["key"] for *_, body in gateway.got] == ["1:k1", "1:k1"]


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "nonsense", "http://["])
def test_a_gateway_that_cannot_be_reached_is_a_failure_to_try_again(monkeypatch, address):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with pytest.raises(NotTaken, match="cannot be reached") as failed:
        Gateway(address).send(PHONE, "x", key="1:k1")
    assert PHONE not in str(failed.value)


def test_a_redirect_takes_no_message_and_without_a_token_none_is_sent(gateway):
    gateway.statuses = [302]
    with pytest.raises(NotTaken, match="302"):
        Gateway(settings.sms_url).send(PHONE, "x", key="1:k1")
    assert gateway.got[0][1] is None
