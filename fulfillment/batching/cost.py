"""What a road costs, exactly as the model says: legs, trunk, lateness by started days, holding by the hour."""

import math
from dataclasses import dataclass

import numpy as np

from .instance import DAY, EPS, Instance, Parcel, Trunk
from .network import Floats

Leg = tuple[int, int]  # boarding event, alighting event


@dataclass(frozen=True, slots=True)
class Road:
    """A legal way of one parcel: its fixed legs first, then those the planner chose, then the trunk (None: ends at `to`)."""

    legs: tuple[Leg, ...]
    trunk: int | None
    arrives: float
    cost: float
    fixed: int = 0
    toll: float = 0.0  # prices of what it takes up, when it was found with prices; not part of the cost

    @property
    def chosen(self) -> tuple[Leg, ...]:
        return self.legs[self.fixed :]


def late_fen(instance: Instance, parcel: Parcel, arrives: float) -> float:
    """Lateness is charged per started day of 1,440 minutes after `due`."""
    late = arrives - parcel.due
    return instance.late_fen_per_day * math.ceil((late - EPS) / DAY) if late > EPS else 0.0


def is_late(parcel: Parcel, arrives: float) -> bool:
    return arrives > parcel.due + EPS


def arrival_by(trunk: Trunk, zone: str) -> float:
    return trunk.dep + trunk.zones[zone].hours * 60


def trunk_fen(instance: Instance, parcel: Parcel, trunk: Trunk) -> float:
    """Everything that depends only on parcel and trunk: its price, lateness, holding; infinity past its shelf life."""
    assert parcel.zone is not None
    if trunk.dep > parcel.deadline + EPS:
        return math.inf
    zone = trunk.zones[parcel.zone]
    price = zone.base_fen + zone.per_kg_fen * parcel.g / 1000
    return price + late_fen(instance, parcel, arrival_by(trunk, parcel.zone)) + holding_fen(parcel, trunk.dep)


def arrival_fen(instance: Instance, parcel: Parcel, arrives: float) -> float:
    """The same for a parcel that ends at `to`."""
    if arrives > parcel.deadline + EPS:
        return math.inf
    return late_fen(instance, parcel, arrives) + holding_fen(parcel, arrives)


def arrivals_fen(instance: Instance, parcel: Parcel, arrives: Floats) -> Floats:
    """`arrival_fen` of many moments; infinity where one is infinite."""
    reached = (arrives <= parcel.deadline + EPS) & (arrives < np.inf)
    moments = np.where(reached, arrives, parcel.ready)
    days = np.maximum(np.ceil((moments - parcel.due - EPS) / DAY), 0.0)
    fen = instance.late_fen_per_day * days + parcel.hold_fen_per_h * (moments - parcel.ready) / 60
    return np.where(reached, fen, np.inf)


def holding_fen(parcel: Parcel, until: float) -> float:
    return parcel.hold_fen_per_h * (until - parcel.ready) / 60
