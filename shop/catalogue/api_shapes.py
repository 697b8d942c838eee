"""What the catalogue's calls answer."""

from typing import Annotated

from typing_extensions import TypedDict

from core.web.shapes import DayText, Fen, Grams, MomentText, Named, Next, told
from fulfillment.promise.api_shapes import DeliveryPromise
from supply.products.models import Storage

StorageWord = Annotated[str, told("How it is kept; `live` rides as the county's rule says.", values=Storage)]


class Facets(TypedDict):
    """How many answers each further narrowing would leave, by value."""

    category: dict[str, int]
    station: Annotated[dict[str, int], told("By the station's code.")]
    storage: dict[str, int]


class ProductItem(TypedDict):
    """A product as a list shows it."""

    id: Annotated[str, told("The product's code.")]
    name: str
    station: Annotated[Named, told("The station that sells it.")]
    category: str
    price_fen: Annotated[Fen, told("The lowest price of its variants, in fen.")]
    image: Annotated[str, told("A picture's path.")]
    in_stock: Annotated[bool, told("Whether it can be bought now: open, in season, something left.")]
    season: Annotated[list[int], told("Its months, 1 to 12.")]
    storage: StorageWord
    url: Annotated[str, told("The path of its page.")]
    promise: Annotated[DeliveryPromise | None, told("When its cheapest variant arrives; null where no road exists.")]


class ProductPage(TypedDict):
    """A page of products, and what all answers could be narrowed by."""

    items: list[ProductItem]
    next: Next
    total: Annotated[int, told("How many answers there are in all.")]
    exact: Annotated[bool, told("false when nothing held every word and the nearest are shown instead.")]
    facets: Facets
    engine: Annotated[str, told("Who searched.", values=("embedded", "meilisearch", "database"))]


class ProductVariant(TypedDict):
    """One size of a product."""

    sku: Annotated[str, told("Its code, to be ordered by.")]
    spec: Annotated[str, told("The size in words.")]
    net_g: Annotated[Grams, told("Net weight in grams.")]
    price_fen: Annotated[Fen, told("Its price, in fen.")]
    per_jin_fen: Annotated[int | None, told("Fen per 500 g, where it is sold by weight.")]
    available: Annotated[int, told("How many can be bought now.")]
    promise: Annotated[DeliveryPromise | None, told("When it arrives; null where no road exists.")]


class ClaimStep(TypedDict):
    """From `damaged_pct` per cent of the goods on, `refund_pct` per cent of the line are refunded."""

    damaged_pct: int
    refund_pct: int


class ClaimTerms(TypedDict):
    """What a buyer may claim."""

    window_h: Annotated[int, told("Hours after delivery.")]
    photos: Annotated[int, told("How many photographs are asked for.")]
    bearer: Annotated[str, told("Who bears it: grower, master, transport or platform.")]
    tiers: list[ClaimStep]
    words: Annotated[str, told("The rule as one sentence.")]


class ProductDetail(ProductItem):
    """A product with its variants, smallest position first."""

    story: str
    variants: list[ProductVariant]
    claim_rule: ClaimTerms


class ProductName(TypedDict):
    """A product by name."""

    id: Annotated[str, told("The product's code.")]
    name: str


class LotProduct(ProductName):
    """What the lot is of."""

    spec: Annotated[str, told("The size in words.")]


class LotTrace(TypedDict):
    """Where a lot came from. It names no person but the grower, and no price."""

    lot: Annotated[str, told("The lot's code.")]
    product: LotProduct
    station: Annotated[Named, told("Where it was weighed in.")]
    grower: str
    grade: str
    weight_g: Annotated[Grams, told("Weighed in, in grams.")]
    units: Annotated[int, told("Units received.")]
    harvested_on: DayText
    received_at: MomentText
    best_before: DayText
