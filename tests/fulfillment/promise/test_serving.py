"""An address names its village; the town's own name in it is no village."""

import pytest

from fulfillment.promise.serving import End, Within, _Area

ENDS = {code: End(n, code, code, None, None) for n, code in enumerate(("town", "xiweng", "shanqian"), 1)}
AREAS = [_Area("长街镇", "", 1), _Area("长街镇", "长街", 1), _Area("长街镇", "西翁", 2), _Area("长街镇", "山前", 3)]


@pytest.mark.parametrize(
    ("detail", "serves"),
    [
        ("长街镇西翁村 3 号", "xiweng"), ("长街西翁村", "xiweng"), ("西翁村", "xiweng"), ("长街镇", "town"), ("长街村 9 号", "town"),
        ("长街镇老街 1 号", "town"), ("长街镇山前路 8 号", "town"), ("跃龙街道", ""),
    ],
)  # fmt: skip
def test_a_village_is_found_beside_the_name_of_its_town(detail: str, serves: str) -> None:
    found = Within(ENDS, AREAS, {end.node_id: code for code, end in ENDS.items()}).serving(detail)
    assert (found.code if found else "") == serves
