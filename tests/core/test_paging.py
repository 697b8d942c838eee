"""Cursors come back as they were made; anything else is refused in plain words."""

import json
from base64 import urlsafe_b64encode

import pytest

from core.errors import Refused
from core.paging import make_cursor, read_cursor


def cursor_of(text):
    return urlsafe_b64encode(text.encode()).decode()


def test_a_cursor_says_where_a_page_ended():
    assert read_cursor(make_cursor("大佳何", 17), str, int) == ("大佳何", 17)
    assert read_cursor(None, int) is read_cursor("", int) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "?", "é", "A", "%00", cursor_of("17"), cursor_of("[]"), cursor_of('["17"]'), cursor_of("[true]"), cursor_of("[1,2]"), cursor_of("[NaN]"),
        cursor_of(json.dumps([2**31])), cursor_of(json.dumps([-(2**70)])), cursor_of("[-1]"), make_cursor(17) + "=", cursor_of("[" * 200), cursor_of("[" * 100_000),
    ],
)  # fmt: skip
def test_what_is_not_ours_is_refused(cursor):
    with pytest.raises(Refused) as refused:
        read_cursor(cursor, int)
    assert refused.value.more["field"] == "cursor"
