"""Who may open an order: the session that placed it, its member, or whoever holds its token.

The token is derived from the order's number under a key of the installation, so it can be said again to the same buyer
without being stored; the row keeps only its hash. A foreign order answers as if it were not there.
"""

import hmac
from functools import lru_cache
from hashlib import sha256
from typing import Annotated

from fastapi import Header
from sqlalchemy import ColumnElement, bindparam, or_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from core import i18n
from core.errors import NotFound
from core.permissions import Actor
from core.pii import derived_key

from .models import Order

_ = i18n.gettext
TOKEN_HEADER = "X-Order-Token"  # noqa: S105 - its name
TokenHeader = Annotated[str | None, Header(alias=TOKEN_HEADER, max_length=100)]


class OrderUnknown(NotFound):
    """No such order, or it is not the caller's: the two are told alike."""

    code = "order_unknown"


def order_token(number: str) -> str:
    """128 bits nobody can guess."""
    return hmac.new(derived_key("order tokens"), number.encode(), sha256).hexdigest()[:32]


def hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def open_to(actor: Actor, token: str | None = None) -> ColumnElement[bool] | None:
    """The condition under which this caller sees an order; None when they can see none."""
    ways: list[ColumnElement[bool]] = []
    if actor.user_id is not None:
        ways.append(col(Order.user_id) == actor.user_id)
    if actor.sign_in_id is not None:
        ways.append(col(Order.sign_in_id) == actor.sign_in_id)
    if token:
        ways.append(col(Order.token_hash) == hash_token(token))
    return or_(*ways) if ways else None


def order_for(session: Session, number: str, actor: Actor, token: str | None = None) -> Order:
    """The order, if it is this caller's to see. Raises OrderUnknown, whether it is somebody else's or nobody's."""
    keys = {"user_id": actor.user_id, "sign_in_id": actor.sign_in_id, "token_hash": hash_token(token) if token else None}
    known = {name: key for name, key in keys.items() if key is not None}
    found: Order | None = None
    if known:
        asked = {"tenant": actor.tenant_id, "number": number, **known}
        found = session.execute(_opened_by(tuple(known)), asked).scalar_one_or_none()
    if found is None:
        raise OrderUnknown(_("没有这张订单，或者它不是你的"))
    return found


@lru_cache(maxsize=8)
def _opened_by(keys: tuple[str, ...]) -> SelectOfScalar[Order]:
    """The order of a number that one of these columns opens."""
    ways = or_(*(getattr(Order, key) == bindparam(key) for key in keys))
    return select(Order).where(col(Order.tenant_id) == bindparam("tenant"), col(Order.number) == bindparam("number"), ways)
