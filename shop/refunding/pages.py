"""/station/refunds, /ops/refunds and /finance/refunds – staff find an order, look at who loses what, and give money back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse
from sqlmodel import Session

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.idempotency import once
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from shop.claims.deciding import DECIDERS
from shop.claims.forms import plain
from shop.orders.access import OrderUnknown
from shop.payments.giving import who_bears
from supply.stations.desk import station_now, stations_of, work_at
from supply.stations.models import Station

from . import queries, service
from .forms import DecisionForm, RefundForm
from .words import bearer_choices, losing_words, request_standing

router = APIRouter()
_ = i18n.gettext
Master = Annotated[Actor, Depends(allow("master"))]
Office = Annotated[Actor, Depends(allow(*DECIDERS))]
WORDS = i18n.marked("退款")
register("station", Entry(9, "/station/refunds", WORDS, "coin", ("master",)))
register("ops", Entry(5, "/ops/refunds", WORDS, "coin", ("dispatcher", "admin")))
register("finance", Entry(5, "/finance/refunds", WORDS, "coin"))


@router.get("/station/refunds")
def index_at_station(request: Request, session: Read, actor: Master, number: str = "", station: str = "") -> Response:
    return _listed(request, session, actor, number, here=station_now(request, session, actor, station, roles=("master",)))


@router.get("/ops/refunds")
@router.get("/finance/refunds")
def index(request: Request, session: Read, actor: Office, number: str = "") -> Response:
    return _listed(request, session, actor, number)


@router.get("/station/refunds/{number}")
def show_at_station(request: Request, number: str, session: Read, actor: Master, line: str = "") -> Response:
    return _shown(request, session, actor, number, line)


@router.get("/ops/refunds/{number}")
@router.get("/finance/refunds/{number}")
def show(request: Request, number: str, session: Read, actor: Office, line: str = "") -> Response:
    return _shown(request, session, actor, number, line)


@router.post("/station/refunds/{number}")
def create_at_station(request: Request, number: str, form: Annotated[RefundForm, Form()], actor: Master) -> Response:
    return _asked(request, number, form, actor)


@router.post("/ops/refunds/{number}")
@router.post("/finance/refunds/{number}")
def create(request: Request, number: str, form: Annotated[RefundForm, Form()], actor: Office) -> Response:
    return _asked(request, number, form, actor)


@router.post("/ops/refunds/requests/{code}/decision")
@router.post("/finance/refunds/requests/{code}/decision")
def create_decision(request: Request, code: str, form: Annotated[DecisionForm, Form()], actor: Office) -> Response:
    """The second person's yes or no."""
    try:
        approves, note = form.approves(), plain(form.note, "note")
        db.run_write(lambda session: service.decide_refund(session, actor, code, approves=approves, note=note).code)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _listed(request, session, actor, "", wrong=wrong)
    return page(request, "refunding/index.html", back=desk_of(request))


def _asked(request: Request, number: str, form: RefundForm, actor: Actor) -> Response:
    """Without `sure` it is looked at and nothing is written; with it the same form twice is one refund."""

    def write(session: Session) -> None:
        def work() -> tuple[int, dict[str, Any]]:
            return 201, {"id": service.ask_refund(session, actor, number, form.wanted(), stations=own_stations(session, actor) or ()).code}

        once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route=f"POST refunds {number}", key=form.form_key or None,
            body=form.model_dump_json().encode(), work=work,
        )  # fmt: skip

    try:
        if form.sure:
            db.run_write(write)
        else:
            with db.reading() as session:
                return _shown(request, session, actor, number, form.line, typed=form, looks=True)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _shown(request, session, actor, number, form.line, typed=form, wrong=wrong)
    return page(request, "refunding/show.html", back=f"{desk_of(request)}/{number}")


def _listed(
    request: Request, session: Session, actor: Actor, number: str, *, here: Station | None = None, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    own = [here.node_id] if here else None
    missing = ""
    if asked := number.strip().upper():
        try:
            service.order_at_desk(session, actor, asked, own_stations(session, actor) or ())
            return RedirectResponse(localised(f"{desk_of(request)}/{asked}"), 303)
        except OrderUnknown as unknown:
            missing = unknown.detail
    rows = queries.waiting(session, tenant_id=actor.tenant_id, stations=own)
    answer = page(
        request, "refunding/index.html", block="refunds", status=wrong.status if wrong else 404 if missing else 200, base=desk_of(request),
        station=here, rows=rows,
        may={v.request.code: service.may_not(session, actor, v.order, v.request) for v in rows if v.request.status == "waiting"},
        standing=request_standing, losing=losing_words, typed=number, missing=missing, wrong=wrong, form_key=new_token(),
        lost=queries.lost_and_owed(session, tenant_id=actor.tenant_id, stations=own),
        orders=queries.sold_here(session, tenant_id=actor.tenant_id, stations=own), is_office=actor.has(*DECIDERS),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _shown(
    request: Request, session: Session, actor: Actor, number: str, line: str, *, typed: RefundForm | None = None,
    wrong: JishiError | None = None, looks: bool = False,
) -> Response:  # fmt: skip
    own = own_stations(session, actor)
    order, lines = service.order_at_desk(session, actor, number, own or ())
    if own is not None:
        stations = stations_of(session, actor, ("master",))
        work_at(request, next(s for s in stations if s.node_id == lines[0].station_id), stations)
    rows = queries.lines_left(session, lines)
    chosen = next((row for row in rows if row.line.code == line), rows[0] if len(rows) == 1 else None)
    preview: list[str] = []
    fen, alone = 0, False
    if looks and typed:
        try:
            wanted = typed.wanted()
            found, fen, alone = service.checked(session, actor, order, lines, wanted)
            preview = losing_words(who_bears(session, found, fen, wanted.bearer))
        except JishiError as refused:
            wrong = refused
    field = str(wrong.more.get("field", "")) if wrong and chosen else ""
    values = typed.model_dump() if typed else {"bearer": "master", "what": "all"}
    answer = page(
        request, "refunding/show.html", block="refund", status=wrong.status if wrong else 200, base=desk_of(request), order=order,
        rows=rows, chosen=chosen, values=values, errors={field: wrong.detail} if wrong and field else {},
        wrong=wrong if wrong and not field else None, preview=preview, fen=fen, alone=alone, form_key=new_token(),
        bearers=bearer_choices(), standing=request_standing, given=queries.of_order(session, order, lines),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def own_stations(session: Session, actor: Actor) -> list[int] | None:
    """The stations a master looks after; None at the office, which looks after all of them."""
    if actor.has(*DECIDERS):
        return None
    return [station.node_id for station in stations_of(session, actor, ("master",))]


def desk_of(request: Request) -> str:
    """The list at the caller's desk."""
    desk = request.scope["path"].removeprefix("/en").strip("/").partition("/")[0]
    return f"/{desk}/refunds"
