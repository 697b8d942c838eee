"""Templates, compiled once for each language: a sentence that stands in a template is plain text by the time a page is made.

`_("登录")` becomes its translation, `_("还剩 %(n)s 件", n=left)` a filling-in of it, and `locale` the language itself; only sentences that
are not known before (`_(words)`) are looked up while a page is rendered. Macros are imported without the page's context, so that
Jinja keeps their module: what they need is passed to them or is a global.
"""

import os
from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, Template, nodes
from jinja2.runtime import Context, Macro
from jinja2.visitor import NodeTransformer

from core import clock, i18n, money, pii, quantity
from core.settings import ROOT

REMEMBERED = 4000  # lines of lists, about a kilobyte each


def localised(path: str) -> str:
    """A path of ours in the page's language: English pages live under /en, and one that does already stays."""
    return f"/en{path}" if i18n.locale() == "en" and path.startswith("/") and not f"{path}/".startswith("/en/") else path


def day(value: Any) -> str:
    """A date as people say it: 今天, 明天, a weekday within the week, else 5 月 23 日."""
    return i18n.day(value)


class Spoken(NodeTransformer):
    """A template's tree with what is said in it said in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        first = node.args[0] if len(node.args) == 1 else None
        told = isinstance(node.node, nodes.Name) and node.node.name == "_" and not node.dyn_args and not node.dyn_kwargs
        if not told or not isinstance(first, nodes.Const):
            return node
        with i18n.speaking(self.language):
            said = i18n.gettext(first.value)
        if not node.kwargs:
            return nodes.TemplateData(said.replace("%%", "%"), lineno=node.lineno, environment=node.environment)
        values = [nodes.Pair(nodes.Const(each.key), each.value) for each in node.kwargs]
        filled = nodes.Mod(nodes.TemplateData(said), nodes.Dict(values), lineno=node.lineno)
        return filled.set_environment(node.environment)  # type: ignore[arg-type]  # every node of a parsed tree has one

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.name == "locale" and node.ctx == "load":
            return nodes.Const(self.language, lineno=node.lineno, environment=node.environment)
        return node


class SpokenLoader(FileSystemLoader):
    """Loads templates in one language."""

    def __init__(self, folder: "os.PathLike[str]", language: str) -> None:
        super().__init__(folder)
        self.language = language

    def load(self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None) -> Template:
        source, filename, is_current = self.get_source(environment, name)
        tree = Spoken(self.language).visit(environment.parse(source, name, filename))
        code = environment.compile(tree, name, filename)
        # Every template has the environment's own globals, as a plain dict: Jinja compares their keys at every import of a part.
        return environment.template_class.from_code(environment, code, environment.globals, is_current)


@lru_cache(maxsize=REMEMBERED)
def remembered(macro: Callable[..., str], *values: Any) -> str:
    """What a macro says of these hashable values, remembered: for macros that read nothing else.

    A macro belongs to one language, so the languages do not meet. A place in `values` is always text or always safe markup,
    never now one and now the other: they compare equal.
    """
    return macro(*values)


PLAIN: dict[str, Callable[..., Any]] = {
    "url": localised, "money": money.format_fen, "jin_price": quantity.fen_per_jin, "clock_now": clock.now, "today": clock.today,
    "remembered": remembered,
}  # fmt: skip
_known = frozenset(map(id, PLAIN.values()))


class Direct(Context):
    """Calls macros and our own functions without asking first what else they might be: they are most of what a page calls."""

    def call(self, obj: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        if type(obj) is not Macro and id(obj) not in _known:
            return super().call(obj, *args, **kwargs)
        if kwargs:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
        return obj(*args, **kwargs)


environment = Environment(
    loader=FileSystemLoader(ROOT / "templates"), autoescape=True, auto_reload=False, trim_blocks=True, lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)  # fmt: skip
environment.context_class = Direct
environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
environment.globals.update(PLAIN)
_filters: dict[str, Callable[..., Any]] = {
    "hm": lambda t: clock.local(t).strftime("%H:%M"), "day": day, "month": i18n.month, "retold": i18n.retold, "money": money.format_fen,
    "kg": quantity.kg, "jin": quantity.jin, "masked_phone": pii.mask_phone,
}  # fmt: skip
environment.filters.update(_filters)
_by_language = {language: environment.overlay(loader=SpokenLoader(ROOT / "templates", language)) for language in i18n.LOCALES}


def template(name: str) -> Template:
    """A template in the page's language. Raises TemplateNotFound."""
    return _by_language[i18n.locale()].get_template(name)
