"""Templates speak one language each by the time a page is made, and say data as safely as before."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core import i18n
from core.web.templates import SpokenLoader, environment, remembered


@pytest.fixture(params=i18n.LOCALES)
def spoken(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A language, and a folder whose templates are compiled in it."""
    with i18n.speaking(request.param):
        yield request.param, tmp_path


def _said(spoken: tuple[str, Path], source: str, **context: object) -> str:
    language, folder = spoken
    (folder / "page.html").write_text(source)
    return environment.overlay(loader=SpokenLoader(folder, language)).get_template("page.html").render(**context)


def test_a_sentence_is_said_in_the_pages_language(spoken) -> None:
    words = {"zh": "登录", "en": "Sign in"}[spoken[0]]
    assert _said(spoken, '{{ _("登录") }}') == words
    assert _said(spoken, "{{ _(word) }}", word="登录") == words  # one that is not known before
    assert _said(spoken, "{% if locale == 'en' %}en{% else %}zh{% endif %}", locale="xx") == spoken[0]


def test_values_are_escaped_and_a_percent_stays_one(spoken) -> None:
    said = _said(spoken, '{{ _("搜“%(q)s”", q=q) }}', q="<b>")
    assert "&lt;b&gt;" in said
    assert "<b>" not in said
    assert _said(spoken, '{{ _("没有这句 100 %%") }}') == "没有这句 100 %"
    assert _said(spoken, '{{ _("没有这句 %(n)s %%", n=n) }}', n=7) == "没有这句 7 %"


def test_a_macro_is_asked_once_for_the_same_values() -> None:
    asked = []

    def line(value: str) -> str:
        asked.append(value)
        return value * 2

    assert [remembered(line, "甲"), remembered(line, "甲"), remembered(line, "乙")] == ["甲甲", "甲甲", "乙乙"]
    assert asked == ["甲", "乙"]
