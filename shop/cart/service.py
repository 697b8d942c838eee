"""Filling a basket. It belongs to a session, or to the member once there is one; it keeps no price."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, delete, select, update

from core import clock, i18n
from core.errors import NotFound, Refused
from core.permissions import Actor
from shop.checkout.items import MOST_LINES, MOST_UNITS
from supply.products.models import Variant

from .models import Cart, CartLine
from .queries import cart_id_of

_ = i18n.gettext


class VariantUnknown(NotFound):
    code = "variant_unknown"


def own_cart(session: Session, actor: Actor) -> int:
    """The id of the caller's basket, made when there is none; the caller has a session. Two makers at once get the same."""
    owner = {"user_id": actor.user_id} if actor.user_id is not None else {"sign_in_id": actor.sign_in_id}
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(
        insert(Cart)
        .values(tenant_id=actor.tenant_id, touched_at=clock.now(), **owner)
        .on_conflict_do_update(index_elements=list(owner), set_={"touched_at": clock.now()})
    )
    return cart_id_of(session, actor) or 0


def put(session: Session, actor: Actor, sku: str, quantity: int, *, link: str | None = None) -> None:
    """Put units of a variant into the basket, beside those already in it. Raises VariantUnknown, Refused."""
    if not 1 <= quantity <= MOST_UNITS:
        raise Refused(_("件数要在 1 到 {n} 之间").format(n=MOST_UNITS), field="qty")
    variant_id = _variant(session, actor.tenant_id, sku)
    cart_id = own_cart(session, actor)
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    new = insert(CartLine).values(
        tenant_id=actor.tenant_id, cart_id=cart_id, variant_id=variant_id, quantity=quantity, link_code=link or None, added_at=clock.now()
    )  # fmt: skip
    total = CartLine.quantity + quantity
    put_in = session.execute(
        new.on_conflict_do_update(
            index_elements=["cart_id", "variant_id"],
            set_={"quantity": total, **({"link_code": link} if link else {})},
            where=(total <= MOST_UNITS),  # type: ignore[arg-type]
        ).returning(col(CartLine.id))
    ).first()
    if put_in is None:
        raise Refused(_("一样货一单最多 {n} 件").format(n=MOST_UNITS), field="qty")
    if len(session.exec(select(CartLine.id).where(CartLine.cart_id == cart_id)).all()) > MOST_LINES:
        raise Refused(_("篮子最多放 {n} 样").format(n=MOST_LINES), field="sku")


def set_quantity(session: Session, actor: Actor, sku: str, quantity: int) -> None:
    """Change a line's units; 0 takes it out. Raises VariantUnknown, Refused."""
    if not 0 <= quantity <= MOST_UNITS:
        raise Refused(_("件数要在 0 到 {n} 之间").format(n=MOST_UNITS), field="qty")
    if quantity == 0:
        take_out(session, actor, sku)
        return
    line = (col(CartLine.cart_id) == (cart_id_of(session, actor) or 0), col(CartLine.variant_id) == _variant(session, actor.tenant_id, sku))
    session.exec(update(CartLine).where(*line).values(quantity=quantity))


def take_out(session: Session, actor: Actor, *skus: str) -> None:
    """Take variants out of the basket; those not in it are out already."""
    variants = select(Variant.id).where(Variant.tenant_id == actor.tenant_id, col(Variant.sku).in_(skus))
    session.exec(
        delete(CartLine).where(col(CartLine.cart_id) == (cart_id_of(session, actor) or 0), col(CartLine.variant_id).in_(variants))
    )  # fmt: skip


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


def _variant(session: Session, tenant_id: int, sku: str) -> int:
    found = session.exec(select(Variant.id).where(Variant.tenant_id == tenant_id, Variant.sku == sku)).first()
    if found is None:
        raise VariantUnknown(_("没有这样货"))
    return found
