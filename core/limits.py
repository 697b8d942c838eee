"""Rate limits, in this process or shared through Redis when a broker is set; strict either way.

Redis has half a second to answer; when it does not, this process counts alone for some seconds before one caller asks again.

    hit("order", phone_index, "6/minute")      raises TooMany with the seconds to wait

Limits by address do not apply to loopback in demo mode.
"""

import threading
import time
from collections import OrderedDict, deque
from contextlib import suppress
from functools import lru_cache

from fastapi import Request
from limits import RateLimitItem, parse
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from core import i18n
from core.breaker import Breaker
from core.errors import TooMany
from core.settings import settings

_ = i18n.gettext


MOST_KEYS = 100_000
ANSWER_S = 0.5  # for Redis


class Here:
    """Moving windows of this process. The library's own memory starts a thread a hit and walks over every key it ever saw."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hits: OrderedDict[tuple[str, str, str], deque[float]] = OrderedDict()

    def hit(self, item: RateLimitItem, name: str, key: str) -> float:
        """Count one, or answer how many seconds to wait. A refused one does not count."""
        now, place = time.time(), (item.key_for(), name, key)
        with self._lock:
            hits = self._hits.setdefault(place, deque(maxlen=item.amount))
            self._hits.move_to_end(place)
            if len(self._hits) > MOST_KEYS:
                self._hits.popitem(last=False)  # the one not seen for longest
            if len(hits) == item.amount and (wait := hits[0] + item.get_expiry() - now) > 0:
                return wait
            hits.append(now)
        return 0.0


@lru_cache(maxsize=4)
def _here(_home: str) -> Here:
    return Here()


@lru_cache(maxsize=4)
def _shared(broker: str) -> tuple[MovingWindowRateLimiter, Breaker]:
    storage = RedisStorage(broker, wrap_exceptions=True, socket_timeout=ANSWER_S, socket_connect_timeout=ANSWER_S)
    return MovingWindowRateLimiter(storage), Breaker(StorageError)


_limit = lru_cache(maxsize=64)(parse)


def hit(name: str, key: str, most: str) -> None:
    """Count one and refuse beyond `most` (`6/minute`)."""
    if wait := _wait(_limit(most), name, key):
        seconds = max(1, round(wait))
        raise TooMany(_("请求太频繁了，请 {n} 秒后再试").format(n=seconds), retry_after_s=seconds)


def _wait(item: RateLimitItem, name: str, key: str) -> float:
    broker = settings.broker_url or ""
    if broker.startswith("redis"):
        shared, breaker = _shared(broker)
        with suppress(StorageError):
            return breaker.call(lambda: _hit(shared, item, name, key))
    return _here(str(settings.home)).hit(item, name, key)


def _hit(shared: MovingWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> float:
    if shared.hit(item, name, key):
        return 0.0
    return max(1.0, shared.get_window_stats(item, name, key).reset_time - time.time())


def hit_by_address(request: Request, name: str, most: str) -> None:
    """Count by the caller's network address."""
    address = request.client.host if request.client else ""
    if settings.is_demo and address in ("127.0.0.1", "::1", "localhost", "testclient"):
        return
    hit(name, address, most)
