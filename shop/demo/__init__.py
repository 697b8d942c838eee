"""The demonstration: a county with people, produce and days of history."""

from .run import load_demo

__all__ = ["load_demo"]
