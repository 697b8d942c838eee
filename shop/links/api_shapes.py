"""What the order links' calls answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import Fen, MomentText, Next, told
from shop.catalogue.api_shapes import ProductName


class LinkItem(TypedDict):
    """An order link as its seller's list shows it."""

    code: str
    url: Annotated[str, told("The address to be given to buyers.")]
    session: Annotated[str, told("What the seller calls the live session.")]
    quota: Annotated[int, told("Units it may sell, over all its variants.")]
    starts_at: MomentText
    ends_at: MomentText


class LinkPage(TypedDict):
    """A page of order links."""

    items: list[LinkItem]
    next: Next


class LinkVariant(TypedDict):
    """A variant and its price through the link."""

    sku: str
    spec: Annotated[str, told("The size in words.")]
    product: ProductName
    price_fen: Annotated[Fen, told("The link's price, in fen.")]
    list_price_fen: Annotated[Fen, told("The price without the link, in fen.")]


class LinkDetail(LinkItem):
    """What a buyer may know of a link."""

    seller: Annotated[str, told("The seller's name.")]
    state: Annotated[str, told("`gone` is sold out, `over` ended or closed.", values=("soon", "open", "gone", "over"))]
    left: Annotated[int, told("Units that can still be bought through it.")]
    variants: list[LinkVariant]


class LinkStats(TypedDict):
    """A link's numbers; orders, units and amounts are of what was paid."""

    code: str
    clicks: Annotated[int, told("Distinct visitors in half hours.")]
    orders: int
    units: int
    goods_fen: Fen
    commission_fen: Annotated[Fen, told("The seller's part of it, in fen.")]
    sold: Annotated[int, told("Units held or paid.")]
    quota: int
