"""Signing in and out, guests' sessions, one-time codes, roles."""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import NamedTuple

from sqlalchemy import Table, insert
from sqlmodel import Session, col, delete, func, select, update

from core import audit, clock, codes, i18n, notify, outbox, pii
from core.errors import JishiError, NotFound, Refused, TooMany
from core.permissions import Actor

from .models import Device, Grant, OneTimeCode, SignIn, SignInFailure, User

GUEST_DAYS = 30
MEMBER_DAYS = 30
STAFF_HOURS = 12
FAILURES, FAILURE_MINUTES = 5, 15
CODE_MINUTES = 5
_ = i18n.gettext
_sign_in: Table = SignIn.__table__  # type: ignore[attr-defined]
_START = insert(_sign_in).returning(_sign_in.c.id)


class WrongSignIn(Refused):
    """The phone and the password or code do not belong together, or there is no such account."""

    code, status = "sign_in_wrong", 401


class CodesNotSent(JishiError):
    """Nobody sends messages here, so nobody comes in by code."""

    code, status = "codes_not_sent", 503


class Started(NamedTuple):
    """A session that has just begun."""

    id: int
    code: str
    expires_at: datetime


class DoorClosed(TooMany):
    """Five failures in fifteen minutes: passwords are not looked at for a while, one-time codes are."""

    code = "sign_in_closed"


