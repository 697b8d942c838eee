"""Only our own pages may act with our cookie."""

import pytest

from core.web.origin import same_origin

HOST = {"host": "shop.test"}
SID = {"sid": "x"}


@pytest.mark.parametrize(
    ("headers", "cookies", "passes"),
    [
        ({"sec-fetch-site": "same-origin"}, SID, True),
        ({"sec-fetch-site": "none"}, SID, True),
        ({"sec-fetch-site": "cross-site"}, SID, False),
        ({"sec-fetch-site": "same-site"}, SID, False),
        ({"origin": "http://shop.test"}, SID, True),
        ({"origin": "http://evil.cn"}, SID, False),
        ({"origin": "null"}, SID, False),
        ({"origin": "http://evil.cn"}, {}, False),
        ({}, {}, True),
        ({}, SID, False),
        ({"x-csrf-token": "t"}, {**SID, "csrf": "t"}, True),
        ({"x-csrf-token": "t"}, {**SID, "csrf": "u"}, False),
        ({"x-csrf-token": ""}, {**SID, "csrf": ""}, False),
        ({"authorization": "Bearer x"}, SID, True),
    ],
)
def test_an_unsafe_call_with_our_cookie_must_come_from_our_page(headers, cookies, passes):
    assert same_origin("POST", "/orders", {**HOST, **headers}, cookies, "sid") is passes


def test_reading_and_signed_notices_are_free():
    assert same_origin("GET", "/orders", {**HOST, "origin": "http://evil.cn"}, SID, "sid")
    assert same_origin("POST", "/webhooks/alipay", {**HOST, "origin": "http://evil.cn"}, SID, "sid")
