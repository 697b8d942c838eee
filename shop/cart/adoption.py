"""What a guest takes along when they sign in: their basket and the orders of their session.

A seller who bought through an own link before signing in does not: nobody earns on their own purchase, and what was
frozen at placement stays. Such an order keeps belonging to the session it was placed in.
"""

from sqlmodel import Session, col, exists, select, update

from core import audit
from core.auth.models import User
from core.auth.signing_in import adopters
from shop.links.models import OrderLink
from shop.orders.models import Order, OrderLine

from .service import adopt_cart


def adopt(session: Session, sign_in_id: int, user_id: int) -> None:
    adopt_cart(session, sign_in_id, user_id)
    theirs = (col(Order.sign_in_id) == sign_in_id, col(Order.user_id).is_(None))
    by_own_link = exists(
        select(OrderLine.id)
        .join(OrderLink, col(OrderLink.id) == col(OrderLine.link_id))
        .where(col(OrderLine.order_id) == col(Order.id), OrderLink.seller_id == user_id)
    )
    session.exec(update(Order).where(*theirs, ~by_own_link).values(user_id=user_id).execution_options(synchronize_session=False))
    for number, tenant_id in session.exec(select(Order.number, Order.tenant_id).where(*theirs)).all():
        seller = session.get_one(User, user_id)
        audit.record(session, "order.not_adopted", tenant_id=tenant_id, actor=f"user:{seller.code}", subject=number, reason="own link")


adopters.append(adopt)
