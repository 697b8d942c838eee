import csv
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from supply.pictures.plates import CROP_OF_CATEGORY, DRAWINGS, WORDS, crop_of, crop_svg, plate_svg

COUNTIES = Path(__file__).parents[3] / "data" / "counties"
LARGEST = 40_000  # bytes of one plate
ALLOWED = {"svg", "title", "style", "path"}


def elements(svg: str) -> set[str]:
    return {node.tag.rpartition("}")[2] for node in ET.fromstring(svg).iter()}


@pytest.mark.parametrize("crop", sorted(DRAWINGS))
def test_a_plate_is_a_small_picture_without_anything_that_acts(crop):
    svg = crop_svg(crop)
    assert len(svg.encode()) <= LARGEST
    assert elements(svg) == ALLOWED
    assert "url(" not in svg
    assert svg.count("<path") > 1


@pytest.mark.parametrize("crop", ["loquat", "eggs", "krill", "nori"])
def test_a_plate_is_drawn_the_same_every_time(crop):
    assert DRAWINGS[crop]() == DRAWINGS[crop]()


def test_every_category_and_the_unknown_have_a_plate():
    for category in [*CROP_OF_CATEGORY, "没见过的"]:
        assert crop_of(category, "没见过") in DRAWINGS


def test_every_word_leads_to_a_drawing_and_no_drawing_is_out_of_reach():
    assert set(WORDS) == set(DRAWINGS)


def test_words_that_mean_two_crops_are_not_listed_twice():
    listed = [word for words in WORDS.values() for word in words.split()]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("category", "name", "crop"),
    [
        ("水果", "桃源蜜梨", "pear"),
        ("水果", "宁海白枇杷", "loquat"),
        ("糕点", "竹林年糕礼盒", "rice-cake"),
        ("茶饮", "葛家桂花茶礼盒", "osmanthus"),
        ("茶饮", "橘皮茶", "tea"),
        ("手工艺品", "桃木梳", "comb"),
        ("干货", "桃胶", "resin"),
        ("海产干货", "牡蛎酱", "jar"),
        ("海产干货", "淡干虾皮", "krill"),
        ("蜂蜜", "桑洲油菜花蜜", "honey"),
    ],
)
def test_a_product_is_what_its_name_ends_in(category, name, crop):
    assert crop_of(category, name) == crop


def test_every_product_of_every_county_is_known_by_name_not_only_by_category():
    for table in COUNTIES.glob("*/product*.csv"):
        for row in csv.DictReader(table.open(encoding="utf-8")):
            name = row["product"].replace("{station}", "").replace("{township}", "")
            assert crop_of("没见过的", name) != "basket" or "篮" in name, name


def test_products_of_one_crop_share_one_plate():
    assert plate_svg("水果", "宁海白枇杷") is plate_svg("水果", "一市枇杷")
