"""One handler serves the page and its htmx fragment.

`page` answers the whole template, or its named block when htmx asks, or 303 after a plain form. What every page needs
(county, caller, basket) is added by providers that the floors register, so a handler passes only what is its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader
from jinja2_fragments.fastapi import Jinja2Blocks
from markupsafe import Markup

from core import clock, i18n, money, pii, quantity
from core.permissions import actor_of
from core.settings import ROOT, settings

environment = Environment(
    loader=FileSystemLoader(ROOT / "templates"),
    autoescape=True,
    auto_reload=False,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.i18n"],
)
environment.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)  # type: ignore[attr-defined]
templates = Jinja2Blocks(env=environment)

HOLE = Markup("<!--me-->")
SHARED = "jishi-shared"  # an inner header, taken off by core.web.cache

Provider = Callable[[Request], Mapping[str, Any]]
_providers: list[Provider] = []
_personal: list[Provider] = []


def provide(provider: Provider) -> Provider:
    """Register what every page's context gets besides its own."""
    _providers.append(provider)
    return provider


def provide_personal(provider: Provider) -> Provider:
    """Register what the caller's corner of a page (account, basket) gets."""
    _personal.append(provider)
    return provider


def localised(path: str) -> str:
    """A path of ours in the page's language: English pages live under /en, and one that does already stays."""
    return f"/en{path}" if i18n.locale() == "en" and path.startswith("/") and not f"{path}/".startswith("/en/") else path


def day(value: Any) -> str:
    """A date as people say it: 今天, 明天, a weekday within the week, else 5 月 23 日."""
    return i18n.day(value)


environment.globals.update(url=localised, money=money.format_fen, jin_price=quantity.fen_per_jin, clock_now=clock.now, today=clock.today)
environment.filters.update(
    hm=lambda t: clock.local(t).strftime("%H:%M"), day=day, month=i18n.month, retold=i18n.retold, money=money.format_fen,
    kg=quantity.kg, masked_phone=pii.mask_phone,
)  # fmt: skip


def page(
    request: Request,
    name: str,
    *,
    block: str | None = None,
    back: str | None = None,
    status: int = 200,
    shared: bool = False,
    **context: Any,
) -> Response:
    """The whole page; its named `block` when htmx asks; 303 to `back` after a plain form.

    A `shared` page is the same for everybody but for the hole `{{ me }}` (account and basket): it may be answered from
    core.web.cache until the catalogue changes. Any other page is private to its reader.
    """
    fragment = "HX-Request" in request.headers
    answer: Response
    if back and not fragment:
        answer = RedirectResponse(localised(back), 303)
    else:
        full = common(request, shared=shared)
        full.update(context)
        if fragment and block:
            answer = HTMLResponse(_fragment(name, block, {"request": request, **full}), status)
        else:
            answer = templates.TemplateResponse(request, name, full, status_code=status)
        if shared and not fragment and status == 200:
            answer.headers[SHARED] = " ".join(_parameters(request))
    answer.headers["Vary"] = "HX-Request"
    return answer


def _fragment(name: str, block: str, context: Mapping[str, Any]) -> str:
    """One block of a template, after the template's head has run: the macros imported there are the block's too."""
    template = environment.get_template(name)
    inner = template.new_context(dict(context))
    next(template.root_render_func(inner), None)
    return "".join(inner.blocks[block][0](inner))


def _parameters(request: Request) -> list[str]:
    """The query parameters that the handler of this request and its dependencies read."""

    def of(dependant: Dependant) -> list[str]:
        return [field.alias for field in dependant.query_params] + [name for inner in dependant.dependencies for name in of(inner)]

    return of(request.scope["route"].dependant)


def common(request: Request, *, shared: bool = False) -> dict[str, Any]:
    """What every page's context holds: county, caller and the like. A shared page knows no caller."""
    actor = None if shared else actor_of(request)
    full: dict[str, Any] = {
        "locale": i18n.locale(), "demo": settings.is_demo, "actor": actor if actor and actor.user_id else None,
        "me": HOLE if shared else None,
    }  # fmt: skip
    for provider in _providers:
        full.update(provider(request))
    if not shared:
        for provider in _personal:
            full.update(provider(request))
    return full


def render_me(request: Request) -> bytes:
    """What fills the hole of a shared page for this caller."""
    full = common(request)
    return environment.get_template("components/me.html").render(request=request, **full).encode()
