"""What people call a line: its number and what drives it, in the page's language."""

from core import i18n

KIND_WORDS = i18n.marked({
    "bus": "班车", "coach": "班车", "mail": "邮车", "freight": "货车", "ferry": "渡船", "courier": "同城车", "postman": "邮递员",
    "private": "顺路车", "drone": "无人机", "loop": "环线车",
})  # fmt: skip
NUMBERED = frozenset(("bus", "coach"))  # 路 follows their number

for each in i18n.marked((
    "{number} 路班车", "{number} 班车", "{number} 邮车", "{number} 货车", "{number} 渡船", "{number} 同城车",
    "{number} 邮递员", "{number} 顺路车", "{number} 无人机", "{number} 环线车", "{number} 车",
)):  # fmt: skip
    i18n.kept(each)


def line_words(number: str, kind: str) -> str:
    """`12 路班车`, `邮 3 邮车` in the page's language."""
    name = i18n.gettext(KIND_WORDS.get(kind, i18n.marked("车")))
    if kind in NUMBERED and number[-1:].isdigit():
        return i18n.gettext("%(n)s 路%(kind)s") % {"n": number, "kind": name}
    return f"{number} {name}"


def kept_words(number: str, kind: str) -> str:
    """The same in Chinese, as rows keep it: `retold` to each reader."""
    with i18n.speaking("zh"):
        return line_words(number, kind)


def behind_words(line: str) -> str:
    """A line's words where Chinese stands before them: `的 8 路班车`, `的邮 3 邮车`."""
    return f" {line}" if i18n.locale() == "zh" and line[:1].isascii() else line
