"""One handler serves the page and its htmx fragment.

`page` answers the whole template, or its named block when htmx asks, or 303 after a plain form. What every page needs
(county, caller, basket) is added by providers that the floors register, so a handler passes only what is its own.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from core.permissions import actor_of
from core.settings import settings
from core.web.templates import localised, template

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
            answer = HTMLResponse(_fragment(name, block, full), status)
        else:
            answer = HTMLResponse(template(name).render(full), status)
        if shared and not fragment and status == 200:
            answer.headers[SHARED] = " ".join(_parameters(request))
    answer.headers["Vary"] = "HX-Request"
    return answer


def _fragment(name: str, block: str, context: Mapping[str, Any]) -> str:
    """One block of a template, after the template's head has run: the macros imported there are the block's too."""
    whole = template(name)
    inner = whole.new_context(dict(context))
    next(whole.root_render_func(inner), None)
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
        "request": request, "demo": settings.is_demo, "actor": actor if actor and actor.user_id else None, "me": HOLE if shared else None,
    }  # fmt: skip
    for provider in _providers:
        full.update(provider(request))
    if not shared:
        for provider in _personal:
            full.update(provider(request))
    return full


def render_me(request: Request) -> bytes:
    """What fills the hole of a shared page for this caller."""
    return template("components/me.html").render(common(request)).encode()
