"""One road into a session for the page and the call: check outside the write, then one short transaction."""

from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request
from sqlmodel import Session

from core import clock, db, i18n, pii
from core.auth import passwords, service
from core.auth.current import carries_bearer, grants_of, identify, receipt_cookie
from core.auth.models import User
from core.permissions import STAFF
from core.settings import settings
from core.tenant import tenant_of

_ = i18n.gettext
Adopt = Callable[[Session, int, int], None]
adopters: list[Adopt] = []
"""What a guest's session hands to the member who signs in (a basket): called with (session, guest's sign-in id, user id)."""


@dataclass(frozen=True)
class Entered:
    user: User
    sign_in: service.Started
    token: str  # of the cookie
    bearer: str | None
    roles: frozenset[str]
    needs_second_factor: bool
    needs_own_password: bool


def enter(request: Request, phone_text: str, *, password: str | None, otp: str | None, receipt: str = "", bearer: bool = False) -> Entered:
    """Sign in by password or by one-time code; a phone that proves itself by code becomes a member.

    The code opens where it was asked for: with the `receipt` given, else with that of the browser's cookie.

    The session is new at every sign-in (no fixation) and takes the place of the browser's old one; a guest's basket goes
    along. With `bearer` a program gets a session of its own beside it: ending one leaves the other. Raises WrongSignIn, DoorClosed.
    """
    tenant = tenant_of(request)
    phone = pii.normalise_phone(phone_text)
    before = identify(request)
    if not password and not otp:
        raise service.WrongSignIn(_("请填密码或验证码"), field="password")
    known = _by_password(phone, password) if password else _by_code(phone, otp or "", receipt or request.cookies.get(receipt_cookie(), ""))
    with db.writing() as session:
        user = known or _new_member(session, phone, tenant)
        roles = frozenset(role for role, _kind, _code in grants_of(session.connection(), user.id or 0, tenant))
        strict = bool(roles & STAFF) and not settings.is_demo
        agent = request.headers.get("user-agent", "")
        row, token = service.start_session(session, tenant_id=tenant, user=user, staff=strict, agent=agent)
        own = service.start_session(session, tenant_id=tenant, user=user, staff=strict, bearer=True, agent=agent)[1] if bearer else None
        service.forget_failures(session, phone)
        service.note_sign_in(session, user, tenant_id=tenant, way="password" if password else "code")
        if before.sign_in_id is not None and not carries_bearer(request):
            if before.user_id is None:
                for adopt in adopters:
                    adopt(session, before.sign_in_id, user.id or 0)
            service.end_session(session, before.sign_in_id)
    return Entered(user, row, token, own, roles, needs_second_factor=strict, needs_own_password=user.password_until is not None)


def _new_member(session: Session, phone: str, tenant: int) -> User:
    user = service.add_user(session, phone, pii.mask_phone(phone))
    service.grant(session, user, "consumer", tenant_id=tenant, scope_kind="own")
    return user


def _by_password(phone: str, password: str) -> User:
    with db.writing() as session:
        service.take_try(session, phone)
        user = service.find_user(session, phone)
    hashed = user.password_hash if user and user.disabled_at is None and _still_opens(user) else None
    if not passwords.matches(password, hashed) or user is None:
        raise service.WrongSignIn(_("手机号或密码不对"), field="password")
    return user


def _still_opens(user: User) -> bool:
    return user.password_until is None or user.password_until > clock.now()


def _by_code(phone: str, otp: str, receipt: str) -> User | None:
    """The phone's user, or None for somebody new."""
    if not receipt:
        raise service.WrongSignIn(_("验证码在哪台手机或电脑上要的，就在哪台上填；也可以在这里再发一次"), field="otp")
    with db.writing() as session:  # the try is counted, right or wrong
        right = service.use_code(session, phone, otp, receipt=receipt)
        user = service.find_user(session, phone)
    if not right:
        raise service.WrongSignIn(_("验证码不对或已过期，请重新获取"), field="otp")
    if user is not None and user.disabled_at is not None:
        raise service.WrongSignIn(_("这个账号已停用，请联系县管理员"), field="phone")
    return user
