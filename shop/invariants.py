"""Every slice's invariants, imported in one place."""

from core.invariants import check, registered

__all__ = ["check", "registered"]
