"""From a basket to an order: `quote` says what it costs and when it comes, `place_order` makes it so."""

from .errors import NoRoad, NotForSale, TotalChanged
from .items import Item
from .place import PAY_WITHIN, PlacedOrder, place_order
from .quote import Quote, promised, quote

__all__ = ["PAY_WITHIN", "Item", "NoRoad", "NotForSale", "PlacedOrder", "Quote", "TotalChanged", "place_order", "promised", "quote"]
