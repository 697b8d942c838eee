"""What people call a line: its number and what drives it, in the page's language."""

from core import i18n

KIND_WORDS = i18n.marked({
    "bus": "班车", "coach": "班车", "mail": "邮车", "freight": "货车", "ferry": "渡船", "courier": "同城车", "postman": "邮递员",
    "private": "顺路车", "drone": "无人机", "loop": "环线车",
})  # fmt: skip


def line_words(number: str, kind: str) -> str:
    """`12 路班车`, `邮 3 邮车` in the page's language."""
    name = i18n.gettext(KIND_WORDS.get(kind, i18n.marked("车")))
    if kind in ("bus", "coach") and number[-1:].isdigit():
        return i18n.gettext("%(n)s 路%(kind)s") % {"n": number, "kind": name}
    return f"{number} {name}"


def behind_words(line: str) -> str:
    """A line's words where Chinese stands before them: `的 8 路班车`, `的邮 3 邮车`."""
    return f" {line}" if i18n.locale() == "zh" and line[:1].isascii() else line
