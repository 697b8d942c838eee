"""Device clocks are wrong; what they say is kept, and what it most likely meant is used."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from core.moments import read_instant

from .upload import Wrong

OLDEST = timedelta(days=90)
FARTHEST = timedelta(days=366)  # a clock further ahead is not a clock
TOLERATED = timedelta(seconds=30)
SKEWED = "clock_skew"


def parse(text: str) -> datetime:
    """An instant as the device wrote it; without a zone it is Beijing time. Raises Wrong."""
    try:
        return read_instant(text.strip()).astimezone(UTC)
    except ValueError as wrong:
        raise Wrong("bad_time", "时间要写成 2026-05-20T14:40:00+08:00 这样") from wrong


def possible(said: datetime, received: datetime) -> bool:
    """Whether some clock can have said this at that time."""
    return received - FARTHEST <= said <= received + FARTHEST


def offset_of(device_times: Iterable[datetime], sent_at: datetime | None, received: datetime) -> timedelta:
    """How far ahead (or, negative, behind) the device's clock is.

    Known exactly when the upload says its own time; else events from the future prove at least how far ahead it is.
    Small differences are the network's, not the clock's.
    """
    if sent_at is not None:
        ahead = sent_at - received
        return ahead if abs(ahead) > TOLERATED else timedelta(0)
    latest = max((t for t in device_times if t <= received + FARTHEST), default=received)
    return latest - received if latest - received > TOLERATED else timedelta(0)


def corrected(said: datetime, offset: timedelta, received: datetime, *, since: datetime | None = None) -> tuple[datetime, str]:
    """(when it happened, flags): never after it was received, nor before `since`, when its parcel was packed.

    Raises Wrong for times no honest device can mean.
    """
    if not possible(said, received):
        raise Wrong("bad_time", "设备时间不对")
    at = said - offset
    if at < received - OLDEST:
        raise Wrong("too_old", "这条扫码太旧了")
    held = min(max(at, since or at), received)
    return held, SKEWED if offset or held > at or at > received + TOLERATED else ""
