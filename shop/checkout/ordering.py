"""One order per form or Idempotency-Key, and not more than six a minute by one phone or account.

The limit is read from the orders themselves: what was refused, rolled back or sent again does not count, and no other
server is asked while goods are held.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, bindparam, select
from sqlmodel import Session

from core import clock, i18n
from core.errors import TooMany
from core.idempotency import once
from core.permissions import Actor
from core.pii import blind_index
from shop.orders.models import Order

_ = i18n.gettext
MOST, SPAN = 6, timedelta(minutes=1)
_order: Table = Order.__table__  # type: ignore[attr-defined]
_RECENT = {
    whose: select(_order.c.placed_at)
    .where(_order.c.tenant_id == bindparam("tenant"), _order.c[whose] == bindparam("who"), _order.c.placed_at > bindparam("since"))
    .order_by(_order.c.placed_at.desc())
    .limit(MOST)
    for whose in ("user_id", "phone_index")
}


def order_once(
    session: Session, actor: Actor, phone: str, *, route: str, key: str | None, body: bytes, place: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run `place` once per (caller, key) and return its answer, which holds no token.

    A caller without a session is known by their phone, so two strangers never share a key. Raises KeyReused, TooMany.
    """
    index = blind_index(phone)
    caller = actor.key if actor.key != "guest" else f"guest:{index}"

    def work() -> tuple[int, dict[str, Any]]:
        _not_too_many(session, actor, index)
        return 201, place()

    _status, answer = once(session, tenant_id=actor.tenant_id, actor=caller, route=route, key=key, body=body, work=work)
    return answer


def _not_too_many(session: Session, actor: Actor, phone_index: str) -> None:
    whose, who = ("user_id", actor.user_id) if actor.user_id is not None else ("phone_index", phone_index)
    now = clock.now()
    asked = {"tenant": actor.tenant_id, "who": who, "since": now - SPAN}
    recent = session.connection().execute(_RECENT[whose], asked).scalars().all()
    if len(recent) == MOST:
        seconds = max(1, round((recent[-1] + SPAN - now).total_seconds()))
        raise TooMany(_("请求太频繁了，请 {n} 秒后再试").format(n=seconds), retry_after_s=seconds)
