"""Why a basket cannot become an order, each with a stable code and what to do next."""

from core.errors import Conflict


class NoRoad(Conflict):
    """No timetable and trunk bring this station's goods to that address."""

    code = "no_road"


class NotForSale(Conflict):
    """The product was withdrawn, its listing ended, or its station is closed."""

    code = "not_for_sale"


class TotalChanged(Conflict):
    """The price the buyer saw is not the price any more; nothing was charged. `total_fen` is today's, `difference_fen` the change."""

    code = "total_changed"
