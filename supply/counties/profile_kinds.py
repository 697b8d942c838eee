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


class Basis(StrEnum):
    """What a contract of carriage counts."""

    PIECE = "piece"
    KG = "kg"  # started, of each parcel
    BOX = "box"  # turnover boxes; what rides loose counts by the boxes it would fill
    TRIP = "trip"  # runs that carried something
    VEHICLE_MONTH = "vehicle_month"  # vehicles that carried something
    FREIGHT_SHARE = "freight_share"  # basis points of the freight its parcels paid
