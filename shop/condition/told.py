"""One quiet line on the pages of those who work here while something behind the counter is in trouble. Buyers are told nothing of it."""

from collections.abc import Mapping
from typing import Any

from fastapi import Request

from core import condition, i18n
from core.permissions import STAFF, actor_of
from core.web import provide_personal

WORDS = i18n.marked(
    {
        "search": "搜索连不上了，买家查货暂时用简单的办法；买卖照常。",
        "behind": "后台的事排起了队，短信和入账会晚一点，不会丢。",
        "broker": "后台派活的那头没有回应，要办的事都记着，通了就接着办。",
    }
)


@provide_personal
def told(request: Request) -> Mapping[str, Any]:
    """`troubles` in words for staff, and to an administrator how many things were given up (`given_up`)."""
    found = condition.last()
    if not (found.troubles or found.given_up):
        return {}
    actor = actor_of(request)
    if not actor.roles & STAFF:
        return {}
    return {
        "troubles": [i18n.gettext(WORDS[name]) for name in found.troubles],
        "given_up": found.given_up.get(actor.tenant_id, 0) if actor.has("admin") else 0,
    }
