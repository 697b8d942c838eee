"""Weights as people here say them: 斤 = 500 g exactly."""

import re
import unicodedata
from decimal import Decimal

from core.errors import Refused
from core.i18n import gettext as _

JIN_G = 500
UNITS = {"g": 1, "克": 1, "斤": JIN_G, "市斤": JIN_G, "kg": 1000, "公斤": 1000, "千克": 1000}  # grams of one
MOST_G = 9_999_999
_TYPED = re.compile(r"([0-9]{1,7})(?:\.([0-9]{1,4}))?\s*([a-z\u4e00-\u9fff]*)")


def typed_grams(text: str, unit: str, *, field: str) -> int:
    """Grams of what a person typed: `3.2斤`, `1600 克`, `1.6kg`, in digits of any width; a plain number counts in `unit`.

    Raises Refused with the field's name: no such unit, part of a gram, or beyond every scale. Zero is for the caller to judge.
    """
    plain = unicodedata.normalize("NFKC", text).strip().lower()
    match = _TYPED.fullmatch(plain)
    each = UNITS.get(match[3] or unit) if match else None
    grams = Decimal(f"{match[1]}.{match[2] or 0}") * each if match and each else None
    if grams is None or grams != int(grams) or grams > MOST_G:
        raise Refused(_("写净重，比如 3.2斤、1600克、1.6公斤"), field=field)
    return int(grams)


def kg(grams: int) -> str:
    """`2930` → `2.93`, trailing zeros dropped."""
    return f"{grams / 1000:.3f}".rstrip("0").rstrip(".")


def jin(grams: int) -> str:
    """`1600` → `3.2`, trailing zeros dropped."""
    return f"{grams / JIN_G:.3f}".rstrip("0").rstrip(".")


def fen_per_jin(price_fen: int, net_g: int) -> int:
    """Price of one 斤, rounded half up; 0 when the net weight is unknown."""
    return (price_fen * JIN_G * 2 + net_g) // (net_g * 2) if net_g else 0


def started_kg(grams: int) -> int:
    """Kilograms begun, the unit of freight tariffs: 1 g and 1,000 g are one, 1,001 g are two."""
    return -(-grams // 1000)
