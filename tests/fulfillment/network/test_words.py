"""A line is called what drives it, and a row that keeps its name is told again to each reader."""

import pytest

from core import i18n
from fulfillment.batching.missed import UNLOADED
from fulfillment.network.words import KIND_WORDS, behind_words, kept_words, line_words


def test_only_buses_have_a_route_behind_their_number():
    assert [line_words(*line) for line in (("8", "bus"), ("邮3", "mail"), ("快", "coach"))] == ["8 路班车", "邮3 邮车", "快 班车"]
    assert (behind_words("8 路班车"), behind_words("邮3 邮车")) == (" 8 路班车", "邮3 邮车")


@pytest.mark.parametrize("kind", KIND_WORDS)
def test_a_kept_line_is_told_again_in_english(kind):
    with i18n.speaking("en"):
        kept = kept_words("8", kind)
        told = i18n.retold(kept)
        sentence = i18n.retold(UNLOADED.format(line=kept, time="07:20"))
    assert not kept.isascii() and told.isascii() and told.endswith(" 8")
    assert sentence == f"{told} (07:20) left and this parcel was not scanned aboard"
