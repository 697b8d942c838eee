"""A limit counts for all processes that share a Redis, and a Redis that does not answer costs nobody more than a moment."""

import socket
from contextlib import suppress

import pytest
import redis

from core import limits
from core.errors import TooMany
from core.settings import settings
from tests.servers.redis import server_url


@pytest.fixture(params=["here", "shared"])
def counted(request, monkeypatch):
    if request.param == "shared":
        url = server_url()
        redis.from_url(url).flushall()
        monkeypatch.setattr(settings, "broker_url", url)


@pytest.mark.usefixtures("counted")
def test_beyond_the_limit_it_is_said_how_long_to_wait():
    for _ in range(2):
        limits.hit("order", "someone", "2/minute")
    with pytest.raises(TooMany) as refused:
        limits.hit("order", "someone", "2/minute")
    assert 1 <= refused.value.more["retry_after_s"] <= 60
    limits.hit("order", "somebody else", "2/minute")


def test_a_redis_that_takes_calls_and_never_answers_is_left_alone_for_a_while(monkeypatch):
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(64)
        monkeypatch.setattr(settings, "broker_url", f"redis://127.0.0.1:{deaf.getsockname()[1]}/0")
        limits.hit("order", "person 0", "2/minute")
        assert calls_at(deaf) >= 1
        for n in range(20):
            limits.hit("order", f"person {n}", "2/minute")
        assert calls_at(deaf) == 0
        with pytest.raises(TooMany):
            limits.hit("order", "person 0", "2/minute")


def calls_at(listening: socket.socket) -> int:
    """How many called since last asked; nobody answers them."""
    listening.setblocking(False)
    calls = 0
    with suppress(BlockingIOError):
        while True:
            listening.accept()[0].close()
            calls += 1
    return calls
