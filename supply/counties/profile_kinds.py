"""The words of a county profile that more than one of its files uses."""

from enum import StrEnum

from supply.products.models import Storage
from supply.stations.models import NodeKind

MONTHS = tuple(range(1, 13))

TRADING = frozenset({NodeKind.TOWNSHIP, NodeKind.STATION})
"""Node kinds that are stations: each is a channel of its own."""

TIERS = (Storage.AMBIENT, Storage.CHILLED, Storage.FROZEN)
"""What a vehicle or trunk can carry; live goods ride as `StorageRules.live_rides_as`."""


class LineKind(StrEnum):
    """Means of carriage: what a profile says and the network's tables keep."""

    BUS = "bus"
    COACH = "coach"
    MAIL = "mail"
    FREIGHT = "freight"
    FERRY = "ferry"
    COURIER = "courier"
    POSTMAN = "postman"
    PRIVATE = "private"
    DRONE = "drone"
    LOOP = "loop"
