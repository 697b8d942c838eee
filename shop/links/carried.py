"""What a viewer typed, carried in the address of the page that shows what it costs: sealed, and good in their session alone.

So that page can be reloaded and come back to like any other. Nothing is stored, and a log or a shared link tells nobody's address.
"""

import json
from binascii import Error as NotBase64

from cryptography.exceptions import InvalidTag

from core.permissions import Actor
from core.pii import seal, unseal

MOST = 6_000  # characters of an address that are looked at


def carry(values: dict[str, str], *, link: str, viewer: Actor) -> str:
    """The values as one word for an address."""
    return seal(json.dumps(values, ensure_ascii=False), _context(link, viewer))


def carried(word: str, *, link: str, viewer: Actor) -> dict[str, str] | None:
    """The values of a word, or None: not ours, another link's, another session's."""
    try:
        values: dict[str, str] = json.loads(unseal(word[:MOST], _context(link, viewer)))
    except (InvalidTag, NotBase64, ValueError):
        return None
    return values


def _context(link: str, viewer: Actor) -> str:
    return f"live.confirm:{link}:{viewer.sign_in_code}"
