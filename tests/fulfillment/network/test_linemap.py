import math
import re
import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest

from fulfillment.network.layout import MapLine, MapStop, lay_out
from fulfillment.network.linemap import DESK, PHONE, _Drawing, _overlap, linemap_svg

HUB = MapStop("hub", "县城", 29.30, 121.43)


def stop(name: str, north: float, east: float, href: str = "") -> MapStop:
    return MapStop(name, name, HUB.lat + north / 10, HUB.lon + east / 10, href)


NORTH = [HUB, stop("梅林", 1, 0), stop("竹林", 2, 0, "/villages/zhulin"), stop("西店", 3, 0.2)]
EAST = [HUB, stop("茶院", 0, 1), stop("力洋", 0, 2), stop("长街", 0, 3.5, "/villages/changjie")]
BRANCH = [HUB, EAST[1], EAST[2], stop("胡陈", -1, 3)]
FERRY = [stop("花鸟", 4, 4), stop("绿华", 3, 5)]
LINES = [MapLine("1", 3, NORTH), MapLine("8", 8, EAST, load=0.6), MapLine("8A", 6, BRANCH, runs=False), MapLine("F1", 2, FERRY)]


def drawings(svg: str) -> list[ET.Element]:
    return list(ET.fromstring(f"<both>{svg}</both>"))


def test_no_two_stops_share_a_place():
    cells = lay_out(LINES, HUB)
    assert len(set(cells.values())) == len(cells) == 10


def test_a_stop_lies_in_its_true_direction_from_the_hub():
    cells = lay_out(LINES, HUB)
    assert cells["西店"][1] < -2 and abs(cells["西店"][0]) <= 1
    assert cells["长街"][0] > 2 and abs(cells["长街"][1]) <= 1
    assert cells["胡陈"][1] > 0


def test_every_piece_of_a_line_runs_at_a_multiple_of_45_degrees():
    cells = lay_out(LINES, HUB)
    for line in LINES:
        for a, b in pairwise(line.stops):
            dx, dy = (abs(cells[a.code][i] - cells[b.code][i]) for i in (0, 1))
            assert dx == 0 or dy == 0 or dx == dy


def test_a_line_told_from_its_far_end_is_laid_the_same_way():
    turned = [MapLine("1", 3, NORTH[::-1]), *LINES[1:]]
    assert lay_out(turned, HUB) == lay_out(LINES, HUB)


def test_the_same_lines_give_the_same_diagram():
    assert linemap_svg(LINES, HUB, "示意图") == linemap_svg(LINES, HUB, "示意图")


def test_desk_and_phone_drawings_name_every_shop_and_link_to_it():
    desk, phone = drawings(linemap_svg(LINES, HUB, "宁海线路"))
    for drawing in (desk, phone):
        links = {link.get("href"): "".join(link.itertext()) for link in drawing.iter("a")}
        assert links == {"/villages/zhulin": "竹林", "/villages/changjie": "长街"}
        assert drawing.get("aria-label") == "宁海线路"
        assert {"1", "8", "8A", "F1"} <= set(drawing.itertext())


def test_a_line_that_does_not_run_is_dashed_and_load_is_width():
    desk, _ = drawings(linemap_svg(LINES, HUB, "x"))
    roads = [road.attrib for road in desk.iter("polyline")]
    assert [("map__line--bad" in road["class"]) for road in roads] == [False, False, True, False]
    assert float(roads[1]["stroke-width"]) == pytest.approx(9.0)


def test_the_place_itself_is_shown_as_a_seal():
    desk, _ = drawings(linemap_svg(LINES, HUB, "x", here="竹林"))
    assert [node.tag for node in desk.iter() if node.get("class") == "map__here"] == ["rect"]


def test_names_cannot_smuggle_markup_and_nothing_carries_a_style():
    bad = [HUB, MapStop("x", "<b>恶</b>", 29.4, 121.5, '/v"><script>')]
    svg = linemap_svg([MapLine("<i>", 1, bad)], HUB, '"<')
    drawings(svg)
    assert "<script" not in svg and "<b>" not in svg and "style=" not in svg


TANGLE = [
    MapLine("5", 1, [HUB, stop("岙里王", 1, 1), stop("隔水洪", 2, 1), stop("柴家", 3, 1), stop("桥头胡", 2, 2, "/s/q")]),
    MapLine(
        "7",
        5,
        [HUB, stop("岙里王", 1, 1), stop("桥头胡", 2, 2, "/s/q"), stop("大佳何", 3, 3, "/s/d"), stop("溪下王", 2, 4), stop("团联", 1, 3)],
    ),
    MapLine("1", 3, [HUB, stop("梅林", 1, 0), stop("西店驿站前", 2, 0, "/s/x"), stop("马岙", 2, -1)]),
]


@pytest.mark.parametrize("letters", [DESK, PHONE])
@pytest.mark.parametrize("lines", [LINES, TANGLE])
def test_no_word_covers_another_or_a_stop(letters, lines):
    drawing = _Drawing(lines, HUB, lay_out(lines, HUB), letters)
    drawing.svg("x", None)
    for code, box in drawing.words.items():
        others = [(o, b) for o, b in (*drawing.words.items(), *drawing.dots.items()) if o != code]
        assert not [other for other, b in others if _overlap(box, b) > 12.0], code


def test_a_shop_whose_name_finds_no_room_is_still_named_to_those_who_cannot_see_it():
    crowd = [MapLine(str(n), 1, [HUB, *(stop(f"很长的名字的店{n}{i}", i, n / 9, f"/s/{n}-{i}") for i in range(1, 7))]) for n in range(9)]
    for drawing in drawings(linemap_svg(crowd, HUB, "x")):
        assert all(link.get("aria-label") or "".join(link.itertext()) for link in drawing.iter("a"))


def test_sixteen_lines_from_one_hub_still_find_room():
    lines = [
        MapLine(str(n), n % 8 + 1, [HUB, *(stop(f"{n}-{i}", i * (n % 5 - 2), i * (n % 3 - 1) + 0.1) for i in range(1, 6))])
        for n in range(16)
    ]
    cells = lay_out(lines, HUB)
    assert len(set(cells.values())) == 81
    assert not re.search(r"nan|inf", linemap_svg(lines, HUB, "x"))


CLOSE = [MapLine("5", 1, [HUB, stop("南", 1, 0), stop("中", 2, 0, "/s/z"), stop("北", 3, 0, "/s/b"), stop("远", 3, 4)]), *LINES[1:3]]


@pytest.mark.parametrize("lines", [LINES, CLOSE])
def test_on_the_phone_a_shop_can_be_hit_with_a_finger_and_no_place_belongs_to_two(lines):
    drawing = drawings(linemap_svg(lines, HUB, "x"))[1]
    scale = PHONE.shown / float(drawing.get("viewBox").split()[2])
    areas = {
        link.get("href"): [tuple(map(float, point.split(","))) for point in node.get("points").split()]
        for link in drawing.iter("a")
        for node in link.iter("polygon")
    }
    at = lay_out(lines, HUB)
    sites = {s.href: tuple(PHONE.step * n for n in at[s.code]) for line in lines for s in line.stops if s.href}
    assert areas.keys() == sites.keys() and len(areas) > 1
    for href, shape in areas.items():
        for axis in (0, 1):
            wide = max(point[axis] for point in shape) - min(point[axis] for point in shape)
            assert wide * scale >= 44, href
        for point in shape:
            nearest = min(math.dist(point, site) for site in sites.values())
            assert math.dist(point, sites[href]) <= nearest + 2  # points are whole numbers
