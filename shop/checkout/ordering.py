"""One order per form or Idempotency-Key, and not more than six a minute by one phone or account."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session

from core import limits
from core.idempotency import once
from core.permissions import Actor
from core.pii import blind_index

MOST = "6/minute"


def order_once(
    session: Session, actor: Actor, phone: str, *, route: str, key: str | None, body: bytes, place: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Run `place` once per (caller, key) and return its answer, which holds no token.

    A caller without a session is known by their phone, so two strangers never share a key. Raises KeyReused, TooMany.
    """
    caller = actor.key if actor.key != "guest" else f"guest:{blind_index(phone)}"

    def work() -> tuple[int, dict[str, Any]]:
        whose = actor.user_code or blind_index(phone)
        limits.spare("order", whose, MOST)
        answer = place()
        limits.hit("order", whose, MOST)  # a refused one does not count
        return 201, answer

    _status, answer = once(session, tenant_id=actor.tenant_id, actor=caller, route=route, key=key, body=body, work=work)
    return answer
