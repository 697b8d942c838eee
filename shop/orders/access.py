"""Who may open an order: the session that placed it, its member, or whoever holds its token.

The token is derived from the order's number under a key of the installation, so it can be said again to the same buyer
without being stored; the row keeps only its hash. A foreign order answers as if it were not there.
"""

import hmac
from hashlib import sha256

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from core import i18n
from core.errors import NotFound
from core.permissions import Actor
from core.pii import derived_key

from .models import Order

_ = i18n.gettext


class OrderUnknown(NotFound):
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
    ways = open_to(actor, token)
    found = None
    if ways is not None:
        found = session.exec(select(Order).where(Order.tenant_id == actor.tenant_id, Order.number == number, ways)).first()
    if found is None:
        raise OrderUnknown(_("没有这张订单，或者它不是你的"))
    return found