def hash_token(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def find_user(session: Session, phone: str) -> User | None:
    """The user of a normalised phone, disabled or not."""
    return session.exec(select(User).where(User.phone_index == pii.blind_index(phone))).first()


def add_user(session: Session, phone: str, name: str, *, password_hash: str | None = None, code: str | None = None) -> User:
    """A new user; the phone is sealed under the user's code."""
    code = code or codes.new_code("U")
    user = User(
        code=code, name=name, phone_sealed=pii.seal(phone, f"app_user.phone:{code}"), phone_index=pii.blind_index(phone),
        password_hash=password_hash, created_at=clock.now(),
    )  # fmt: skip
    session.add(user)
    session.flush()
    return user


def grant(session: Session, user: User, role: str, *, tenant_id: int, scope_kind: str = "county", scope_code: str = "") -> None:
    """Give a role in a scope; giving it again changes nothing."""
    same = select(Grant).where(
        Grant.tenant_id == tenant_id, Grant.user_id == user.id, Grant.role == role, Grant.scope_kind == scope_kind,
        Grant.scope_code == scope_code,
    )  # fmt: skip
    if held := session.exec(same).first():
        held.revoked_at = None
        return
    session.add(
        Grant(tenant_id=tenant_id, user_id=user.id or 0, role=role, scope_kind=scope_kind, scope_code=scope_code, granted_at=clock.now())
    )


def revoke(session: Session, user_id: int, role: str, *, tenant_id: int, scope_kind: str = "county", scope_code: str = "") -> bool:
    """Take a role in a scope back; whether it was held."""
    held = update(Grant).where(
        col(Grant.tenant_id) == tenant_id, col(Grant.user_id) == user_id, col(Grant.role) == role, col(Grant.scope_kind) == scope_kind,
        col(Grant.scope_code) == scope_code, col(Grant.revoked_at).is_(None),
    )  # fmt: skip
    return bool(session.exec(held.values(revoked_at=clock.now()).execution_options(synchronize_session=False)).rowcount)


def start_session(
    session: Session, *, tenant_id: int, user: User | None = None, staff: bool = False, bearer: bool = False, agent: str = ""
) -> tuple[Started, str]:
    """A new session and its token (256 bits; only the hash is kept)."""
    token, now = secrets.token_urlsafe(32), clock.now()
    lasts = timedelta(hours=STAFF_HOURS) if staff else timedelta(days=MEMBER_DAYS if user else GUEST_DAYS)
    code, until = "W" + secrets.token_hex(8), now + lasts
    row = {
        "tenant_id": tenant_id, "code": code, "token_hash": hash_token(token), "user_id": user.id if user else None,
        "is_bearer": bearer, "started_at": now, "seen_at": now, "expires_at": until, "agent": agent[:200],
    }  # fmt: skip
    session.flush()
    return Started(session.connection().execute(_START, row).scalar_one(), code, until), token


def raise_session(session: Session, sign_in_id: int) -> str:
    """A session that has proved its second factor may do more, so it gets a new token; the old one opens nothing. Returns the token."""
    token = secrets.token_urlsafe(32)
    row = session.get_one(SignIn, sign_in_id)
    row.token_hash, row.second_factor_at = hash_token(token), clock.now()
    return token


def end_session(session: Session, sign_in_id: int) -> None:
    session.exec(update(SignIn).where(col(SignIn.id) == sign_in_id, col(SignIn.revoked_at).is_(None)).values(revoked_at=clock.now()))


def end_sessions_of(session: Session, user_id: int, *, tenant_id: int | None = None) -> None:
    """Sign a user out everywhere (of one tenant, when named), scanners included."""
    for table in (SignIn, Device):
        mine = update(table).where(col(table.user_id) == user_id, col(table.revoked_at).is_(None))
        here = mine if tenant_id is None else mine.where(col(table.tenant_id) == tenant_id)
        session.exec(here.values(revoked_at=clock.now()).execution_options(synchronize_session=False))


def set_password(session: Session, actor: Actor, hashed: str) -> None:
    """A new password for the caller; every other browser of theirs is signed out."""
    user = session.get_one(User, actor.user_id)
    user.password_hash, user.password_until = hashed, None
    others = update(SignIn).where(col(SignIn.user_id) == user.id, col(SignIn.id) != actor.sign_in_id, col(SignIn.revoked_at).is_(None))
    session.exec(others.values(revoked_at=clock.now()).execution_options(synchronize_session=False))
    audit.record(session, "password.change", tenant_id=actor.tenant_id, actor=actor.key, subject=user.code)


def end_own_session(session: Session, user_id: int, code: str) -> None:
    """Sign out another of one's own browsers."""
    done = session.exec(
        update(SignIn)
        .where(col(SignIn.code) == code, col(SignIn.user_id) == user_id, col(SignIn.revoked_at).is_(None))
        .values(revoked_at=clock.now())
    )
    if not done.rowcount:
        raise NotFound("没有这个登录")


def _one_at_a_time(session: Session, index: str) -> None:
    """Let counting and taking a turn of one phone be one step, until the transaction ends; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.exec(select(func.pg_advisory_xact_lock(int(index[:15], 16))))


def take_try(session: Session, phone: str) -> None:
    """Count a try at this phone's password before it is looked at, so that tries sent side by side count too.

    Raises DoorClosed after five failures in fifteen minutes; the one-time code stays open as the other way in. A right
    password forgets them (`forget_failures`). The caller commits before it checks.
    """
    now, index = clock.now(), pii.blind_index(phone)
    _one_at_a_time(session, index)
    session.exec(delete(SignInFailure).where(col(SignInFailure.at) < now - timedelta(days=1)))
    since = now - timedelta(minutes=FAILURE_MINUTES)
    failed = session.exec(
        select(func.count()).where(col(SignInFailure.phone_index) == index, col(SignInFailure.at) > since)
    ).one()  # fmt: skip
    if failed >= FAILURES:
        by_code = _("试错太多次了，请 15 分钟后再试，或用短信验证码登录")
        raise DoorClosed(by_code if notify.can_send() else _("试错太多次了，请 15 分钟后再试"), retry_after_s=FAILURE_MINUTES * 60)
    session.add(SignInFailure(phone_index=index, at=now))
    session.flush()


def forget_failures(session: Session, phone: str) -> None:
    session.exec(delete(SignInFailure).where(col(SignInFailure.phone_index) == pii.blind_index(phone)))


def _code_hash(phone: str, purpose: str, digits: str) -> str:
    return hmac.new(pii.derived_key("one-time-code"), f"{purpose}:{phone}:{digits}".encode(), sha256).hexdigest()


def send_code(session: Session, phone: str, *, tenant_id: int, purpose: str = "sign_in") -> str:
    """Ask the messenger to send six digits; at most 1 a minute, 5 an hour and 10 a day for a phone.

    Returns the receipt (256 bits; only its hash is kept): whoever asked keeps it and shows it with the digits. Raises TooMany,
    CodesNotSent.
    """
    if not notify.can_send():
        raise CodesNotSent(_("验证码发不出去，用密码登录"), retry_after_s=3600)
    now, index = clock.now(), pii.blind_index(phone)
    _one_at_a_time(session, index)
    sent = session.exec(
        select(OneTimeCode.sent_at)
        .where(OneTimeCode.phone_index == index, OneTimeCode.sent_at > now - timedelta(days=1))
        .order_by(col(OneTimeCode.sent_at).desc())
    ).all()
    for most, span in ((1, timedelta(minutes=1)), (5, timedelta(hours=1)), (10, timedelta(days=1))):
        if len(sent) >= most and (wait := sent[most - 1] + span - now) > timedelta(0):
            raise TooMany(_("验证码发得太勤了，请稍后再要"), retry_after_s=ceil(wait.total_seconds()))
    receipt = secrets.token_urlsafe(32)
    digits = f"{secrets.randbelow(1_000_000):06d}"
    row = OneTimeCode(
        tenant_id=tenant_id, phone_index=index, purpose=purpose, code_hash=_code_hash(phone, purpose, digits),
        receipt_hash=hash_token(receipt), sent_at=now, expires_at=now + timedelta(minutes=CODE_MINUTES),
    )  # fmt: skip
    session.add(row)
    session.flush()
    message = {"to": pii.seal(phone, f"message:{row.id}"), "context": f"message:{row.id}", "template": "one_time_code"}
    words = pii.seal(digits, f"message:{row.id}")
    outbox.emit(session, "message.send", tenant_id=tenant_id, key=f"code:{row.id}", payload={**message, "digits": words})
    return receipt


def use_code(session: Session, phone: str, digits: str, *, receipt: str, purpose: str = "sign_in") -> bool:
    """Whether these are the unused digits sent to this phone for this receipt; five tries, then they are void.

    Digits that were overheard open nothing elsewhere, and a stranger who asks for this phone voids nobody's. The try is counted
    even when it is right, so the caller must commit whatever the answer.
    """
    row = session.exec(
        select(OneTimeCode)
        .where(
            OneTimeCode.phone_index == pii.blind_index(phone),
            OneTimeCode.purpose == purpose,
            OneTimeCode.receipt_hash == hash_token(receipt),
        )
        .order_by(col(OneTimeCode.id).desc())
    ).first()
    if row is None:
        return False
    counted = session.exec(
        update(OneTimeCode)
        .where(
            col(OneTimeCode.id) == row.id, col(OneTimeCode.used_at).is_(None), col(OneTimeCode.tries_left) > 0,
            col(OneTimeCode.expires_at) > clock.now(),
        )
        .values(tries_left=col(OneTimeCode.tries_left) - 1)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if not counted.rowcount or not hmac.compare_digest(row.code_hash, _code_hash(phone, purpose, digits.strip())):
        return False
    used = session.exec(
        update(OneTimeCode)
        .where(col(OneTimeCode.id) == row.id, col(OneTimeCode.used_at).is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount)


def note_sign_in(session: Session, user: User, *, tenant_id: int, way: str) -> None:
    audit.record(session, "sign_in", tenant_id=tenant_id, actor=f"user:{user.code}", subject=user.code, way=way)
