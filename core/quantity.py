"""Weights as people here say them: 斤 = 500 g exactly."""

JIN_G = 500


def kg(grams: int) -> str:
    """`2930` → `2.93`, trailing zeros dropped."""
    return f"{grams / 1000:.3f}".rstrip("0").rstrip(".")


def fen_per_jin(price_fen: int, net_g: int) -> int:
    """Price of one 斤, rounded half up; 0 when the net weight is unknown."""
    return (price_fen * JIN_G * 2 + net_g) // (net_g * 2) if net_g else 0


def started_kg(grams: int) -> int:
    """Kilograms begun, the unit of freight tariffs: 1 g and 1,000 g are one, 1,001 g are two."""
    return -(-grams // 1000)
