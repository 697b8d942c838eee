"""Labels of turnover boxes: each box once, with its own code in words and as a picture, for those who look after them."""

import re
from datetime import datetime

import pytest

from core import db
from fulfillment.boxes import labels
from fulfillment.boxes.service import register_boxes
from fulfillment.custody.upload import box_code
from tests.county import SmallCounty
from tests.fulfillment.web import county_with_roads, signed_in

SPACED = re.compile(r'box-label__code">([^<]+)<')


@pytest.fixture
def rows(database: str, nine: datetime) -> SmallCounty:
    return county_with_roads()


def test_every_box_of_a_place_has_one_label_with_its_code_its_tier_and_its_home(rows: SmallCounty, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(labels, "A_PRINT", 2)
    with db.writing() as session:
        here = [b.code for b in register_boxes(session, rows.stations[0].code, 3, tenant_id=rows.id, tier="chilled")]
        hub = [b.code for b in register_boxes(session, rows.hub.code, 1, tenant_id=rows.id)]
    desk = signed_in(rows, "dispatcher")
    assert f"/ops/boxes/labels?node={rows.stations[0].code}" in desk.get("/ops/boxes").text
    path, found = f"/ops/boxes/labels?node={rows.stations[0].code}", []
    while path:
        answer = desk.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.headers)
        page = answer.text
        found += [box_code(said.replace(" ", "")) for said in SPACED.findall(page)]
        assert page.count("<svg") >= len(SPACED.findall(page)) and "冷藏" in page and rows.stations[0].name in page
        path = next(iter(re.findall(r'href="(/ops/boxes/labels\?node=[^"]*cursor=[^"]+)"', page)), "").replace("&amp;", "&")
    assert found == here[::-1], "the newest first, each once"
    sorter = signed_in(rows, "sorter", "hub", rows.hub.code)
    assert "/hub/boxes/labels" in sorter.get("/hub").text
    assert [box_code(said.replace(" ", "")) for said in SPACED.findall(sorter.get("/hub/boxes/labels").text)] == hub
    assert desk.get("/ops/boxes/labels?node=nowhere").status_code == 404
    assert desk.get("/ops/boxes/labels?cursor=zz").status_code == 422
    assert signed_in(rows, "master", "station", rows.stations[0].code).get("/ops/boxes/labels").status_code == 403
