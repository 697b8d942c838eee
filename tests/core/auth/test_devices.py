"""A signed-in device is told in words its owner knows."""

import pytest

from core import i18n
from core.auth.devices import device_words


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 MicroMessenger/8.0 Safari/604", "微信 · 苹果手机"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel) AppleWebKit/537 (KHTML) Chrome/140 Mobile Safari/537", "Chrome · 安卓手机"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537 Chrome/140 Safari/537 Edg/140", "Edge · Windows 电脑"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko Firefox/140.0", "Firefox · Linux 电脑"),
        ("python-httpx/0.28", ""),
        ("", ""),
    ],
)
def test_browser_and_machine(agent: str, words: str) -> None:
    assert device_words(agent) == words


def test_in_english_too() -> None:
    with i18n.speaking("en"):
        assert device_words("Mozilla/5.0 (Linux; Android 14) Chrome/140") == "Chrome · Android phone"
