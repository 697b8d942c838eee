"""Filling a basket. It belongs to a session, or to the member once there is one; it keeps no price."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table, bindparam, case, delete, func, update
from sqlalchemy import select as rows_of
from sqlmodel import Session, select

from core import clock, i18n
from core.errors import NotFound, Refused
from core.permissions import Actor
from core.upsert import Upsert
from shop.checkout.items import MOST_LINES, MOST_UNITS
from supply.products.models import Variant

from .models import Cart, CartLine
from .queries import OWNERS, owner_of

_ = i18n.gettext


_cart: Table = Cart.__table__  # type: ignore[attr-defined]
_line: Table = CartLine.__table__  # type: ignore[attr-defined]
_variant: Table = Variant.__table__  # type: ignore[attr-defined]


def _touch(insert: Any, owner: str) -> Any:
    """A new basket of this owner, or the one there is."""
    touched = insert.on_conflict_do_update(index_elements=[owner], set_={"touched_at": insert.excluded.touched_at})
    return touched.returning(_cart.c.id)


def _add(insert: Any) -> Any:
    """A new line, or more units in the one there is while they are not too many; a link once named stays."""
    total = _line.c.quantity + insert.excluded.quantity
    link = func.coalesce(insert.excluded.link_code, _line.c.link_code)
    more = {"quantity": total, "link_code": link}
    return insert.on_conflict_do_update(index_elements=["cart_id", "variant_id"], set_=more, where=total <= MOST_UNITS).returning(
        _line.c.id
    )


def _put_back(insert: Any) -> Any:
    """A new line, or at least so many units in the one there is; a link once named stays."""
    wanted = insert.excluded.quantity
    more = {
        "quantity": case((_line.c.quantity > wanted, _line.c.quantity), else_=wanted),
        "link_code": func.coalesce(_line.c.link_code, insert.excluded.link_code),
    }
    return insert.on_conflict_do_update(index_elements=["cart_id", "variant_id"], set_=more)


_TOUCH = {owner: Upsert(Cart, lambda insert, owner=owner: _touch(insert, owner)) for owner in OWNERS}  # type: ignore[misc]
_ADD = Upsert(CartLine, _add)
_PUT_BACK = Upsert(CartLine, _put_back)
_NAMED = (_variant.c.tenant_id == bindparam("tenant"), _variant.c.sku == bindparam("sku"))
_OTHERS = rows_of(func.count()).where(_line.c.cart_id == bindparam("cart"), _line.c.variant_id != _variant.c.id)
_LINES_IN = rows_of(func.count()).where(_line.c.cart_id == bindparam("cart"))
_VARIANT = rows_of(_variant.c.id).where(*_NAMED)
_VARIANT_BESIDE = rows_of(_variant.c.id, _OTHERS.scalar_subquery()).where(*_NAMED)
_OF_SKUS = rows_of(_variant.c.id).where(
    _variant.c.tenant_id == bindparam("tenant"), _variant.c.sku.in_(bindparam("skus", expanding=True))
)  # fmt: skip
_OWN = {owner: rows_of(_cart.c.id).where(_cart.c[owner] == bindparam("owner")).scalar_subquery() for owner in OWNERS}
_TAKE_OUT = {owner: delete(_line).where(_line.c.cart_id == own, _line.c.variant_id.in_(_OF_SKUS)) for owner, own in _OWN.items()}
_SET = {
    owner: update(_line).where(_line.c.cart_id == own, _line.c.variant_id == bindparam("variant")).values(quantity=bindparam("units"))
    for owner, own in _OWN.items()
}


class VariantUnknown(NotFound):
    code = "variant_unknown"


def own_cart(session: Session, actor: Actor) -> int:
    """The id of the caller's basket, made when there is none; the caller has a session. Two makers at once get the same."""
    if (own := owner_of(actor)) is None:
        raise ValueError("a caller without a session has no basket")
    owner, value = own
    row = {"tenant_id": actor.tenant_id, "touched_at": clock.now(), owner: value}
    return int(_TOUCH[owner].run(session, row).scalar_one())


