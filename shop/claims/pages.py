"""/orders/{number}/claims – a buyer says what is wrong with one thing they bought, shows it, and takes it back again."""

import re
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.i18n import gettext as _
from core.idempotency import once
from core.permissions import Actor, Visitor
from core.pictures import LARGEST, drawn_anew
from core.web import page
from core.web.bodies import LARGEST_UPLOADS
from core.web.templates import localised
from shop.orders.access import order_for

from . import queries, service
from .forms import ClaimForm, plain
from .models import Reason
from .photos import MOST, keep_photos
from .words import how_much, reason_words, standing, tier_words

router = APIRouter()
LARGEST_UPLOADS.append((re.compile(r"(/en)?/orders/[^/]+/claims"), MOST * LARGEST + 100_000))  # the photos and a few words


class WithdrawalForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("/orders/{number}/claims")
def index(request: Request, number: str, session: Read, actor: Visitor, line: str = "") -> Response:
    """The order's claims, and the form for one line: what was chosen, else the only one that can be claimed for."""
    return _shown(request, session, number, actor, line)


@router.post("/orders/{number}/claims")
def create_claim(request: Request, number: str, form: Annotated[ClaimForm, Form()], actor: Visitor) -> Response:
    """The same form twice is one claim; what was typed stays where it cannot be."""
    try:
        with db.reading() as session:
            order_for(session, number, actor)  # nobody else's pictures are opened
        said, words = form.said(), plain(form.words, "words")
        pictures = [drawn_anew(data) for data in form.pictures()]

        def write(session: Session) -> None:
            order = order_for(session, number, actor)

            def work() -> tuple[int, dict[str, Any]]:
                photos = [photo.code for photo in keep_photos(session, order, pictures)]
                return 201, {"id": service.open_claim(session, order, form.line, said, words=words, photos=photos, by=actor.key).code}

            once(
                session, tenant_id=actor.tenant_id, actor=f"order:{number}", route="POST /orders/claims form", key=form.form_key or None,
                body=form.model_dump_json(exclude={"photos"}).encode(), work=work,
            )  # fmt: skip

        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, number, actor, form.line, typed=form, wrong=wrong)
    return page(request, "claims/index.html", back=f"/orders/{number}/claims")


@router.post("/orders/{number}/claims/{claim}/withdrawal")
def create_withdrawal(request: Request, number: str, claim: str, form: Annotated[WithdrawalForm, Form()], actor: Visitor) -> Response:
    try:
        db.run_write(lambda session: service.withdraw(session, order_for(session, number, actor), claim, by=actor.key).code)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, number, actor, "", wrong=wrong)
    return page(request, "claims/index.html", back=f"/orders/{number}/claims")


def _shown(
    request: Request, session: Session, number: str, actor: Actor, line: str, *, typed: ClaimForm | None = None,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    order = order_for(session, number, actor)
    lines = queries.claimable(session, order)
    open_lines = [each for each in lines if each.reasons]
    chosen = next((each for each in lines if each.line.code == line), None)
    if line and chosen is None and typed is None:
        raise NotFound(_("这张订单里没有这一样"))
    if chosen is None and len(open_lines) == 1:
        chosen = open_lines[0]
    field = str(wrong.more.get("field", "")) if wrong else ""
    values = typed.model_dump(exclude={"photos"}) if typed else {}
    if chosen and not values.get("reason") and len(chosen.reasons) == 1:
        values["reason"] = chosen.reasons[0].value
    answer = page(
        request, "claims/index.html", block="claims", status=wrong.status if wrong else 200, order=order, lines=lines, chosen=chosen,
        claims=queries.of_order(session, order), values=values, errors={field: wrong.detail} if wrong and field else {},
        wrong=wrong if wrong and not field else None, form_key=new_token(), most=MOST, reasons=reason_words(), standing=standing,
        how_much=how_much, tiers=tier_words(chosen.rule, chosen.line.goods_fen - chosen.line.discount_fen) if chosen else [],
        by_units=(Reason.MISSING, Reason.WRONG), order_href=localised(f"/orders/{number}"),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
