"""A weight is what the person at the scale meant, in the unit they wrote or chose, or it is refused."""

import pytest

from core.errors import Refused
from core.quantity import jin, typed_grams


@pytest.mark.parametrize(
    ("text", "unit", "grams"),
    [
        ("3.2斤", "克", 1600), ("1600克", "斤", 1600), ("1.6公斤", "斤", 1600), ("1.6kg", "斤", 1600), ("1.6 KG", "斤", 1600), ("1600 g", "斤", 1600),
        ("３．２ 斤", "克", 1600), ("１６００", "克", 1600), ("3.2", "斤", 1600), ("1.6", "公斤", 1600), ("2千克", "斤", 2000), ("1市斤", "克", 500),
        ("0.002", "斤", 1), ("0", "克", 0), ("007", "克", 7), ("㎏", "斤", None), ("5㎏", "斤", 5000),
    ],
)  # fmt: skip
def test_what_was_typed_counts_in_its_own_unit_else_in_the_chosen_one(text, unit, grams):
    if grams is None:
        with pytest.raises(Refused):
            typed_grams(text, unit, field="net")
    else:
        assert typed_grams(text, unit, field="net") == grams


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "斤",
        "-1",
        "+1",
        "1e3",
        "1,600",
        "3.2.1",
        "1/2斤",
        "三斤",
        "3两",
        "0.001斤",
        "4.8克",
        "99999999",
        "9999999公斤",
        "½斤",
        "٣斤",
        "3斤2",
        "3\n斤\n4",
    ],
)
def test_what_cannot_be_weighed_is_refused_at_its_field(text):
    with pytest.raises(Refused) as wrong:
        typed_grams(text, "克", field="net")
    assert wrong.value.more["field"] == "net"


@pytest.mark.parametrize(("grams", "words"), [(1600, "3.2"), (500, "1"), (0, "0"), (1, "0.002"), (5000, "10")])
def test_grams_are_said_in_jin(grams, words):
    assert jin(grams) == words
