"""A browser told apart by its owner: `Chrome · Android 手机`, not the line it sends of itself."""

from core import i18n

_ = i18n.gettext
# In this order: browsers built on another one name that one too.
BROWSERS = (
    ("MicroMessenger", "微信"), ("AlipayClient", "支付宝"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("HuaweiBrowser", "华为浏览器"), ("UCBrowser", "UC"), ("QQBrowser", "QQ 浏览器"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip


def device_words(agent: str) -> str:
    """The browser and the machine of a User-Agent, in the page's language; empty where it says neither."""
    machine = next((words for mark, words in _machines() if mark in agent), "")
    browser = next((name for mark, name in BROWSERS if mark in agent), "") if machine else ""
    return " · ".join(words for words in (browser, machine) if words)


def _machines() -> tuple[tuple[str, str], ...]:
    return (
        ("iPhone", _("苹果手机")), ("iPad", _("苹果平板")), ("Harmony", _("鸿蒙手机")), ("Android", _("安卓手机")),
        ("Windows", _("Windows 电脑")), ("Macintosh", _("苹果电脑")), ("Linux", _("Linux 电脑")),
    )  # fmt: skip
