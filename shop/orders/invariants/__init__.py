"""What always holds of orders, by what it is about."""

from . import amounts, goods, moves, personal

__all__ = ["amounts", "goods", "moves", "personal"]
