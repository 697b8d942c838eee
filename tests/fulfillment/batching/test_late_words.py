"""What buyers are told of a line: as people call it, in Chinese, whatever language the dispatcher reads."""

import pytest

from core import i18n
from fulfillment.batching.late import of_line
from fulfillment.network.models import Line


@pytest.mark.parametrize(
    ("number", "kind", "said"),
    [
        ("43", "bus", "43 路班车 18:15 停班，没赶上的 43 路班车"),
        ("M1", "mail", "M1 邮车 18:15 停班，没赶上的 M1 邮车"),
        ("邮 3", "mail", "邮 3 邮车 18:15 停班，没赶上的邮 3 邮车"),
        ("D2", "ferry", "D2 渡船 18:15 停班，没赶上的 D2 渡船"),
    ],
)
def test_a_buyer_hears_of_a_line_as_people_call_it(number: str, kind: str, said: str) -> None:
    line = Line(number=number, kind=kind)
    for language in ("zh", "en"):
        with i18n.speaking(language):
            assert of_line(line, "{line} {time} 停班，没赶上的{of}", time="18:15") == said
