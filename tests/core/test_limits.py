"""A limit counts what was done, not what was only asked for."""

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
def test_asking_whether_there_is_room_takes_none():
    for _ in range(5):
        limits.spare("order", "someone", "2/minute")
    limits.hit("order", "someone", "2/minute")
    limits.spare("order", "someone", "2/minute")
    limits.hit("order", "someone", "2/minute")
    for ask in (limits.spare, limits.hit):
        with pytest.raises(TooMany) as refused:
            ask("order", "someone", "2/minute")
        assert 1 <= refused.value.more["retry_after_s"] <= 60
    limits.hit("order", "somebody else", "2/minute")
