"""What always holds of money in and out, by what it is about."""

from . import entries, gateway, parts, sums

__all__ = ["entries", "gateway", "parts", "sums"]
