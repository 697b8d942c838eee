"""A date is a date and an instant is RFC 3339: no numbers, no other spellings, no years beyond reason."""

from datetime import UTC, date, datetime

import pytest
from pydantic import BaseModel, ValidationError

from core.moments import Day, Here, Instant


class Sent(BaseModel):
    model_config = {"strict": True}

    day: Day | None = None
    at: Instant | None = None
    here: Here | None = None


def test_what_is_meant_is_understood():
    sent = Sent(day="2026-02-28", at="2026-05-20T14:40:00+08:00", here="2026-05-20T14:40")
    assert sent.day == date(2026, 2, 28)
    assert sent.at == sent.here == datetime(2026, 5, 20, 6, 40, tzinfo=UTC)
    assert Sent(at="2026-05-20T06:40:00.123Z").at.microsecond == 123_000


@pytest.mark.parametrize(
    "day",
    [
        1795824000,
        1795824000.0,
        "1795824000",
        "2026-02-30",
        "2025-02-29",
        "20260228",
        "2026-W09-6",
        "2026-11-28T00:00:00",
        "",
        True,
        "２０２６-02-28",
    ],
)
def test_other_dates_are_refused(day):
    with pytest.raises(ValidationError):
        Sent(day=day)


@pytest.mark.parametrize(
    "at",
    [1795809956, 1795809956.59, "1795809956", "2026-11-28", "2026-W48-6T04:00:00+08:00", "20261128T040000+0800", "2026-05-20T24:00:00+08:00",
     "0001-01-01T00:00:00+08:00", "9999-12-31T23:59:00+08:00", "", None.__class__],
)  # fmt: skip
def test_other_instants_are_refused(at):
    for field in ("at", "here"):
        with pytest.raises(ValidationError):
            Sent(**{field: at})


def test_an_instant_names_its_offset_unless_the_county_s_own_is_meant():
    with pytest.raises(ValidationError):
        Sent(at="2026-05-20T14:40")
