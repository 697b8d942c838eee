"""How long changing takes where a timetable company asks for more than the county does: of a whole stop, and in whole minutes.

What it asks for between two stops, or of single lines and runs only, is for people: no parcel walks, and goods change at a
place by one rule.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Mapped
from sqlmodel import col

from .models import Transfer

NOT_POSSIBLE = 3
POSSIBLE = (0, 1, 2)
OF_SOME = ("from_line", "to_line", "from_trip", "to_trip")


def asked_s(tenant_id: int, code: Mapped[str]) -> ColumnElement[int | None]:
    """The seconds that the place of this code asks of everybody who changes there; NULL where nothing is asked."""
    here = select(func.max(col(Transfer.min_s))).where(
        col(Transfer.tenant_id) == tenant_id, col(Transfer.from_node) == code, col(Transfer.to_node) == code,
        *(col(getattr(Transfer, name)) == "" for name in OF_SOME), col(Transfer.kind).in_(POSSIBLE),
    )  # fmt: skip
    return here.scalar_subquery()


def is_of_everybody(transfer: Mapping[str, Any]) -> bool:
    """Whether it speaks of every line and run."""
    return not any(transfer[name] for name in OF_SOME)


def minutes_of(seconds: int | None) -> int:
    """Begun minutes count whole; nothing asked is none."""
    return -(-(seconds or 0) // 60)
