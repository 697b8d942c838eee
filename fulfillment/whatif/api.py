"""/api/v1/what-if, /api/v1/proposals – a timetable tried out, and what would be worth changing. The real one stays as it is."""

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Path
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import clock, db
from core.db import Read, Write
from core.idempotency import KeyHeader, once
from core.limits import hit
from core.moments import Day
from core.paging import Cursor, Limit, make_cursor, read_cursor
from core.permissions import Actor, allow
from core.text import Line
from core.web.refusals import refusals
from supply.counties.deps import CurrentCounty

from . import queries, service
from .api_shapes import ProposalDetail, ProposalsAsked, ScenarioBrief, ScenarioDetail, ScenarioPage
from .book import read_book
from .changes import MOST_CHANGES, ChangeRefused
from .models import WhatIf
from .words import change_words, why_words

router = APIRouter(prefix="/api/v1", tags=["plans"])
Dispatcher = Annotated[Actor, Depends(allow("dispatcher"))]
Reader = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Name = Annotated[Line, Field(min_length=1, max_length=80)]
Room = Annotated[int, Field(ge=0, le=100_000_000)]
Kind = Literal["drop_run", "shift_run", "add_run", "change_bay", "extra_stop", "close_node", "open_node"]


class ChangeBody(BaseModel):
    """A change: `kind` and the fields of that kind; the others stay out."""

    model_config = {"extra": "forbid", "strict": True}
    kind: Kind
    run: Name | None = None
    minutes: Annotated[int, Field(ge=-720, le=720)] | None = None
    node: Name | None = None
    after: Name | None = None
    detour_min: Annotated[int, Field(ge=0, le=720)] | None = None
    instead: Name | None = None
    like: Name | None = None
    share_pct: Annotated[int, Field(ge=1, le=100)] | None = None
    vehicle: Name | None = None
    g: Room | None = None
    ml: Room | None = None
    boxes: Annotated[int, Field(ge=0, le=10_000)] | None = None
    chilled_ml: Room | None = None
    tiers: Annotated[list[Literal["ambient", "chilled", "frozen"]], Field(min_length=1, max_length=3)] | None = None

    def data(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class NewScenario(BaseModel):
    """A day and what is changed on it, in this order."""

    model_config = {"extra": "forbid", "strict": True}
    date: Annotated[Day, Field(description="The service day, within a month of today.")]
    title: Annotated[Line, Field(max_length=60)] = ""
    changes: Annotated[list[ChangeBody], Field(min_length=1, max_length=MOST_CHANGES)]


@router.post("/what-if", status_code=202, responses=refusals(ChangeRefused, service.EnoughSolved))
def create_scenario(body: NewScenario, county: CurrentCounty, actor: Dispatcher, key: KeyHeader = None) -> ScenarioBrief:
    """Try changes to the timetable on one day's parcels; solved in the background and read at `GET /what-if/{code}`."""
    changes = [change.data() for change in body.changes]
    with db.reading() as reading:
        service.refuse_impossible(reading, county, body.date, changes)

    def write(session: Session) -> dict[str, Any]:
        def work() -> tuple[int, dict[str, Any]]:
            hit("what-if", actor.key, service.MOST_MADE)
            scenario = service.make_scenario(session, county, body.date, title=body.title, changes=changes, by=actor.user_code)
            told = _brief(service.ask_scenario(session, county, scenario.code))
            return 202, {**told, "date": body.date.isoformat(), "made_at": told["made_at"].isoformat()}

        sent = body.model_dump_json().encode()
        return once(session, tenant_id=county.id, actor=actor.key, route="POST /what-if", key=key, body=sent, work=work)[1]

    return cast(ScenarioBrief, db.run_write(write))


@router.get("/what-if")
def list_scenarios(session: Read, actor: Reader, limit: Limit = 50, cursor: Cursor = None) -> ScenarioPage:
    """The county's scenarios, newest first."""
    before = read_cursor(cursor, int)
    found = queries.scenarios(session, actor.tenant_id, before=before[0] if before else None, most=limit + 1)
    shown = found[:limit]
    return {"items": [_brief(s) for s in shown], "next": make_cursor(shown[-1].id) if len(found) > limit else None}


@router.get("/what-if/{code}", responses=refusals(service.WhatIfUnknown))
def read_scenario(code: Annotated[str, Path(description="The scenario's code.")], session: Read, actor: Reader) -> ScenarioDetail:
    """A scenario and, once solved, how the two timetables compare."""
    scenario = service.find_scenario(session, actor.tenant_id, code)
    solved = scenario.status == "done"
    return {
        **_brief(scenario), "changes": cast(Any, scenario.changes), "comparison": cast(Any, scenario.answer) if solved else None,
        "words": scenario.answer.get("words"),
    }  # fmt: skip


@router.post("/proposals", status_code=202, responses=refusals(service.NothingSent, service.EnoughSolved))
def create_proposals(session: Write, county: CurrentCounty, actor: Dispatcher, key: KeyHeader = None) -> ProposalsAsked:
    """Look at the last four weeks for the changes worth most; asked again within the hour, the same look is given."""

    def work() -> tuple[int, dict[str, Any]]:
        run = service.ask_proposals(session, county, by=actor.user_code)
        return 202, {"id": run.code, "status": run.status}

    answer = once(session, tenant_id=county.id, actor=actor.key, route="POST /proposals", key=key, body=b"", work=work)[1]
    return cast(ProposalsAsked, answer)


@router.get("/proposals/{code}", responses=refusals(service.ProposalsUnknown))
def read_proposals(code: Annotated[str, Path(description="The code of a look.")], session: Read, actor: Reader) -> ProposalDetail:
    """The five changes worth most a month, with why and how sure."""
    run = service.find_proposals(session, actor.tenant_id, code)
    told = queries.proposal_detail(run)
    if items := run.answer.get("items"):
        book = read_book(session, actor.tenant_id)
        told["items"] = [
            {**{name: item[name] for name in queries.ITEM}, "title": change_words(item["change"], book), "words": why_words(item)}  # type: ignore[typeddict-item]
            for item in items
        ]
    return told


def _brief(scenario: WhatIf) -> ScenarioBrief:
    return {
        "id": scenario.code, "title": scenario.title, "date": scenario.service_date, "status": scenario.status,
        "made_at": clock.local(scenario.made_at), "finished_at": scenario.finished_at and clock.local(scenario.finished_at),
        "saves_fen": scenario.answer.get("saves_fen"),
    }  # fmt: skip
