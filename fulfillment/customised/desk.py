"""/ops/requests – the dispatcher's gathered requests by day: one tap makes a group a run, or says no with a reason.

What was typed stays when it cannot be done, and the page shows how things stand now.
"""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlmodel import Session

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, Refused
from core.idempotency import once
from core.moments import read_clock
from core.money import parse_yuan
from core.permissions import Actor, allow
from core.text import Told
from core.web import page
from core.web.nav import Entry, register
from supply.counties.deps import CurrentCounty

from . import queries
from .confirming import Terms, confirm, decline
from .forms import PURPOSES
from .models import DEAREST_FEN
from .service import note_of

router = APIRouter(prefix="/ops/requests")
_ = i18n.gettext
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
register("ops", Entry(2, "/ops/requests", "定制客运", "people"))
Key = Annotated[str, Field(max_length=100)]
Typed = Annotated[str, Field(max_length=2_000)]
Codes = Annotated[str, Field(max_length=8_000)]
REASON: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(min_length=1, max_length=200)])


class ConfirmForm(BaseModel):
    """A group by its requests' codes, and the terms as typed."""

    model_config = {"extra": "forbid"}
    form_key: Key = ""
    requests: Codes = ""
    vehicle: Typed = ""
    leaves: Typed = ""
    price: Typed = "0"
    least: Typed = "1"


class DeclineForm(BaseModel):
    model_config = {"extra": "forbid"}
    form_key: Key = ""
    requests: Codes = ""
    reason: Typed = ""


@router.get("")
def index(request: Request, session: Read, actor: Reader) -> Response:
    return _shown(request, session, actor)


@router.post("/confirmations")
def create_confirmation(request: Request, form: Annotated[ConfirmForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    def work(session: Session) -> str:
        return confirm(session, county, _codes(form.requests), _terms(form), by=actor.user_code).code

    return _done(request, actor, form, "POST /ops/requests/confirmations", work)


@router.post("/refusals")
def create_refusal(request: Request, form: Annotated[DeclineForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    def work(session: Session) -> str:
        decline(session, county, _codes(form.requests), reason=_reason(form.reason), by=actor.user_code)
        return "declined"

    return _done(request, actor, form, "POST /ops/requests/refusals", work)


def _done(request: Request, actor: Actor, form: ConfirmForm | DeclineForm, route: str, work: Callable[[Session], str]) -> Response:
    def write(session: Session) -> None:
        once(
            session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=form.form_key or None,
            body=form.model_dump_json().encode(), work=lambda: (201, {"id": work(session)}),
        )  # fmt: skip

    try:
        db.run_write(write)
    except JishiError as wrong:
        with db.reading() as session:
            return _shown(request, session, actor, form=form, wrong=wrong)
    return page(request, "fulfillment/ops/asked.html", back="/ops/requests")


def _codes(text: str) -> list[str]:
    return sorted({code.strip() for code in text.split(",") if code.strip()})


def _terms(form: ConfirmForm) -> Terms:
    leaves, least = read_clock(form.leaves), form.least.strip()
    if leaves is None:
        raise Refused(_("写钟点，比如 13:30"), field="leaves")
    if not (least.isascii() and least.isdigit() and len(least) <= 3 and int(least) >= 1):
        raise Refused(_("写几个人起开"), field="least")
    try:
        price = parse_yuan(form.price.strip() or "0")
    except JishiError as wrong:
        raise Refused(_("写每个座几元，不收就写 0"), field="price") from wrong
    if price > DEAREST_FEN:
        raise Refused(_("一个座最多 {n} 元").format(n=DEAREST_FEN // 100), field="price")
    return Terms(form.vehicle.strip(), leaves, price, int(least))


def _reason(text: str) -> str:
    try:
        return REASON.validate_python(text)
    except ValidationError as wrong:
        raise Refused(_("写明为什么开不了，200 字以内"), field="reason") from wrong


def _shown(
    request: Request, session: Session, actor: Actor, *, form: ConfirmForm | DeclineForm | None = None, wrong: JishiError | None = None
) -> Response:
    groups = queries.gathered_groups(session, actor.tenant_id)
    mine = next((g.key for g in groups if form and g.key == ",".join(_codes(form.requests))), "")
    errors: dict[str, Any] = {str(wrong.more["field"]): wrong.detail} if wrong and "field" in wrong.more else {}
    return page(
        request, "fulfillment/customised/desk.html", block="desk", status=wrong.status if wrong else 200, groups=groups,
        runs=queries.confirmed_runs(session, actor.tenant_id), wrong=wrong, mine=mine, errors=errors if mine else {},
        typed=form.model_dump() if form else {}, form_key=new_token(), note_of=note_of, hour=clock.on,
        purposes={p.value: _(words) for p, words in PURPOSES.items()},
    )  # fmt: skip
