"""Pages speak of what carries the county's goods, and give the county's own examples."""

import pytest

from core import i18n
from shop.almanac.carriage import carriage, searches
from supply.counties.models import County
from supply.counties.policy import to_policy
from supply.counties.profile_rules import Words
from tests.county import _policy


def county(words: Words | None, *, number: int = 900) -> County:
    return County(id=number, code="x", name="小县", region="", brand="", policy=to_policy(_policy()._replace(words=words)))


def test_a_county_of_islands_speaks_of_ferries() -> None:
    islands = county(Words("跟着船来", ("贻贝", "枸杞"), "ferry"), number=901)
    said = carriage(islands)
    assert (said.rides, said.motto, said.left.format(n=3)) == ("船班", "跟着船来", "还有 <b>3</b> 班船")
    assert searches(islands) == "贻贝、枸杞…"
    with i18n.speaking("en"):
        assert carriage(islands).motto == "Produce of the islands, by the ferry"
        assert searches(islands) == "贻贝, 枸杞…"


@pytest.mark.parametrize("of", [None, county(None, number=902)])
def test_without_words_it_is_buses(of: County | None) -> None:
    assert carriage(of).rides == "班车"
    assert searches(of) == "搜物产、村子"


def test_every_sentence_is_whole_in_both_tongues() -> None:
    for language in ("zh", "en"):
        with i18n.speaking(language):
            for carrier in ("bus", "ferry"):
                said = carriage(county(Words(None, None, carrier), number=903 if carrier == "bus" else 904))
                assert all(said)
                for text in said:
                    text.format(n=1, day="今天", when="今天", by="14:40", leaves="15:10", city="上海", place="上海", t="15:10")
