"""One handler serves the page and its htmx fragment.

`page` answers the whole template, or its named block when htmx asks, or 303 after a plain form. What every page needs
(county, caller, basket) is added by providers that the floors register, so a handler passes only what is its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from jinja2_fragments.fastapi import Jinja2Blocks

from core import clock, i18n, money, pii, quantity
from core.permissions import actor_of
from core.settings import ROOT

environment = Environment(
    loader=FileSystemLoader(ROOT / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.i18n"]
)
environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
templates = Jinja2Blocks(env=environment)

Provider = Callable[[Request], Mapping[str, Any]]
_providers: list[Provider] = []


def provide(provider: Provider) -> Provider:
    """Register what every page's context gets besides its own."""
    _providers.append(provider)
    return provider


def localised(path: str) -> str:
    """A path of ours in the page's language: English pages live under /en."""
    return f"/en{path}" if i18n.locale() == "en" and path.startswith("/") else path


def day(value: Any) -> str:
    """A date as people say it: 今天, 明天, a weekday within the week, else 5 月 23 日."""
    return i18n.day(value)


environment.globals.update(
    url=localised, money=money.format_fen, jin_price=quantity.fen_per_jin, clock_now=clock.now, today=clock.today, locale=i18n.locale
)
environment.filters.update(
    hm=lambda t: clock.local(t).strftime("%H:%M"), day=day, money=money.format_fen, kg=quantity.kg, masked_phone=pii.mask_phone
)


def page(request: Request, name: str, *, block: str | None = None, back: str | None = None, status: int = 200, **context: Any) -> Response:
    """The whole page; its named `block` when htmx asks; 303 to `back` after a plain form."""
    fragment = "HX-Request" in request.headers
    answer: Response
    if back and not fragment:
        answer = RedirectResponse(localised(back), 303)
    else:
        full: dict[str, Any] = {"actor": actor_of(request)}
        for provider in _providers:
            full.update(provider(request))
        full.update(context)
        named = {"block_name": block} if fragment and block else {}
        answer = templates.TemplateResponse(request, name, full, status_code=status, **named)
    answer.headers["Vary"] = "HX-Request"
    return answer
