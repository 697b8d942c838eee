"""/station/refunds/{number}/claims and the office's – a colleague claims for a buyer who phones; people decide it, never the colleague."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound
from core.idempotency import once
from core.permissions import Actor
from core.web import page
from shop.claims import queries
from shop.claims.forms import ClaimForm, Key, Typed, plain
from shop.claims.service import LineUnknown, open_claim
from shop.claims.words import reason_words, tier_words
from supply.stations.desk import stations_of, work_at

from .pages import Master, Office, desk_of, own_stations
from .service import OwnRefund, order_at_desk

router = APIRouter()
_ = i18n.gettext


class VouchedForm(BaseModel):
    """What the buyer said on the phone; no photos."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    line: Typed = ""
    reason: Typed = ""
    quantity: Typed = ""
    damaged_pct: Typed = ""
    words: Typed = ""


@router.get("/station/refunds/{number}/claims")
def show_at_station(request: Request, number: str, session: Read, actor: Master, line: str = "") -> Response:
    return _shown(request, session, actor, number, line)


@router.get("/ops/refunds/{number}/claims")
@router.get("/finance/refunds/{number}/claims")
def show(request: Request, number: str, session: Read, actor: Office, line: str = "") -> Response:
    return _shown(request, session, actor, number, line)


@router.post("/station/refunds/{number}/claims")
def create_at_station(request: Request, number: str, form: Annotated[VouchedForm, Form()], actor: Master) -> Response:
    return _claimed(request, number, form, actor)


@router.post("/ops/refunds/{number}/claims")
@router.post("/finance/refunds/{number}/claims")
def create(request: Request, number: str, form: Annotated[VouchedForm, Form()], actor: Office) -> Response:
    return _claimed(request, number, form, actor)


def _claimed(request: Request, number: str, form: VouchedForm, actor: Actor) -> Response:
    def write(session: Session) -> None:
        order, lines = order_at_desk(session, actor, number, own_stations(session, actor) or ())
        if order.user_id is not None and order.user_id == actor.user_id:
            raise OwnRefund(_("自己的订单，请自己在订单页上申请"))
        if form.line not in {line.code for line in lines}:
            raise LineUnknown(_("这张订单里没有这一样"), field="line")

        def work() -> tuple[int, dict[str, Any]]:
            said = ClaimForm(**form.model_dump(exclude={"form_key"})).said()
            made = open_claim(session, order, form.line, said, words=plain(form.words, "words"), by=actor.key, vouched=True)
            return 201, {"id": made.code}

        once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route=f"POST refunds {number} claims", key=form.form_key or None,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip

    try:
        db.run_write(write)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, number, form.line, typed=form, wrong=wrong)
    return page(request, "refunding/vouch.html", back=f"{desk_of(request)}/{number}/claims")


def _shown(
    request: Request, session: Session, actor: Actor, number: str, line: str, *, typed: VouchedForm | None = None,
    wrong: JishiError | None = None,
) -> Response:  # fmt: skip
    own, here = own_stations(session, actor), None
    order, lines = order_at_desk(session, actor, number, own or ())
    if own is not None:
        stations = stations_of(session, actor, ("master",))
        here = next(s for s in stations if s.node_id == lines[0].station_id)
        work_at(request, here, stations)
    mine = {each.code for each in lines}
    rows = [row for row in queries.claimable(session, order) if row.line.code in mine]
    if line and typed is None and line not in mine:
        raise NotFound(_("这张订单里没有这一样"))
    ready = [row for row in rows if row.reasons]
    chosen = next((row for row in rows if row.line.code == line), ready[0] if len(ready) == 1 else None)
    field = str(wrong.more.get("field", "")) if wrong and chosen else ""
    answer = page(
        request, "refunding/vouch.html", block="vouch", status=wrong.status if wrong else 200, base=desk_of(request), order=order,
        station=here, rows=rows, chosen=chosen, claims=[view for view in queries.of_order(session, order) if view.line.code in mine],
        values=typed.model_dump() if typed else {}, errors={field: wrong.detail} if wrong and field else {},
        wrong=wrong if wrong and not field else None, form_key=new_token(), reasons=reason_words(),
        tiers=tier_words(chosen.rule, chosen.line.goods_fen - chosen.line.discount_fen) if chosen else [],
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
