from datetime import date

import pytest

from shop.catalogue.season import last_day, months_words, next_start, season_words, spans


@pytest.mark.parametrize(
    ("months", "words"),
    [
        (list(range(1, 13)), "全年"),
        ([], "全年"),
        ([5], "5 月"),
        ([5, 6], "5–6 月"),
        ([11, 12, 1], "11 月–次年 1 月"),
        ([3, 4, 9, 10], "3–4 月、9–10 月"),
    ],
)
def test_months_are_said_as_spans(months: list[int], words: str) -> None:
    assert months_words(months) == words


def test_a_season_over_the_new_year_is_one_run() -> None:
    assert spans([1, 11, 12]) == [(11, 1)]
    assert last_day([11, 12, 1], date(2026, 12, 5)) == date(2027, 1, 31)
    assert next_start([11, 12, 1], date(2026, 2, 1)) == date(2026, 11, 1)


def test_a_season_that_ends_soon_counts_its_days() -> None:
    assert season_words([5], date(2026, 5, 22)) == "只剩 10 天"
    assert season_words([5, 6], date(2026, 5, 22)) == "当季，到 6 月底"
    assert season_words([3], date(2026, 5, 22)) == "3 月上市"
    assert season_words([], date(2026, 5, 22)) == ""
