"""/ops/what-if and /ops/proposals – the timetable tried out on paper: nothing here changes a real run.

A form that cannot be taken is drawn again with what was typed and what is wrong with it.
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, TypeAdapter, ValidationError
from sqlmodel import Session

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import JishiError, Refused
from core.idempotency import answered, once
from core.limits import hit
from core.permissions import Actor, allow
from core.text import Line
from core.web import page
from core.web.nav import Entry, register
from supply.counties.deps import CurrentCounty
from supply.counties.models import County

from . import queries, service
from .book import Book, read_book
from .changes import MOST_CHANGES
from .changes_data import NAMES
from .forms import FIELDS, KEPT_AS, ActForm, ChangeForm, PositionForm, ScenarioForm, data_of
from .models import WhatIf
from .words import change_words, why_words

router = APIRouter(prefix="/ops")
_ = i18n.gettext
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Asked = Annotated[str, Query(max_length=80)]
register("ops", Entry(3, "/ops/what-if", "试算", "scale"), Entry(4, "/ops/proposals", "改进建议", "star"))
TITLE: TypeAdapter[str] = TypeAdapter(Line)
FORM_NAMES = {kept: typed for typed, kept in KEPT_AS.items()}


@router.get("/what-if")
def index(request: Request, session: Read, actor: Reader) -> Response:
    return _index(request, session, actor)


@router.post("/what-if")
def create(request: Request, form: Annotated[ScenarioForm, Form()], session: Write, county: CurrentCounty, actor: Dispatcher) -> Response:
    try:
        title = TITLE.validate_python(form.title)[:60]
    except ValidationError:
        title = ""

    def work() -> tuple[int, dict[str, Any]]:
        hit("what-if", actor.key, service.MOST_MADE)
        return _done(service.make_scenario(session, county, form.date, title=title, by=actor.user_code))

    try:
        code = _once(session, actor, "POST /ops/what-if", form, work)["code"]
    except Refused as refused:
        session.rollback()
        with db.reading() as reading:
            return _index(request, reading, actor, values={"date": form.date.isoformat(), "title": form.title}, wrong=refused)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/what-if/{code}")


@router.get("/what-if/{code}")
def scenario(request: Request, code: str, session: Read, actor: Reader, kind: Asked = "", line: Asked = "") -> Response:
    """A scenario; `kind` and `line` open the form of one more change."""
    return _scenario(request, session, actor, code, {"kind": kind, "line": line})


@router.post("/what-if/{code}/changes")
def add(request: Request, code: str, form: Annotated[ChangeForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    route = f"POST /ops/what-if/{code}/changes"

    def act() -> None:
        data = data_of(form)
        _look_first(county, actor, code, route, form.form_key, lambda changes: [*changes, data])
        db.run_write(lambda session: _once(session, actor, route, form, lambda: _done(service.add_change(session, county, code, data))))

    return _acted(request, actor, code, form, act)


@router.post("/what-if/{code}/changes/removal")
def remove(request: Request, code: str, form: Annotated[PositionForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    """Refused when a change after it is about what it made."""
    route, position = f"POST /ops/what-if/{code}/changes/removal", form.position

    def act() -> None:
        _look_first(county, actor, code, route, form.form_key, lambda changes: [c for n, c in enumerate(changes) if n != position])
        db.run_write(
            lambda session: _once(session, actor, route, form, lambda: _done(service.remove_change(session, county, code, position)))
        )

    return _acted(request, actor, code, form, act)


@router.post("/what-if/{code}/solving")
def solve(request: Request, code: str, form: Annotated[ActForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    route = f"POST /ops/what-if/{code}/solving"

    def act() -> None:
        db.run_write(lambda session: _once(session, actor, route, form, lambda: _done(service.ask_scenario(session, county, code))))

    return _acted(request, actor, code, form, act)


@router.get("/proposals")
def proposals(request: Request, session: Read, actor: Reader) -> Response:
    return _proposals(request, session, actor)


@router.post("/proposals")
def look(request: Request, form: Annotated[ActForm, Form()], session: Write, county: CurrentCounty, actor: Dispatcher) -> Response:
    """Look at the last weeks; a look that is under way, or an hour old, is shown again."""

    def work() -> tuple[int, dict[str, Any]]:
        return 202, {"code": service.ask_proposals(session, county, by=actor.user_code).code}

    try:
        _once(session, actor, "POST /ops/proposals", form, work)
    except (service.NothingSent, service.EnoughSolved) as refused:
        session.rollback()
        with db.reading() as reading:
            return _proposals(request, reading, actor, wrong=refused)
    return page(request, "fulfillment/ops/asked.html", back="/ops/proposals")


@router.post("/proposals/{code}/scenarios")
def try_out(request: Request, code: str, form: Annotated[PositionForm, Form()], county: CurrentCounty, actor: Dispatcher) -> Response:
    """A scenario with one proposal's change, of the next day it is about."""
    with db.reading() as session:
        day, change = service.day_of_proposal(session, county, code, form.position)

    def write(session: Session) -> dict[str, Any]:
        def work() -> tuple[int, dict[str, Any]]:
            hit("what-if", actor.key, service.MOST_MADE)
            return _done(service.make_scenario(session, county, day, changes=[change], by=actor.user_code))

        return _once(session, actor, f"POST /ops/proposals/{code}/scenarios", form, work)

    return page(request, "fulfillment/ops/asked.html", back=f"/ops/what-if/{db.run_write(write)['code']}")


