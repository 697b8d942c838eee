"""Public codes: a prefix, 12 random Crockford base32 characters and a check character.

Safe in URLs and in Code 128, unique across the installation, never a counter. The check character is the place-weighted
sum of the body modulo 31 (the largest prime the alphabet can show), so nearly every single wrong character and any
two swapped neighbours are caught. The demo draws codes from its seed; tokens and payment ids never come from here.
"""

import random
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_source: ContextVar[random.Random | None] = ContextVar("codes", default=None)


def _draw(n: int) -> str:
    seeded = _source.get()
    if seeded is not None:
        return "".join(seeded.choice(ALPHABET) for _ in range(n))
    return "".join(ALPHABET[byte & 31] for byte in secrets.token_bytes(n))


def check_character(body: str) -> str:
    """The character that closes a code's random part."""
    value = 0
    for place, c in enumerate(body, 1):
        value += place * ALPHABET.index(c)
    return ALPHABET[value % 31]


def new_code(prefix: str, length: int = 12) -> str:
    """A fresh public code, e.g. `JS7Q2M9K4T0X1VZ`."""
    body = _draw(length)
    return f"{prefix}{body}{check_character(body)}"


def normalise_code(text: str) -> str:
    """A code as typed or scanned: upper case, no spaces or dashes, look-alikes read as Crockford does."""
    return text.strip().upper().replace(" ", "").replace("-", "").translate(str.maketrans("ILO", "110"))


def is_code(text: str, prefix: str, length: int = 12) -> bool:
    """Whether a text is a well-formed code of this kind with a right check character."""
    body, check = text[len(prefix) : -1], text[-1:]
    return (
        text.startswith(prefix)
        and len(text) == len(prefix) + length + 1
        and all(c in ALPHABET for c in body)
        and check == check_character(body)
    )


def new_token() -> str:
    """128 bits nobody can guess: order tokens and payment ids. Never seeded."""
    return secrets.token_hex(16)


@contextmanager
def drawn_from(seed: int | str) -> Iterator[None]:
    """Draw codes from a seed: the demo's history is the same on every machine."""
    token = _source.set(random.Random(f"codes:{seed}"))  # noqa: S311 - reproducible on purpose, demo data only
    try:
        yield
    finally:
        _source.reset(token)
