"""Rate limits, in this process or shared through Redis when a broker is set; strict either way.

    hit("order", phone_index, "6/minute")      raises TooMany with the seconds to wait

Limits by address do not apply to loopback in demo mode.
"""

import time
from functools import lru_cache

from fastapi import Request
from limits import parse
from limits.errors import StorageError
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter

from core import i18n
from core.errors import TooMany
from core.settings import settings

_ = i18n.gettext


@lru_cache(maxsize=4)
def _limiter(home: str, broker: str | None) -> MovingWindowRateLimiter:
    if broker and broker.startswith("redis"):
        return MovingWindowRateLimiter(RedisStorage(broker, wrap_exceptions=True, socket_timeout=0.5, socket_connect_timeout=0.5))
    return MovingWindowRateLimiter(MemoryStorage())


def hit(name: str, key: str, most: str) -> None:
    """Count one and refuse beyond `most` (`6/minute`). When Redis does not answer, this process counts alone."""
    item = parse(most)
    here, alone = _limiter(str(settings.home), settings.broker_url), _limiter(str(settings.home), None)
    try:
        allowed, limiter = here.hit(item, name, key), here
    except StorageError:
        allowed, limiter = alone.hit(item, name, key), alone
    if not allowed:
        wait = max(1, round(limiter.get_window_stats(item, name, key).reset_time - time.time()))
        raise TooMany(_("请求太频繁了，请 {n} 秒后再试").format(n=wait), retry_after_s=wait)


def hit_by_address(request: Request, name: str, most: str) -> None:
    """Count by the caller's network address."""
    address = request.client.host if request.client else ""
    if settings.is_demo and address in ("127.0.0.1", "::1", "localhost", "testclient"):
        return
    hit(name, address, most)
