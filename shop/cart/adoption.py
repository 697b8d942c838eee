"""What a guest takes along when they sign in: their basket and the orders of their session."""

from sqlmodel import Session, col, update

from core.auth.signing_in import adopters
from shop.orders.models import Order

from .service import adopt_cart


def adopt(session: Session, sign_in_id: int, user_id: int) -> None:
    adopt_cart(session, sign_in_id, user_id)
    session.exec(update(Order).where(col(Order.sign_in_id) == sign_in_id, col(Order.user_id).is_(None)).values(user_id=user_id))


adopters.append(adopt)
