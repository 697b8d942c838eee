"""Products as a station sees its own."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from supply.stock.queries import available

from .models import Product, Variant
from .service import ProductUnknown


class Stocked(NamedTuple):
    """A product with its specs in order; `free` is units for sale by variant id."""

    product: Product
    variants: list[Variant]
    free: dict[int, int]


def product_named(session: Session, code: str, *, tenant_id: int) -> Product:
    """The product of this public code. Raises ProductUnknown."""
    found = session.exec(select(Product).where(Product.tenant_id == tenant_id, Product.code == code)).first()
    if found is None:
        raise ProductUnknown("没有这件商品")
    return found


def variant_named(session: Session, sku: str, *, tenant_id: int) -> tuple[Variant, Product]:
    """The variant of this SKU and its product. Raises ProductUnknown."""
    found = session.exec(
        select(Variant, Product)
        .join(Product, col(Product.id) == col(Variant.product_id))
        .where(Variant.tenant_id == tenant_id, Variant.sku == sku)
    ).first()
    if found is None:
        raise ProductUnknown("没有这个规格")
    return found


def products_of(session: Session, station_id: int, *, tenant_id: int) -> list[Stocked]:
    """Everything a station grows, newest first, with specs and free units; three queries however many there are."""
    products = session.exec(
        select(Product)
        .where(Product.tenant_id == tenant_id, Product.station_id == station_id)
        .order_by(col(Product.created_at).desc(), col(Product.id))
    ).all()
    variants: dict[int, list[Variant]] = {product.id or 0: [] for product in products}
    for variant in session.exec(select(Variant).where(col(Variant.product_id).in_(variants)).order_by(col(Variant.position))):
        variants[variant.product_id].append(variant)
    free = available(session, [v.id or 0 for own in variants.values() for v in own])
    return [Stocked(p, variants[p.id or 0], {v.id or 0: free[v.id or 0] for v in variants[p.id or 0]}) for p in products]


def categories(session: Session, *, tenant_id: int) -> list[str]:
    """The categories in use, for a form's choices."""
    return list(session.exec(select(Product.category).where(Product.tenant_id == tenant_id).distinct().order_by(Product.category)))