def put(session: Session, actor: Actor, sku: str, quantity: int, *, link: str | None = None) -> None:
    """Put units of a variant into the basket, beside those already in it. Raises VariantUnknown, Refused."""
    if not 1 <= quantity <= MOST_UNITS:
        raise Refused(_("件数要在 1 到 {n} 之间").format(n=MOST_UNITS), field="qty")
    cart_id = own_cart(session, actor)
    found = session.connection().execute(_VARIANT_BESIDE, {"tenant": actor.tenant_id, "sku": sku, "cart": cart_id}).first()
    if found is None:
        raise VariantUnknown(_("没有这样货"))
    variant_id, others = found
    if others >= MOST_LINES:
        raise Refused(_("篮子最多放 {n} 样").format(n=MOST_LINES), field="sku")
    row = {
        "tenant_id": actor.tenant_id, "cart_id": cart_id, "variant_id": variant_id, "quantity": quantity, "link_code": link or None,
        "added_at": clock.now(),
    }  # fmt: skip
    if _ADD.run(session, row).first() is None:
        raise Refused(_("一样货一单最多 {n} 件").format(n=MOST_UNITS), field="qty")


def put_back(session: Session, actor: Actor, lines: Iterable[tuple[int, int, str | None]]) -> None:
    """See to it that the basket holds at least so many units of each (variant id, units, link code); doing it again adds nothing.

    Raises Refused when they do not fit beside what is in it; the caller's transaction must then be rolled back.
    """
    cart_id, now = own_cart(session, actor), clock.now()
    rows = [
        {"tenant_id": actor.tenant_id, "cart_id": cart_id, "variant_id": variant_id, "quantity": units, "link_code": link, "added_at": now}
        for variant_id, units, link in lines
    ]  # fmt: skip
    for row in rows:
        _PUT_BACK.run(session, row)
    if session.connection().execute(_LINES_IN, {"cart": cart_id}).scalar_one() > MOST_LINES:
        raise Refused(_("篮子最多放 {n} 样").format(n=MOST_LINES), field="sku")


def set_quantity(session: Session, actor: Actor, sku: str, quantity: int) -> None:
    """Change a line's units; 0 takes it out. Raises VariantUnknown, Refused."""
    if not 0 <= quantity <= MOST_UNITS:
        raise Refused(_("件数要在 0 到 {n} 之间").format(n=MOST_UNITS), field="qty")
    if quantity == 0:
        take_out(session, actor, sku)
        return
    variant_id = session.connection().execute(_VARIANT, {"tenant": actor.tenant_id, "sku": sku}).scalar_one_or_none()
    if variant_id is None:
        raise VariantUnknown(_("没有这样货"))
    if owner := owner_of(actor):
        session.connection().execute(_SET[owner[0]], {"owner": owner[1], "variant": variant_id, "units": quantity})


def take_out(session: Session, actor: Actor, *skus: str) -> int:
    """Take variants out of the basket; those not in it are out already. Returns how many were in it."""
    if (owner := owner_of(actor)) is None:
        return 0
    named = {"owner": owner[1], "tenant": actor.tenant_id, "skus": list(skus)}
    return session.connection().execute(_TAKE_OUT[owner[0]], named).rowcount


def adopt_cart(session: Session, sign_in_id: int, user_id: int) -> None:
    """A guest signed in: what lay in their basket joins the member's, the larger number of a variant wins."""
    guest = session.exec(select(Cart).where(Cart.sign_in_id == sign_in_id)).first()
    if guest is None:
        return
    member = session.exec(select(Cart).where(Cart.user_id == user_id)).first()
    if member is None:
        guest.sign_in_id, guest.user_id = None, user_id
        session.add(guest)
        session.flush()
        return
    theirs = {line.variant_id: line for line in session.exec(select(CartLine).where(CartLine.cart_id == member.id))}
    for line in session.exec(select(CartLine).where(CartLine.cart_id == guest.id)).all():
        if (known := theirs.get(line.variant_id)) is None:
            line.cart_id = member.id or 0
            session.add(line)
            continue
        known.quantity, known.link_code = max(known.quantity, line.quantity), line.link_code or known.link_code
        session.add(known)
        session.delete(line)
    session.flush()
    session.delete(guest)
