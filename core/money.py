"""Money: integer fen, never a float. Splits add up to the fen."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from core.errors import Refused

MAX_FEN = 10**13  # 100 billion yuan: beyond any honest amount, far inside 64 bits


def format_fen(fen: int) -> str:
    """`123456` → `1,234.56`, with a real minus sign."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse_yuan(text: str) -> int:
    """Fen from what a person typed: `39.6`, `39.60`, `39`. Refuses signs, separators, exponents and parts of a fen."""
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", text.strip()):
        raise Refused("金额请写成 39.60 这样，最多两位小数", field="price")
    try:
        return int(Decimal(text.strip()) * 100)
    except InvalidOperation as wrong:  # pragma: no cover - the pattern admits only numbers
        raise Refused("金额请写成 39.60 这样", field="price") from wrong


def split(total: int, weights: Sequence[int]) -> list[int]:
    """`total` fen shared by whole-number weights, exactly (largest remainder, ties to the earlier one).

    Works for negative totals (reversals) by mirroring; all-zero weights are refused because nobody could be named.
    """
    if total < 0:
        return [-part for part in split(-total, weights)]
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights must be non-negative and not all zero")
    parts = [total * w // whole for w in weights]
    left = total - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def split_named(total: int, weights: Mapping[str, int]) -> dict[str, int]:
    """`split` for named shares, in the mapping's order."""
    return dict(zip(weights, split(total, list(weights.values())), strict=True))


def share_bp(total: int, basis_points: int) -> int:
    """A rate's part of an amount, rounded half up; what remains belongs to the named rest."""
    return (total * basis_points + 5_000) // 10_000
