"""Products as a station sees its own."""

from sqlmodel import Session, col, select

from .models import Product, Variant
from .service import ProductUnknown


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


def categories(session: Session, *, tenant_id: int) -> list[str]:
    """The categories in use, for a form's choices."""
    return list(session.exec(select(Product.category).where(Product.tenant_id == tenant_id).distinct().order_by(Product.category)))
