"""/travel/requests – a villager asks for a customised trip, sees what became of it, takes it back.

Whoever is not signed in proves their phone on the same form by a one-time code, as at the sign-in page; the request is then theirs on
every device they sign in on. A form that cannot be taken is drawn again with all that was typed.
"""

from typing import Annotated, Any, cast

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock, db, i18n, limits, notify, pii
from core.auth import service as people
from core.auth.signing_in import enter
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, Refused
from core.idempotency import once
from core.permissions import Actor, SignedIn, Visitor
from core.web import page
from fulfillment.timetable.stops import by_code, known_stops
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries
from .forms import PURPOSES, RequestForm, judge
from .models import TripRequest
from .roads import ride_map
from .service import DAYS_AHEAD, Wanted, ask_trip, withdraw

router = APIRouter(prefix="/travel/requests")
_ = i18n.gettext
OFTEN = "12/hour"  # forms of one person


class WithdrawalForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Annotated[str, Field(max_length=100)] = ""


@router.get("")
def index(request: Request, session: Read, actor: Visitor) -> Response:
    return _mine(request, session, actor)


@router.get("/new")
def new(request: Request, session: Read, actor: Visitor, start: str = "", to: str = "", on: str = "") -> Response:
    """The form; places may be given by their codes."""
    stops = known_stops(session, actor.tenant_id)
    named = {name: stop.name for name, code in (("start", start), ("to", to)) if (stop := by_code(stops, code))}
    values = {"seats": "1", "purpose": "other", "on": on[:10], **named}
    return _form(request, actor, [s.name for s in stops], values)


@router.post("")
def create(request: Request, form: Annotated[RequestForm, Form()], county: CurrentCounty, actor: Visitor) -> Response:
    """`step=code` sends the one-time code and draws the form again, `step=ask` asks; the same form twice asks once."""
    with db.reading() as session:
        stops = known_stops(session, county.id)
        wanted, errors = judge(form.typed(), stops, ride_map(session, county.id), county.name)
    drawn: dict[str, Any] = {"names": [s.name for s in stops], "values": form.typed(), "sent": bool(form.otp) and actor.user_id is None}
    if wanted is None:
        return _form(request, actor, **drawn, errors=errors, status=422)
    try:
        if actor.user_id is None:
            if form.step == "code":
                request.state.code_receipt = _send_code(request, form.phone, actor.tenant_id)
                return _form(request, actor, **{**drawn, "sent": True}, fresh=True)
            actor = _come_in(request, form, actor)
        limits.hit("trip_request", actor.user_code, OFTEN)
        db.run_write(lambda session: ask_once(session, county, actor, wanted, key=form.form_key, body=form.typed()))
    except JishiError as wrong:
        field = str(wrong.more.get("field", ""))
        return _form(
            request,
            actor,
            **drawn,
            errors={field: wrong.detail} if field else {},
            wrong=wrong,
            status=422 if wrong.status == 401 else wrong.status,
        )
    return page(request, "fulfillment/ops/asked.html", back="/travel/requests")


@router.post("/{code}/withdrawal")
def create_withdrawal(
    request: Request, code: str, form: Annotated[WithdrawalForm, Form()], county: CurrentCounty, actor: SignedIn
) -> Response:  # fmt: skip
    try:
        db.run_write(lambda session: withdraw(session, actor, code))
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _mine(request, session, actor, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back="/travel/requests")


def ask_once(session: Session, county: County, actor: Actor, wanted: Wanted, *, key: str | None, body: object) -> str:
    """The code of the request, made once for a key."""

    def work() -> tuple[int, dict[str, Any]]:
        return 201, {"id": ask_trip(session, actor, wanted).code}

    _status, answer = once(
        session, tenant_id=county.id, actor=actor.key, route="POST /travel/requests", key=key or None, body=repr(body).encode(), work=work
    )
    return cast(str, answer["id"])


def _send_code(request: Request, phone: str, tenant_id: int) -> str:
    limits.hit_by_address(request, "one_time_code", "20/hour")
    with db.writing() as session:
        return people.send_code(session, pii.normalise_phone(phone), tenant_id=tenant_id)


def _come_in(request: Request, form: RequestForm, guest: Actor) -> Actor:
    """A phone that proves itself is signed in, as at the sign-in page."""
    limits.hit_by_address(request, "sign_in", "20/15minutes")
    if not form.otp.strip():
        pii.normalise_phone(form.phone)
        raise Refused(_("先要验证码，再填到这里"), field="otp")
    entered = enter(request, form.phone, password=None, otp=form.otp)
    request.state.session_token, request.state.code_receipt = entered.token, ""
    user = entered.user
    return Actor(tenant_id=guest.tenant_id, user_id=user.id, user_code=user.code, name=user.name)


def _form(
    request: Request, actor: Actor, names: list[str], values: dict[str, str], *, errors: dict[str, str] | None = None, sent: bool = False,
    fresh: bool = False, wrong: JishiError | None = None, status: int = 200,
) -> Response:  # fmt: skip
    answer = page(
        request, "fulfillment/customised/new.html", block="request", status=status, names=names, values=values, errors=errors or {},
        sent=sent, fresh=fresh, wrong=wrong, known=actor.user_id is not None, by_code=notify.can_send(), form_key=new_token(),
        purposes=[(p.value, _(words)) for p, words in PURPOSES.items()], first=clock.today().isoformat(),
        last=clock.today().fromordinal(clock.today().toordinal() + DAYS_AHEAD).isoformat(),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _mine(request: Request, session: Session, actor: Actor, *, wrong: JishiError | None = None) -> Response:
    found = queries.mine(session, actor) if actor.user_id is not None else []
    answer = page(
        request, "fulfillment/customised/index.html", block="requests", status=wrong.status if wrong else 200, mine=found, wrong=wrong,
        known=actor.user_id is not None, form_key=new_token(), can_withdraw=_can_withdraw, hour=clock.on,
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _can_withdraw(mine: queries.Mine) -> bool:
    row: TripRequest = mine.request
    return row.status == "asked" or (row.status == "confirmed" and mine.run is not None and mine.run.departure.starts_at > clock.now())
