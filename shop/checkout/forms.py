"""What the checkout accepts from programs: strict types, no unknown fields."""

from typing import Annotated

from pydantic import BaseModel, Field

from .address import Address, Contact, FullAddress, Note
from .items import MOST_LINES, MOST_UNITS, Item

Code = Annotated[str, Field(min_length=1, max_length=40)]


class WantedItem(BaseModel):
    """A variant by its `sku`, and how many of it."""

    model_config = {"extra": "forbid", "strict": True}
    sku: Code
    qty: Annotated[int, Field(ge=1, le=MOST_UNITS)]


class QuoteBody(BaseModel):
    """A basket and where it goes; `coupon` is a promo code."""

    model_config = {"extra": "forbid", "strict": True}
    items: Annotated[list[WantedItem], Field(min_length=1, max_length=MOST_LINES)]
    address: Address
    link: Annotated[str, Field(max_length=20)] | None = None
    coupon: Annotated[str, Field(max_length=40)] | None = None

    def wanted(self) -> list[Item]:
        return [Item(item.sku, item.qty, self.link) for item in self.items]


class OrderBody(QuoteBody):
    """A basket, who receives it and where, and the total that was shown: another one is refused as `total_changed`."""

    address: FullAddress
    contact: Contact
    note: Note = ""
    expected_total_fen: Annotated[int, Field(ge=0, le=10**13)]
