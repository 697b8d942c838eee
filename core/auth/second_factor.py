"""The second factor of staff: TOTP (RFC 6238), six digits, thirty seconds, one step of drift, no code twice."""

import hmac
import os
from base64 import b32decode, b32encode

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlmodel import Session, col, delete, update

from core import clock, pii
from core.errors import Refused

from .models import SecondFactor, User

STEP_S = 30


class WrongSecondFactor(Refused):
    code = "second_factor_wrong"


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, 6, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - the only hash authenticator apps share


def begin(session: Session, user: User) -> None:
    """Make (or make again, while unconfirmed) a user's secret."""
    kept = session.get(SecondFactor, user.id)
    if kept is not None and kept.confirmed_at is not None:
        raise Refused("第二步验证已经开通")
    sealed = pii.seal(b32encode(os.urandom(20)).decode(), _context(user))
    if kept is None:
        session.add(SecondFactor(user_id=user.id or 0, secret_sealed=sealed))
    else:
        kept.secret_sealed = sealed


def forget(session: Session, user: User) -> None:
    """Take the second factor away, for a lost phone: its user sets it up anew."""
    session.exec(delete(SecondFactor).where(col(SecondFactor.user_id) == user.id))


def pending_address(session: Session, user: User) -> str | None:
    """The otpauth address of a secret not confirmed yet, for its QR; None when there is none to set up."""
    kept = session.get(SecondFactor, user.id)
    if kept is None or kept.confirmed_at is not None:
        return None
    return _totp(_secret(kept, user)).get_provisioning_uri(user.name, "集市")


def is_on(session: Session, user: User) -> bool:
    kept = session.get(SecondFactor, user.id)
    return kept is not None and kept.confirmed_at is not None


def _context(user: User) -> str:
    return f"second_factor.secret:{user.code}"


def _secret(kept: SecondFactor, user: User) -> bytes:
    return b32decode(pii.unseal(kept.secret_sealed, _context(user)))


def verify(session: Session, user: User, digits: str) -> None:
    """Accept the code once; confirms a new secret. Raises WrongSecondFactor."""
    kept = session.get(SecondFactor, user.id)
    if kept is None:
        raise WrongSecondFactor("还没有开通第二步验证")
    totp = _totp(_secret(kept, user))
    now = int(clock.now().timestamp()) // STEP_S
    for step in (now, now - 1, now + 1):
        if hmac.compare_digest(totp.generate(step * STEP_S), digits.strip().encode()):
            used = session.exec(
                update(SecondFactor)
                .where(col(SecondFactor.user_id) == user.id, col(SecondFactor.last_step) < step)
                .values(last_step=step, confirmed_at=kept.confirmed_at or clock.now())
                .execution_options(synchronize_session="fetch")
            )
            if used.rowcount:
                return
            break
    raise WrongSecondFactor("六位数字不对，或已经用过，等下一组再试", field="digits")
