"""Delivered orders, photos of what is wrong, and people who may decide."""

from functools import lru_cache
from io import BytesIO

from PIL import Image
from sqlmodel import Session, select

from core import db
from core.auth.models import User
from core.permissions import Actor
from core.pictures import draw
from fulfillment.consignments.models import Consignment, Parcel
from shop.claims.models import Claim, Reason
from shop.claims.photos import keep_photos
from shop.claims.rules import Said
from shop.claims.service import open_claim
from shop.orders.models import OrderLine
from tests.county import SmallCounty
from tests.fulfillment.shipping import event, scan
from tests.shop.buying import order_of
from tests.shop.earning import sell


def photo(shade: int = 0, *, kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB") -> bytes:
    out = BytesIO()
    Image.new(mode, size, shade if mode in ("L", "I;16", "P") else (shade, 90, 40, 255)[: len(mode)]).save(out, kind)
    return out.getvalue()


@lru_cache
def drawn(shade: int) -> bytes:
    return draw(photo(shade))


def delivered(county: SmallCounty, *wanted: tuple[str, int]) -> str:
    """An order that came to its door just now; its number."""
    number = sell(county, *wanted, packed=True)
    with db.writing() as session:
        parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
        trunk = county.trunks[0].code
        scan(session, county, *(event(deed, p, trunk) for p in parcels for deed in ("dispatch", "deliver")))
    return number


def line_code(session: Session, number: str, at: int = 0) -> str:
    codes = select(OrderLine.code).where(OrderLine.order_id == order_of(session, number).id).order_by(OrderLine.position)
    return session.exec(codes).all()[at]


def claim(number: str, said: Said | None = None, *, at: int = 0, photos: int = 3, words: str = "") -> Claim:
    """Claim for a line, half of it spoiled unless said otherwise."""
    with db.writing() as session:
        order = order_of(session, number)
        kept = [p.code for p in keep_photos(session, order, [drawn(60 * shade) for shade in range(photos)])]
        said = said or Said(Reason.SPOILED, damaged_pct=50)
        made = open_claim(session, order, line_code(session, number, at), said, words=words, photos=kept, by="guest:x")
        session.flush()
        session.expunge(made)
        return made


def of_code(session: Session, code: str) -> Claim:
    return session.exec(select(Claim).where(Claim.code == code).execution_options(populate_existing=True)).one()


def colleague(county: SmallCounty, role: str, code: str, *, user: User | None = None) -> Actor:
    grants = frozenset({(role, "county", "")})
    return Actor(tenant_id=county.id, user_id=(user.id if user else 10_000 + len(code)), user_code=code, grants=grants)
