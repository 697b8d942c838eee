"""/p/{product} – one product with its promise; /trace/{lot} – where a lot came from."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from core import clock
from core.codes import normalise_code
from core.db import Read
from core.errors import JishiError
from core.permissions import Anybody
from core.web import page, quick
from core.web.templates import localised
from supply.counties.deps import CurrentCounty

from . import queries
from .pictures import picture_url
from .product import whole_product

router = APIRouter()
LinkCode = Annotated[str, Query(max_length=40)]


@router.get("/p/{id}")
@quick
def show_product(request: Request, id: str, session: Read, county: CurrentCounty, _: Anybody, link: LinkCode = "") -> Response:
    """Never cached: what it says of price, stock and time is what an order would find. `link` keeps a seller's attribution,
    and while it is open its prices are the ones said."""
    return page(request, "catalogue/product.html", **whole_product(session, county, id, link=normalise_code(link)[:20]))


@router.get("/trace")
@quick
def find_lot(request: Request, _: Anybody, lot: Annotated[str, Query(max_length=100)] = "") -> Response:
    """The form that asks for a lot's number, and the way on from it."""
    if (code := _lot_code(lot)) and code.isalnum() and code.isascii():
        return RedirectResponse(localised(f"/trace/{code}"), 303)
    return page(request, "catalogue/find_lot.html", wrong=None, typed="")


@router.get("/trace/{lot}")
@quick
def show_lot(request: Request, lot: str, session: Read, county: CurrentCounty, _: Anybody) -> Response:
    """A lot's road so far, in public words."""
    try:
        slip = queries.lot_slip(session, _lot_code(lot), tenant_id=county.id)
    except JishiError as wrong:
        return page(request, "catalogue/find_lot.html", status=wrong.status, wrong=wrong, typed=lot[:40])
    return page(request, "catalogue/lot.html", slip=slip, picture=picture_url("", slip.category, slip.product_name), fresh=_fresh(slip))


def _lot_code(typed: str) -> str:
    """A lot's code as typed: its letter L, and the rest read as all codes are."""
    code = normalise_code(typed)
    return f"L{code[1:40]}" if code else ""


def _fresh(slip: queries.LotSlip) -> int:
    """Days until the lot's best-before date; below 0 it is past."""
    today: date = clock.today()
    return (slip.best_before - today).days
