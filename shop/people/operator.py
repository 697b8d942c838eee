"""What the operator of the machine does for people who cannot come in: the first administrator, a lost phone, no messages to send.

Whoever has a shell on the machine may do this; it is audited as `operator`. Everything else about posts is an administrator's work.
"""

import secrets
from datetime import timedelta

from sqlmodel import Session

from core import audit, clock, i18n, pii
from core.auth import second_factor
from core.auth import service as people
from core.auth.models import User
from core.errors import NotFound, Refused
from core.text import clean

from .service import grants, keep_apart

_ = i18n.gettext
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else
GOOD_FOR_H = 24


def one_time_password() -> str:
    """79 random bits in four groups, to be read from a screen and typed once."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(4))


def add_admin(session: Session, *, phone: str, name: str, hashed: str, tenant_id: int) -> User:
    """An administrator of the county, known here or not, who comes in by a one-time password. Raises Refused, KeptApart."""
    number, called = pii.normalise_phone(phone), clean(name)
    user = people.find_user(session, number)
    if user is None:
        if not 1 <= len(called) <= 60:
            raise Refused(_("请写姓名，最多 60 个字"), field="name")
        user = people.add_user(session, number, called)
    elif called:
        user.name = called
    keep_apart("admin", {g.role for g in grants(session, user, tenant_id=tenant_id)})
    people.grant(session, user, "admin", tenant_id=tenant_id)
    _let_in(session, user, number, hashed, tenant_id=tenant_id, act="admin.invite")
    return user


def renew(session: Session, *, phone: str, hashed: str, tenant_id: int) -> User:
    """A one-time password for an account of ours; it stays closed to one that was closed. Raises NotFound."""
    number = pii.normalise_phone(phone)
    user = people.find_user(session, number)
    if user is None or user.disabled_at is not None:
        raise NotFound(_("没有这个手机号的账号，或已停用"))
    _let_in(session, user, number, hashed, tenant_id=tenant_id, act="password.renew")
    return user


def _let_in(session: Session, user: User, number: str, hashed: str, *, tenant_id: int, act: str) -> None:
    """The old password, second step and sessions are gone; the new password opens for a day, to choose an own one."""
    user.password_hash, user.password_until, user.disabled_at = hashed, clock.now() + timedelta(hours=GOOD_FOR_H), None
    second_factor.forget(session, user)
    people.end_sessions_of(session, user.id or 0)
    people.forget_failures(session, number)
    audit.record(session, act, tenant_id=tenant_id, actor="operator", subject=user.code)
