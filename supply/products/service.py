"""What happens to products: a master makes them, adds specs, corrects them. Prices belong to listings (a floor above)."""

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, select, update

from core import clock, i18n
from core.codes import new_code
from core.errors import NotFound, Refused
from core.outbox import emit
from supply.counties.catalogue import raise_catalogue
from supply.growers.models import Grower
from supply.stations.models import Station
from supply.stock.service import open_level

from .models import Product, Storage, Variant

EDITABLE = frozenset({"name", "category", "story", "shelf_days", "months", "picture"})
LONGEST_SHELF = 3_650  # days
HEAVIEST = 500_000  # grams, one unit
BIGGEST = 1_000_000  # millilitres, one unit


class ProductUnknown(NotFound):
    code = "product_unknown"


def create_product(
    session: Session,
    station: Station,
    grower: Grower,
    *,
    name: str,
    category: str,
    storage: Storage,
    shelf_days: int,
    months: Collection[int],
    story: str = "",
) -> Product:
    """A new product of a station, grown by one of its growers; nobody sees it until it is listed. Raises Refused."""
    if grower.station_id != station.node_id:
        raise Refused("这位农户不在这个驿站", field="grower")
    values = _checked({"name": name, "category": category, "story": story, "shelf_days": shelf_days, "months": months})
    product = Product(
        tenant_id=station.tenant_id, code=new_code("P"), station_id=station.node_id, grower_id=grower.id or 0, storage=Storage(storage),
        created_at=clock.now(), **values,
    )  # fmt: skip
    session.add(product)
    session.flush()
    return product


def add_variant(session: Session, product: Product, *, spec: str, net_g: int, gross_g: int, ml: int) -> Variant:
    """A new spec 规格 with an empty shelf at the product's station; weights of one unit in grams, `ml` packed. Raises Refused,
    also for a spec that the product has already: two of one name could only differ in price."""
    if not spec.strip():
        raise Refused("写一下规格，比如 5斤装", field="spec")
    if session.exec(select(Variant.id).where(Variant.product_id == product.id, Variant.spec == spec)).first() is not None:
        raise Refused(i18n.gettext("已经有{spec}了，要改价就改它的").format(spec=spec), field="spec")
    if not 1 <= net_g <= gross_g <= HEAVIEST:
        raise Refused("毛重要大于等于净重，净重至少 1 克，毛重不超过 500 千克", field="gross_g")
    if not 1 <= ml <= BIGGEST:
        raise Refused("包装体积要在 1 毫升到 1000 升之间", field="ml")
    last = session.exec(select(Variant.position).where(Variant.product_id == product.id).order_by(col(Variant.position).desc())).first()
    variant = Variant(
        tenant_id=product.tenant_id, product_id=product.id or 0, sku=new_code("K"), spec=spec, net_g=net_g, gross_g=gross_g, ml=ml,
        box_milli=max(1, -(-ml * 1000 // BOX_ML)), position=0 if last is None else last + 1,
    )  # fmt: skip
    session.add(variant)
    session.flush()
    open_level(session, variant.id or 0, product.station_id, tenant_id=product.tenant_id)
    note_change(session, product)
    return variant


BOX_ML = 60_000  # one turnover box 周转箱; `box_milli` is thousandths of it


def edit_product(session: Session, product: Product, **changes: Any) -> Product:
    """Correct a product; only the names in EDITABLE. Storage never changes: parcels on the road rely on it. Raises Refused."""
    if unknown := changes.keys() - EDITABLE:
        raise Refused("这几项不能改", field=sorted(unknown)[0])
    values = _checked(changes)
    if any(getattr(product, name) != value for name, value in values.items()):
        for name, value in values.items():
            setattr(product, name, value)
        session.add(product)
        session.flush()
        note_change(session, product)
    return product


def note_change(session: Session, product: Product) -> None:
    """A product shows or sells differently: its version and the county's rise, and search is told."""
    version = session.execute(
        update(Product)
        .where(col(Product.id) == product.id)
        .values(version=col(Product.version) + 1)
        .returning(col(Product.version))
        .execution_options(synchronize_session=False)
    ).scalar_one()
    session.refresh(product, ["version"])
    emit(
        session, "listing.changed", tenant_id=product.tenant_id, key=f"{product.code}:{version}", payload={"product_code": product.code}
    )  # fmt: skip
    raise_catalogue(session, product.tenant_id)


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    for name in ("name", "category"):
        if name in values and not values[name].strip():
            raise Refused("名称和品类不能空着", field=name)
    if "shelf_days" in values and not 1 <= values["shelf_days"] <= LONGEST_SHELF:
        raise Refused("保质期在 1 到 3650 天之间", field="shelf_days")
    if "months" in values:
        months = sorted(set(values["months"]))
        if not months or months[0] < 1 or months[-1] > 12:
            raise Refused("当季月份从 1 到 12 里选，至少一个月", field="months")
        values = {**values, "months": months}
    return values
