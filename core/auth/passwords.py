"""Passwords: argon2id at the cost OWASP's ASVS asks for, never more at once than the machine has cores."""

import os
import threading
from functools import lru_cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import Refused

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_turns = threading.Semaphore(os.cpu_count() or 1)  # a storm of sign-ins must not starve the shop
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text().split())


def hash_password(password: str) -> str:
    with _turns:
        return _hasher.hash(password)


def choose_password(password: str) -> str:
    """Hash of a new password. Refuses fewer than 8 characters, more than 200, and the ones everybody tries first."""
    if not 8 <= len(password) <= 200:
        raise Refused("密码要 8 到 200 个字，建议 15 个以上", field="password")
    if password.lower() in COMMON:
        raise Refused("这个密码太常见，换一个", field="password")
    return hash_password(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")


def matches(password: str, hashed: str | None) -> bool:
    """Whether it is the password; an unknown account costs the same time as a known one."""
    with _turns:
        try:
            return _hasher.verify(hashed or _nobody(), password) and hashed is not None
        except (VerificationError, InvalidHashError):
            return False
