"""Proving once more who one is, before a step that somebody at a borrowed phone must not take."""

from core import db, i18n, pii
from core.errors import Refused
from core.permissions import Actor

from . import passwords
from .models import User
from .service import forget_failures, take_try

_ = i18n.gettext


def has_own_password(user: User) -> bool:
    """Whether they chose one: a password that somebody made for them only opens the way to choosing."""
    return user.password_hash is not None and user.password_until is None


def prove(actor: Actor, password: str) -> None:
    """The caller's own password, counted as at signing in. Raises Refused, DoorClosed."""
    with db.writing() as session:
        user = session.get_one(User, actor.user_id)
        phone = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
        take_try(session, phone)
        hashed = user.password_hash if has_own_password(user) else None
    if not passwords.matches(password, hashed):
        raise Refused(_("密码不对"), field="password")
    with db.writing() as session:
        forget_failures(session, phone)
