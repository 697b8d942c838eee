"""The words of a county profile that more than one file uses."""

from enum import StrEnum

MONTHS = tuple(range(1, 13))


class NodeKind(StrEnum):
    HUB = "hub"
    TOWNSHIP = "township"
    STATION = "station"
    HAMLET = "hamlet"
    PIER = "pier"
    LOCKER = "locker"
    WAREHOUSE = "warehouse"


TRADING = frozenset({NodeKind.TOWNSHIP, NodeKind.STATION})
"""Node kinds that are stations: each is a channel of its own."""


class Storage(StrEnum):
    AMBIENT = "ambient"
    CHILLED = "chilled"
    FROZEN = "frozen"
    LIVE = "live"


TIERS = (Storage.AMBIENT, Storage.CHILLED, Storage.FROZEN)
"""What a vehicle or trunk can carry; live goods ride as `StorageRules.live_rides_as`."""


class LineKind(StrEnum):
    BUS = "bus"
    COACH = "coach"
    MAIL_VAN = "mail_van"
    FREIGHT_VAN = "freight_van"
    FERRY = "ferry"
    COURIER = "courier"
    POSTMAN = "postman"
    PRIVATE_CAR = "private_car"
    DRONE = "drone"
    LOOP = "loop"
