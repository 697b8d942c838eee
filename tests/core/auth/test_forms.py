"""After signing in nobody is sent off the site."""

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.auth.forms import safe_next


@pytest.mark.parametrize(
    "address",
    [
        "//evil.cn",
        "https:evil.cn",
        "/\\evil.cn",
        "javascript:alert(1)",
        "https://shop.cn@evil.cn",
        "evil.cn",
        "",
        "/a\r\nSet-Cookie: x",
        "/\t/evil.cn",
    ],
)
def test_addresses_that_leave_the_host_are_replaced(address):
    assert safe_next(address, "/home") == "/home"


def test_own_paths_are_kept():
    assert safe_next("/orders?page=2") == "/orders?page=2"


@given(st.text(max_size=80))
def test_no_text_leaves_the_host(address):
    assert urlsplit(urljoin("http://shop.test/login", safe_next(address))).netloc == "shop.test"
