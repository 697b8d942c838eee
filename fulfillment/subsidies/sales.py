"""What fulfilment is told of orders: which have come to rest, which were given back, what was sold. The shop registers it."""

from collections.abc import Collection
from datetime import date
from typing import NamedTuple, Protocol

from sqlmodel import Session


class Sold(NamedTuple):
    """A sold line whose claim window is over; `goods_fen` is what the buyer paid for it less `back_fen`, what was given back."""

    line: str
    number: str
    station: str
    grower: str
    day: date
    goods_fen: int
    back_fen: int
    zone: str
    storage: str
    category: str
    product: str


class Sales(Protocol):
    def at_rest(self, session: Session, tenant_id: int, numbers: Collection[str]) -> set[str]:
        """Orders among these that were delivered, may be claimed no more and were not given back whole."""

    def given_back(self, session: Session, tenant_id: int, numbers: Collection[str]) -> set[str]:
        """Orders among these that were given back whole."""

    def sold(self, session: Session, tenant_id: int, first: date, after: date) -> list[Sold]:
        """Lines of orders at rest that were paid from `first` until before `after`."""

    def back_of(self, session: Session, tenant_id: int, lines: Collection[str]) -> dict[str, int]:
        """Fen given back of each of these lines."""


_registered: list[Sales] = []


def tells_sales(source: Sales) -> Sales:
    _registered[:] = [source]
    return source


def sales() -> Sales:
    return _registered[0]
