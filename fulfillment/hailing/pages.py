"""/travel/calls – asking a run to stop at a request stop, one's own calls, and taking one back."""

from typing import Annotated, Any, cast
from urllib.parse import quote

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db, i18n, limits
from core.codes import new_token
from core.db import Read
from core.errors import JishiError
from core.idempotency import once
from core.permissions import Actor, SignedIn, Visitor
from core.web import page

from . import queries, service
from .models import MOST_PEOPLE

router = APIRouter(prefix="/travel/calls")
_ = i18n.gettext
OFTEN = "20/hour"  # calls of one person
Typed = Annotated[str, Field(max_length=200)]


class CallForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Typed = ""
    departure: Typed = ""
    stop: Typed = ""
    people: Typed = "1"


class WithdrawalForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Typed = ""


@router.get("")
def index(request: Request, session: Read, actor: Visitor) -> Response:
    return _mine(request, session, actor)


@router.get("/new")
def new(request: Request, session: Read, actor: Visitor, departure: str = "", stop: str = "") -> Response:
    """The question, with the run and the stop it is about. Raises Refused where there is no such run or stop."""
    return _form(request, session, actor, departure, stop)


@router.post("")
def create(request: Request, form: Annotated[CallForm, Form()], actor: SignedIn) -> Response:
    """The same form twice is one call."""
    people = form.people.strip()
    try:
        limits.hit("stop_call", actor.user_code, OFTEN)
        wanted = int(people) if people.isascii() and people.isdigit() and len(people) < 4 else 0
        db.run_write(lambda session: _once(session, actor, form, wanted))
    except JishiError as wrong:
        if wrong.more.get("field") in ("departure", "stop"):
            raise
        with db.reading() as session:
            return _form(request, session, actor, form.departure, form.stop, people=people, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back="/travel/calls")


@router.post("/{code}/withdrawal")
def create_withdrawal(request: Request, code: str, form: Annotated[WithdrawalForm, Form()], actor: SignedIn) -> Response:
    try:
        db.run_write(lambda session: service.withdraw(session, actor, code).code)
    except JishiError as wrong:
        if wrong.status == 404:
            raise
        with db.reading() as session:
            return _mine(request, session, actor, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back="/travel/calls")


def _once(session: Session, actor: Actor, form: CallForm, people: int) -> str:
    def work() -> tuple[int, dict[str, Any]]:
        return 201, {"id": service.call_stop(session, actor, form.departure, form.stop, people).code}

    _status, answer = once(
        session, tenant_id=actor.tenant_id, actor=actor.key, route="POST /travel/calls", key=form.form_key or None,
        body=form.model_dump_json(exclude={"form_key"}).encode(), work=work,
    )  # fmt: skip
    return cast(str, answer["id"])


def _form(
    request: Request, session: Session, actor: Actor, departure: str, stop: str, *, people: str = "1", wrong: JishiError | None = None
) -> Response:  # fmt: skip
    place = service.request_stop(session, actor.tenant_id, departure, stop)
    waiting = queries.people_waiting(session, place.run.departure).get(place.call.position, 0)
    field = str(wrong.more.get("field", "")) if wrong else ""
    answer = page(
        request, "fulfillment/hailing/new.html", block="call", status=wrong.status if wrong else 200, place=place, waiting=waiting,
        closed=service.closed_why(place), values={"people": people}, errors={field: wrong.detail} if wrong and field else {},
        wrong=wrong if not field else None, known=actor.user_id is not None, form_key=new_token(), most=MOST_PEOPLE,
        sign_in=quote(f"/travel/calls/new?departure={departure}&stop={stop}", safe="/"),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _mine(request: Request, session: Session, actor: Actor, *, wrong: JishiError | None = None) -> Response:
    answer = page(
        request, "fulfillment/hailing/index.html", block="calls", status=wrong.status if wrong else 200, wrong=wrong,
        mine=queries.mine(session, actor) if actor.user_id is not None else [], known=actor.user_id is not None, form_key=new_token(),
    )  # fmt: skip
    answer.headers["Cache-Control"] = "no-store"
    return answer
