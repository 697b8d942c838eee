"""A day, a month or a year: the narrowest that was asked for, never a time to come; before and after follow without a gap."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from fulfillment.income.spans import EARLIEST, KINDS, read_span, span

NOW = datetime(2026, 5, 20, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "kind", "first", "last"),
    [
        (("2026-05-03", "", ""), "day", date(2026, 5, 3), date(2026, 5, 3)), (("", "2026-04", ""), "month", date(2026, 4, 1), date(2026, 4, 30)),
        (("", "2026-05", ""), "month", date(2026, 5, 1), date(2026, 5, 20)), (("", "", "2025"), "year", date(2025, 1, 1), date(2025, 12, 31)),
        (("", "", "2026"), "year", date(2026, 1, 1), date(2026, 5, 20)), (("2024-02-29", "2026-04", "2025"), "day", date(2024, 2, 29), date(2024, 2, 29)),
        (("", "", ""), "month", date(2026, 5, 1), date(2026, 5, 20)), (("2026-02-30", "", ""), "month", date(2026, 5, 1), date(2026, 5, 20)),
        (("2026-05-21", "", ""), "month", date(2026, 5, 1), date(2026, 5, 20)), (("1999-01-01", "x", "٢٠٢٦"), "month", date(2026, 5, 1), date(2026, 5, 20)),
    ],
)  # fmt: skip
def test_what_is_asked_for_is_read(asked: tuple[str, str, str], kind: str, first: date, last: date) -> None:
    with clock.at(NOW):
        found = read_span(*asked)
        assert (found.kind, found.first, found.last) == (kind, first, last)


@given(day=st.dates(EARLIEST, date(2026, 5, 20)), kind=st.sampled_from(KINDS))
def test_spans_follow_each_other_without_a_gap(day: date, kind: str) -> None:
    with clock.at(NOW):
        here = span(kind, day)
        assert here.first <= day <= here.last
        before, after = here.moved(-1), here.moved(1)
        assert before is None or before.last + timedelta(days=1) == here.first
        assert after is None or after.first == here.last + timedelta(days=1)
        assert (after is None) == (span(kind, clock.today()) == here)
        assert read_span(**{k: here.text if k == kind else "" for k in KINDS}) == here
