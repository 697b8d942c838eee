"""A spec that states a weight means it: 斤 is 500 grams, packs are counted."""

import pytest

from supply.products.weights import stated_grams


@pytest.mark.parametrize(
    ("spec", "grams"),
    [
        ("5斤装", 2500), ("2公斤", 2000), ("1.5kg", 1500), ("0.5 斤", 250), ("8两", 400), ("500G", 500), ("250克", 250), ("120g礼盒", 120),
        ("2只约10斤", 5000), ("2只装约600g", 600), ("1床4斤", 2000), ("250g×4袋", 1000), ("4袋×250g", 1000), ("250g * 2", 500),
        ("10斤装×2箱", 10_000),
    ],
)  # fmt: skip
def test_a_stated_weight_is_grams_in_all(spec, grams):
    assert stated_grams(spec) == grams


@pytest.mark.parametrize(
    "spec", ["1双", "38×26cm", "2.5L桶", "500ml", "2-3斤", "12~13斤", "1斤半", "3斤2两", "每只约2斤", "500g/袋", "礼盒", "5 grains", ""]
)
def test_what_is_not_plain_is_not_guessed(spec):
    assert stated_grams(spec) is None
