import xml.etree.ElementTree as ET

from supply.pictures.scenery import landscape_svg, station_svg

NAMES = ["葛家驿站", "南庄驿站", "西翁驿站", "竹林驿站", "一市驿站", "嵊山驿站"]


def test_every_village_looks_different_and_always_the_same():
    drawn = [station_svg(name) for name in NAMES]
    assert len(set(drawn)) == len(NAMES)
    station_svg.cache_clear()
    assert [station_svg(name) for name in NAMES] == drawn


def test_a_village_by_the_sea_is_a_small_valid_picture():
    for name in NAMES:
        for sea in (False, True):
            svg = station_svg(name, sea=sea)
            assert ET.fromstring(svg).find("{http://www.w3.org/2000/svg}title").text == name
            assert len(svg.encode()) <= 40_000


def test_the_banner_is_wide_and_an_island_has_its_own():
    hills, island = landscape_svg(), landscape_svg(island=True)
    assert hills != island
    for svg in (hills, island):
        root = ET.fromstring(svg)
        assert (root.get("width"), root.get("height")) == ("1280", "360")
        assert len(svg.encode()) <= 40_000
