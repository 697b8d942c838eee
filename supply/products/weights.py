"""The weight a spec states: `5斤装` is 2,500 g, `250g×4袋` 1,000 g. 斤 = 500 g exactly, 两 a tenth of it."""

import re
from decimal import Decimal

GRAMS = {"kg": 1000, "公斤": 1000, "千克": 1000, "斤": 500, "两": 50, "g": 1, "克": 1}
_TIMES = r"\s*[×xX*]\s*"
_NUMBER = r"(?<![\d.~～至到–-])(\d+(?:\.\d+)?)"  # not the end of a range
_WEIGHT = rf"{_NUMBER}\s*(kg|公斤|千克|斤|两|g|克)(?![a-z半])"
_PLAIN = re.compile(_WEIGHT, re.IGNORECASE)
_PACKS = (
    re.compile(rf"{_WEIGHT}装?{_TIMES}(?P<packs>\d+)", re.IGNORECASE),
    re.compile(rf"(?P<packs>\d+)[只枚个袋盒瓶罐包条块]?{_TIMES}{_WEIGHT}", re.IGNORECASE),
)
_EACH = re.compile("[每各/]")


def stated_grams(spec: str) -> int | None:
    """Grams in all; None where the spec states no weight, or not plainly: several, one of each, a range."""
    found = _PLAIN.findall(spec)
    if len(found) != 1 or _EACH.search(spec):
        return None
    packs = next((int(match["packs"]) for pattern in _PACKS if (match := pattern.search(spec))), 1)
    number, unit = found[0]
    return round(Decimal(number) * GRAMS[unit.lower()] * packs)