def _done(scenario: WhatIf) -> tuple[int, dict[str, Any]]:
    return 200, {"code": scenario.code}


def _once(session: Session, actor: Actor, route: str, form: BaseModel, work: Callable[[], tuple[int, dict[str, Any]]]) -> dict[str, Any]:
    key, sent = getattr(form, "form_key", "") or None, form.model_dump_json().encode()
    return once(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key, body=sent, work=work)[1]


def _look_first(
    county: County, actor: Actor, code: str, route: str, key: str, changed: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    """Refuse what the timetable cannot bear, unless it is the same click again."""
    with db.reading() as session:
        scenario = service.find_scenario(session, county.id, code)
        if not answered(session, tenant_id=actor.tenant_id, actor=actor.key, route=route, key=key or None):
            service.refuse_impossible(session, county, scenario.service_date, changed(scenario.changes))


def _acted(request: Request, actor: Actor, code: str, form: BaseModel, act: Callable[[], None]) -> Response:
    """Do it and go back to the scenario; what was refused is said on it, with what was typed."""
    try:
        act()
    except (Refused, service.EnoughSolved, service.StillSolving) as refused:
        with db.reading() as reading:
            return _scenario(request, reading, actor, code, form.model_dump(), wrong=refused)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/what-if/{code}")


def _index(
    request: Request, session: Session, actor: Actor, values: dict[str, str] | None = None, wrong: JishiError | None = None
) -> Response:
    return page(
        request, "fulfillment/whatif/index.html", block="whatif", status=wrong.status if wrong else 200,
        scenarios=queries.scenarios(session, actor.tenant_id), values=values or {"date": clock.today().isoformat()}, errors=_errors(wrong),
        form_key=new_token(),
    )  # fmt: skip


def _scenario(
    request: Request, session: Session, actor: Actor, code: str, values: dict[str, Any], wrong: JishiError | None = None
) -> Response:
    found, book = service.find_scenario(session, actor.tenant_id, code), read_book(session, actor.tenant_id)
    kind, line = str(values.get("kind", "")), str(values.get("line", ""))
    kind = kind if kind in NAMES else ""
    asks_run = bool(kind) and "run" in FIELDS[kind]
    context: dict[str, Any] = {
        "scenario": found, "changes": [change_words(c, book) for c in found.changes], "told": _told(found), "book": book,
        "kinds": [(k, _(name)) for k, name in NAMES.items()], "lines": [(c, book.line(c)) for c in book.lines], "kind": kind, "line": line,
        "ready": bool(kind) and (not asks_run or line in book.lines), "asks_run": asks_run, "fields": FIELDS.get(kind, ()),
        "options": _options(book, found, kind, line), "values": values, "errors": _errors(wrong), "most": MOST_CHANGES,
        "fills": _fills(found, book), "form_key": new_token(),
    }  # fmt: skip
    return page(request, "fulfillment/whatif/scenario.html", block="scenario", status=wrong.status if wrong else 200, **context)


def _options(book: Book, scenario: WhatIf, kind: str, line: str) -> dict[str, list[tuple[str, str]]]:
    """What the selects of the form offer; places that the scenario opens are places too."""
    opened = [(c["node"], c["node"]) for c in scenario.changes if c["kind"] == "open_node"]
    places = sorted(book.places.items(), key=lambda place: place[1])
    whole = [(line, book.run(line))] if kind != "add_run" and line in book.lines else []
    return {
        "run": [*whole, *((run.run, book.run(run.run)) for run in book.runs_of(line))],
        "after": [(node, book.place(node)) for node in book.stops_of(line)] + opened,
        "node": places + opened, "instead": places, "like": places, "vehicle": list(book.vehicles.items()),
    }  # fmt: skip


def _told(scenario: WhatIf) -> dict[str, Any]:
    answer = scenario.answer
    return {**answer, "day": date.fromisoformat(answer["parcels_of"])} if "parcels_of" in answer else answer


def _fills(scenario: WhatIf, book: Book) -> dict[str, list[dict[str, Any]]]:
    told = scenario.answer
    lines = [{**pair, "name": book.line(pair["name"])} for pair in told.get("lines", ()) if pair["base"] != pair["changed"]]
    runs = [
        {**pair, "name": book.run(pair["name"].rpartition("@")[0]), "day": date.fromisoformat(pair["name"][-10:])}
        for pair in told.get("runs", ())
    ]
    return {"lines": lines[:12], "runs": runs[:12]}


def _proposals(request: Request, session: Session, actor: Actor, wrong: JishiError | None = None) -> Response:
    run = service.last_proposals(session, actor.tenant_id)
    items = run.answer.get("items", ()) if run else ()
    book = read_book(session, actor.tenant_id) if items else None
    cards = [(item, change_words(item["change"], book), why_words(item)) for item in items] if book else []
    return page(
        request, "fulfillment/whatif/proposals.html", block="proposals", status=wrong.status if wrong else 200, run=run, cards=cards,
        errors=_errors(wrong), form_key=new_token(),
    )  # fmt: skip


def _errors(wrong: JishiError | None) -> dict[str, str]:
    """By the field's name on the form."""
    if wrong is None:
        return {}
    field = str(wrong.more.get("field") or "all")
    return {FORM_NAMES.get(field, field): wrong.detail}
