"""Why a basket cannot become an order, each with a stable code and what to do next."""

from core.errors import Conflict


class NoRoad(Conflict):
    """No timetable and trunk bring these goods to that address; `stations` names each with its goods (`skus`)."""

    code = "no_road"


class NotForSale(Conflict):
    """The product was withdrawn, its listing ended, or its station is closed."""

    code = "not_for_sale"


class PromiseChanged(Conflict):
    """The address lies elsewhere than what was reckoned: freight or day may be others. Nothing was charged."""

    code = "promise_changed"


class TotalChanged(Conflict):
    """The price the buyer saw is not the price any more; nothing was charged. `total_fen` is today's, `difference_fen` the change."""

    code = "total_changed"
