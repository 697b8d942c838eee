"""Which days a calendar keeps: seasons that come back, market days by the moon or the sun, every so many days."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supply.counties import profile_cells as cell
from supply.counties.profile_rows import CalendarRow
from supply.counties.service_days import Market, YearSpan, lies_within

ALWAYS = {
    "code": "c", "name": "每天", "weekdays": (True,) * 7, "months": tuple(range(1, 13)), "starts": date(2024, 1, 1),
    "ends": date(2035, 12, 31), "without": (), "also": (),
}  # fmt: skip
DAYS = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def calendar(**more: object) -> CalendarRow:
    return CalendarRow(**{**ALWAYS, **more})


def running(row: CalendarRow, first: date, last: date) -> list[date]:
    return [day for n in range((last - first).days + 1) if row.runs_on(day := first + timedelta(days=n))]


def test_the_bayberry_season_comes_back_every_year() -> None:
    row = calendar(seasons=(YearSpan((6, 10), (7, 5)),))
    for year in (2025, 2026, 2030):
        days = running(row, date(year, 1, 1), date(year, 12, 31))
        assert (days[0], days[-1], len(days)) == (date(year, 6, 10), date(year, 7, 5), 26)


def test_an_orange_season_goes_over_the_new_year() -> None:
    row = calendar(seasons=(YearSpan((11, 20), (2, 10)),))
    assert row.runs_on(date(2026, 12, 31)) and row.runs_on(date(2027, 1, 1)) and row.runs_on(date(2027, 2, 10))
    assert not row.runs_on(date(2027, 2, 11)) and not row.runs_on(date(2026, 11, 19))


def test_market_is_held_on_lunar_third_thirteenth_and_twenty_third() -> None:
    row = calendar(market=Market(True, (3, 8)))
    # the fifth lunar month of 2026 begins on 15 June, the sixth on 14 July
    days = running(row, date(2026, 6, 15), date(2026, 7, 13))
    assert [day.day for day in days] == [17, 22, 27, 2, 7, 12]
    assert all((b - a).days == 5 for a, b in pairwise(days))


def test_market_by_the_solar_month() -> None:
    days = running(calendar(market=Market(False, (5, 0))), date(2026, 1, 1), date(2026, 1, 31))
    assert [day.day for day in days] == [5, 10, 15, 20, 25, 30]


def test_every_third_day_is_counted_from_the_first() -> None:
    days = running(calendar(every_days=3), date(2024, 1, 1), date(2024, 1, 10))
    assert [day.day for day in days] == [1, 4, 7, 10]


def test_a_day_added_runs_out_of_season_and_one_taken_out_does_not() -> None:
    row = calendar(seasons=(YearSpan((6, 10), (7, 5)),), also=(date(2026, 6, 8),), without=(date(2026, 6, 20),))
    assert row.runs_on(date(2026, 6, 8)) and not row.runs_on(date(2026, 6, 9)) and not row.runs_on(date(2026, 6, 20))


@given(st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.dates(date(2024, 1, 1), date(2024, 12, 31)), st.data())
def test_two_seasons_meet_exactly_when_some_day_lies_in_both(a: date, b: date, data: st.DataObject) -> None:
    c, d = data.draw(st.dates(date(2024, 1, 1), date(2024, 12, 31))), data.draw(st.dates(date(2024, 1, 1), date(2024, 12, 31)))
    one, other = YearSpan((a.month, a.day), (b.month, b.day)), YearSpan((c.month, c.day), (d.month, d.day))
    year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    assert one.meets(other) == any(one.holds(day) and other.holds(day) for day in year)


@given(DAYS)
def test_all_ten_digits_make_every_day_a_market_day(day: date) -> None:
    assert Market(True, tuple(range(10))).holds(day)


@pytest.mark.parametrize(
    ("first", "last", "rides"),
    [
        (570, 960, True),  # 09:30 to 16:00 to the minute
        (569, 600, False),
        (900, 961, False),  # still under way at the peak
        (1200, 1290, True),
        (1410, 1500, True),  # over midnight
        (60, 240, True),  # the small hours of the same window
        (240, 301, False),
        (1080, 1130, False),  # between the windows
    ],
)
def test_goods_ride_only_on_runs_whole_within_a_window(first: int, last: int, rides: bool) -> None:
    assert lies_within([(570, 960), (1200, 1740)], first, last) is rides


def test_without_windows_goods_ride_on_every_run() -> None:
    assert lies_within([], 0, 2000)


@pytest.mark.parametrize(
    ("parse", "text", "fault"),
    [
        (cell.season, "6-10..7-5", "is not a season like 06-10..07-05"),
        (cell.season, "06-31..07-05", "names a day no year has"),
        (cell.market, "lunar", "is not market days like lunar 3 8"),
        (cell.market, "lunar 3 3", "names a digit twice"),
        (cell.window, "16:00-09:30", "ends before it begins"),
        (cell.window, "9.30-16:00", "is not a time from and until"),
        (cell.bay, "中舱", "is not a bay like"),
        (cell.bay, "中舱:0", "is not a bay like"),
    ],
)
def test_a_cell_that_cannot_be_read_says_how_it_is_written(parse: cell.Parser[object], text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        parse(text)


def test_cells_are_read_as_they_are_meant() -> None:
    assert cell.season("11-20..02-10") == YearSpan((11, 20), (2, 10))
    assert cell.market("lunar 3 8") == Market(True, (3, 8))
    assert cell.window("20:00-29:00") == (1200, 1740)
    assert cell.bay("冷柜:2:cold") == ("冷柜", 2, True)
