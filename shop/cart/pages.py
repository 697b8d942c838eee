"""/cart: what is in the basket, by station."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db, i18n
from core.auth.current import ensure_session
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError, Refused
from core.idempotency import once
from core.permissions import Actor, Visitor, actor_of
from core.web import page, provide_personal, quick
from core.web.templates import localised
from shop.catalogue.pictures import picture_url
from shop.catalogue.product import whole_product
from shop.catalogue.promised import destination
from shop.catalogue.queries import product_code_of
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries, service

router = APIRouter()
_ = i18n.gettext
Sku = Annotated[str, Field(min_length=1, max_length=40)]
FormKey = Annotated[str, Field(max_length=100)]
Units = Annotated[str, Field(max_length=40)]
"""As typed: what is wrong with a number is said where it was typed."""


class PutForm(BaseModel):
    """One variant put in, from a product's page (which may be cached, so its form key is optional) or an order link."""

    model_config = {"extra": "forbid"}
    sku: Sku
    qty: Units = ""
    link: Annotated[str, Field(max_length=20)] = ""
    then: Literal["cart", "checkout"] = "cart"
    form_key: FormKey = ""


class QuantityForm(BaseModel):
    model_config = {"extra": "forbid"}
    qty: Units = ""
    form_key: FormKey = ""


class RemovalForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: FormKey = ""


@provide_personal
def count(request: Request) -> Mapping[str, Any]:
    """The number on the masthead's basket, unless the page's handler has counted it already."""
    if (known := getattr(request.state, "basket_count", None)) is not None:
        return {"basket_count": known}
    actor = actor_of(request)
    if actor.user_id is None and actor.sign_in_id is None:
        return {"basket_count": 0}
    with db.asking() as connection:
        return {"basket_count": queries.count_of(connection, actor)}


@router.get("/cart")
@quick
def index(request: Request, session: Read, county: CurrentCounty, actor: Visitor) -> Response:
    return _shown(request, session, county, actor)


@router.post("/cart/lines")
def create_line(
    request: Request, form: Annotated[PutForm, Form()], session: Write, county: CurrentCounty, actor: Visitor
) -> Response:  # fmt: skip
    """Put a variant in; the same form sent twice puts it in once. A wrong number comes back to the product's page."""
    try:
        units = _units(form.qty)
        owner = ensure_session(session, request)

        def work() -> tuple[int, dict[str, Any]]:
            service.put(session, owner, form.sku, units, link=form.link or None)
            return 201, {}

        once(
            session, tenant_id=owner.tenant_id, actor=owner.key, route="POST /cart/lines", key=form.form_key or None,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip
    except Refused as wrong:
        if wrong.more.get("field") != "qty":
            raise
        session.rollback()
        return _back_at_product(request, county, form, wrong)
    return RedirectResponse(localised(f"/{form.then}"), 303)


def _units(typed: str) -> int:
    """A number of units as people type it. Raises Refused."""
    digits = unicodedata.normalize("NFKC", typed).strip()
    if not re.fullmatch(r"[0-9]{1,6}", digits):
        raise Refused(_("件数写成整数，比如 2"), field="qty")
    return int(digits)


def _back_at_product(request: Request, county: County, form: PutForm, wrong: Refused) -> Response:
    """The product's page with what was chosen and typed, and what is wrong with it at its field."""
    with db.reading() as session:
        code = product_code_of(session, form.sku, tenant_id=county.id)
        shown = whole_product(session, county, code, link=form.link, sku=form.sku, qty=form.qty, fault=wrong.detail)
        return page(request, "catalogue/product.html", status=wrong.status, **shown)


@router.post("/cart/lines/{sku}")
def set_line(
    request: Request, sku: str, form: Annotated[QuantityForm, Form()], session: Write, county: CurrentCounty, actor: Visitor
) -> Response:
    try:
        service.set_quantity(session, actor, sku[:40], _units(form.qty))
    except Refused as wrong:
        return _shown(request, session, county, actor, wrong=wrong)
    return _shown(request, session, county, actor, back="/cart")


@router.post("/cart/lines/{sku}/removal")
def remove_line(
    request: Request, sku: str, form: Annotated[RemovalForm, Form()], session: Write, county: CurrentCounty, actor: Visitor
) -> Response:
    service.take_out(session, actor, sku[:40])
    return _shown(request, session, county, actor, back="/cart")


def _shown(
    request: Request, session: Session, county: County, actor: Actor, *, back: str | None = None, wrong: JishiError | None = None
) -> Response:
    """The basket; after a plain form only the way back to it."""
    if back and "HX-Request" not in request.headers:
        return RedirectResponse(localised(back), 303)
    found = queries.basket(session, county, actor)
    return page(
        request, "cart/index.html", block="basket", status=wrong.status if wrong else 200, basket=found, wrong=wrong,
        form_key=new_token(), picture_url=picture_url, destination=destination(county),
    )  # fmt: skip
