"""The stations' shelves in the replayed history: each evening what spoils overnight goes out and fresh produce is weighed in."""

from datetime import timedelta

from sqlmodel import Session, col, select

from core import clock
from supply.lots.models import Lot
from supply.products.models import Product, Variant
from supply.stock.models import StockLevel
from supply.stock.service import receive_lot, waste

from .story import Story

LOW = 60  # units on a shelf below which a station asks its grower for more


def refresh_shelves(story: Story, session: Session) -> None:
    """Waste what nobody holds of lots that end today, and weigh in fresh lots until every shelf in season is full enough."""
    today, tenant_id = clock.today(), story.county.id
    for lot in session.exec(
        select(Lot).where(Lot.tenant_id == tenant_id, Lot.remaining > 0, Lot.best_before <= today).order_by(col(Lot.id))
    ).all():  # fmt: skip
        level = session.exec(
            select(StockLevel)
            .where(StockLevel.variant_id == lot.variant_id, StockLevel.place_id == lot.place_id)
            .execution_options(populate_existing=True)
        ).one()
        if units := min(lot.remaining, level.on_hand - level.reserved - level.allocated):
            waste(session, lot, units=units, cause=f"best_before:{today.isoformat()}")
    session.expire_all()
    rows = session.exec(
        select(Product, Variant, StockLevel)
        .join(Variant, col(Variant.product_id) == col(Product.id))
        .join(StockLevel, col(StockLevel.variant_id) == col(Variant.id))
        .where(Product.tenant_id == tenant_id, StockLevel.on_hand - StockLevel.reserved - StockLevel.allocated < LOW)
        .order_by(col(Variant.id))
    ).all()
    demo = story.profile.county.demo
    tomorrow = (today + timedelta(days=1)).month
    for product, variant, level in rows:
        if not {today.month, tomorrow} & set(product.months):
            continue
        units = story.dice.randint(max(LOW, demo.stock_min), max(LOW, demo.stock_max)) - (level.on_hand - level.reserved - level.allocated)
        if units > 0:
            receive_lot(
                session, variant, place_id=level.place_id, grower_id=product.grower_id, units=units, grams=units * variant.net_g,
                harvested_on=today, best_before=today + timedelta(days=product.shelf_days),
            )  # fmt: skip
