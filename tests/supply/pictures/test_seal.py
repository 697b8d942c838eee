import xml.etree.ElementTree as ET

import pytest

from supply.pictures.seal import SHAPES, STONES, cells, seal_svg


def letters(svg: str) -> str:
    return "".join(node.text for node in ET.fromstring(svg).iter("text"))


@pytest.mark.parametrize("name", ["集市", "葛家驿站", "深甽", "一", "三门湾青蟹驿", "大佳何镇葛家驿站艺术村"])
def test_a_seal_holds_the_characters_of_its_name_in_order(name):
    assert letters(seal_svg(name)) == name[:9]


def test_two_names_have_two_seals_and_one_name_has_one():
    assert seal_svg("葛家驿站") != seal_svg("南庄驿站")
    seal_svg.cache_clear()
    first = seal_svg("葛家驿站")
    seal_svg.cache_clear()
    assert seal_svg("葛家驿站") == first


def test_the_right_column_is_read_first():
    first, second, third, fourth = cells("葛家驿站", STONES["square"], 10)
    assert first.x == second.x > third.x == fourth.x
    assert first.y < second.y


def test_a_name_cannot_smuggle_markup():
    svg = seal_svg('<script>"x"', title='"><b>')
    assert "<script" not in svg
    assert "<b>" not in svg
    ET.fromstring(svg)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_seal_takes_its_colours_from_the_page(shape):
    svg = seal_svg("宁海", shape=shape, kind="white")
    assert "style=" not in svg
    assert "currentColor" in svg
    assert "seal__cut" in svg
