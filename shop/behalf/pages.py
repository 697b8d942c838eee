"""/station/behalf – the keeper's basket ordered for a villager: who, the code on their phone, and the way to pay."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import BaseModel, Field, ValidationError
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from shop.checkout.address import Contact
from shop.checkout.quote import Quote
from supply.counties.deps import CurrentCounty
from supply.counties.models import County
from supply.stations.desk import KEEPERS, station_now
from supply.stations.models import Station

from . import service

router = APIRouter()
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
Typed = Annotated[str, Field(max_length=400)]
register("station", Entry(7, "/station/behalf", i18n.marked("代买"), "basket", KEEPERS))
WRONG = i18n.marked({"name": "写上取货人的姓名", "phone": "手机号是 1 开头的 11 位数字"})


class AskForm(BaseModel):
    """Who it is for."""

    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(min_length=1, max_length=100)]
    station: Typed = ""
    name: Typed = ""
    phone: Typed = ""


class BehalfForm(AskForm):
    """And the code they read out, with the receipt it was sent with, and the total that was shown."""

    digits: Typed = ""
    receipt: Typed = ""
    expected_total_fen: Annotated[int, Field(ge=0, le=10**13)] = 0


@router.get("/station/behalf")
def index(request: Request, session: Read, county: CurrentCounty, actor: Keeper, station: str = "") -> Response:
    return _shown(request, session, county, actor, station, {})


def _shown(
    request: Request, session: Session, county: County, actor: Actor, station: str, typed: dict[str, Any], *,
    wrong: JishiError | None = None, receipt: str = "",
) -> Response:  # fmt: skip
    here = station_now(request, session, actor, station)
    seen, refused = _quoted(session, county, actor, here)
    errors = {str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {}
    return page(
        request, "behalf/index.html", block="behalf", status=wrong.status if wrong else 200, station=here, quote=seen, refused=refused,
        typed=typed, wrong=wrong, errors=errors, receipt=receipt, form_key=new_token(),
    )  # fmt: skip


def _quoted(session: Session, county: County, actor: Actor, here: Station) -> tuple[Quote | None, JishiError | None]:
    """The basket to the shelf, or why it cannot go there; an empty basket is neither."""
    try:
        return service.quoted(session, county, actor, here), None
    except JishiError as wrong:
        return None, None if wrong.more.get("field") == "items" and "sku" not in wrong.more else wrong


def _contact(form: AskForm) -> Contact:
    try:
        return Contact(name=form.name, phone=form.phone)
    except ValidationError as wrong:
        field = str(wrong.errors()[0]["loc"][0])
        raise Refused(_(WRONG[field]), field=field) from wrong


@router.post("/station/behalf/codes")
def send_code(request: Request, form: Annotated[AskForm, Form()], county: CurrentCounty, actor: Keeper) -> Response:
    """The villager gets a code; the page asks for it next."""
    wrong, receipt = None, ""
    try:
        contact = _contact(form)
        with db.writing() as session:
            receipt = service.ask_consent(session, contact, tenant_id=actor.tenant_id)
    except JishiError as refused:
        wrong = refused
    with db.reading() as session:
        return _shown(request, session, county, actor, form.station, form.model_dump(), wrong=wrong, receipt=receipt)


@router.post("/station/behalf")
def create(request: Request, form: Annotated[BehalfForm, Form()], county: CurrentCounty, actor: Keeper) -> Response:
    """The order, and the way to its payment: the villager pays by the code on the screen, or the keeper for them."""
    try:
        asked = service.Behalf(_contact(form), form.digits, form.receipt, form.expected_total_fen)
        with db.reading() as session:
            here = station_now(request, session, actor, form.station)
        service.check_consent(actor, here, asked, key=form.form_key)
        made = db.run_write(lambda session: service.order_for(session, county, actor, here, asked, key=form.form_key))
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _shown(request, session, county, actor, form.station, form.model_dump(), wrong=wrong, receipt=form.receipt)
    return RedirectResponse(localised(f"/pay/{made['payment']}"), 303)
