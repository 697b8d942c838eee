"""/driver – own runs, the next stop giant, parcels and whole boxes on and off by scan."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session, col, select

from core import clock, db, i18n
from core.auth.pages import homes
from core.codes import new_token
from core.db import Read, Write
from core.errors import NotFound
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.batching.service import REASON_WORDS
from fulfillment.disruptions.deed import apply, preview
from fulfillment.disruptions.kinds import RefuseBoxes
from fulfillment.disruptions.refusals import TakeAfterAll, find_refusal, refusals_of
from fulfillment.hailing.queries import people_on_runs, people_waiting
from fulfillment.timetable.board import Call, Run, find_run, runs_of_lines
from supply.counties.deps import CurrentCounty

from .desk import Said, answer, find_parcel, holder_of, inside, read_code, scan_here
from .models import Custody
from .stops import boxes_of
from .upload import box_code

router = APIRouter()
Driver = Annotated[Actor, Depends(allow("driver"))]
homes.update(driver="/driver")
register("driver", Entry(0, "/driver", "我的班次", "bus"), Entry(1, "/travel", "班次", "clock"))
FULL, ONE_TOO_MANY, ONE_BOX_TOO_MANY = i18n.marked("车满了"), i18n.marked("装不下这件"), i18n.marked("装不下这箱")
RUN_ACTIONS = "^(load|unload|lose)$"
Code = Annotated[str, Field(max_length=8_000)]
Key = Annotated[str, Field(min_length=1, max_length=60)]


class RunScan(BaseModel):
    """One parcel or turnover box at one stop of a run; the form's key makes a double tap one scan."""

    model_config = {"extra": "forbid"}

    form_key: Key
    stop: int
    action: Annotated[str, Field(pattern=RUN_ACTIONS)]
    code: Code


class RunRefusal(BaseModel):
    """The driver takes nothing more from this stop on; with a code, not that parcel, or not that box with all that lies in it."""

    model_config = {"extra": "forbid"}

    form_key: Key
    stop: int
    code: Code = ""


class Withdrawal(BaseModel):
    """A box that was not taken is taken after all; `stop` is where the driver goes on."""

    model_config = {"extra": "forbid"}

    form_key: Key
    stop: int = 0


class RunUnknown(NotFound):
    code = "run_unknown"


@router.get("/driver")
def runs(request: Request, session: Read, actor: Driver) -> Response:
    """Today's own runs, the one under way first."""
    mine = runs_of_lines(session, actor.tenant_id, clock.today(), actor.scopes("driver"))
    now = clock.now()
    ahead = [r for r in mine if r.calls[-1].arrives_at >= now]
    past = [r for r in mine if r not in ahead]
    return page(request, "fulfillment/driver/index.html", block="runs", ahead=ahead, past=past, called=people_on_runs(session, ahead))


@router.get("/driver/runs/{code}")
def show(request: Request, code: str, session: Read, actor: Driver, stop: int | None = None) -> Response:
    return _run_page(request, session, _own(session, actor, code), stop, None)


@router.post("/driver/runs/{code}/scans")
def scan_on_run(request: Request, code: str, form: Annotated[RunScan, Form()], session: Write, actor: Driver) -> Response:
    """Take on, set down or miss one parcel at a stop, or take on or set down a whole box; the answer says what happened to it."""
    run = _own(session, actor, code)
    call = next((c for c in run.calls if c.position == form.stop), run.calls[0])
    place = call.node if form.action == "unload" else run.departure.code
    was_there = form.action != "lose" and holder_of(session, form.code) == place
    outcome = scan_here(session, actor, form.form_key, form.action, form.code, place)
    said = answer(outcome, form.action, form.code, was_there=was_there, count=_inside(session, actor, form.code))
    return _run_page(request, session, run, call.position, said)


def _inside(session: Session, actor: Actor, read: str) -> int:
    """How many parcels lie in the box that was read; none in a parcel."""
    box = box_code(read)
    return inside(session, actor.tenant_id, box) if box else 0


@router.post("/driver/runs/{code}/refusals")
def refuse_on_run(request: Request, code: str, form: Annotated[RunRefusal, Form()], county: CurrentCounty, actor: Driver) -> Response:
    """Full, or one parcel or box too many: what is aboard stays, the others get another road at once."""
    with db.reading() as session:
        run = _own(session, actor, code)
        stop, box = _stop(run, form.stop).position, box_code(form.code)
        refused = _in_box(session, run, box) if box else [p.code for p in [find_parcel(session, actor.tenant_id, form.code)] if p]
        if form.code.strip() and not refused:
            words = i18n.gettext("这箱里没有记下的件，或者已经在车上") if box else i18n.gettext("没有这个包裹编号")
            return _run_page(request, session, run, stop, Said(i18n.gettext("没有收下"), words, "bad", box))
    why = i18n.gettext(ONE_BOX_TOO_MANY if box else ONE_TOO_MANY if refused else FULL)
    incident = RefuseBoxes(code, 0 if refused else stop, tuple(refused), why)
    done = apply(county, incident, actor=actor, route=f"POST /driver/runs/{code}/refusals", key=form.form_key)
    said = Said(i18n.gettext("记下了"), i18n.gettext("%(n)s 件改坐别的车，调度会看到") % {"n": done["moved"]}, "go", read_code(form.code))
    with db.reading() as session:
        return _run_page(request, session, _own(session, actor, code), stop, said)


@router.get("/driver/refusals/{code}/withdrawal")
def show_withdrawal(request: Request, code: str, county: CurrentCounty, actor: Driver, stop: int = 0) -> Response:
    """Which road a box that was not taken would have if it were taken after all."""
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
        run = _own(session, actor, refusal.departure)
    effect = preview(county, TakeAfterAll(refusal.departure, refusal.parcel))
    return page(
        request, "fulfillment/driver/refusal.html", block="refusal", refusal=refusal, run=run, stop=_stop(run, stop).position,
        shift=next(iter(effect.shifts), None), reasons={c: i18n.gettext(words) for c, words in REASON_WORDS.items()}, form_key=new_token(),
    )  # fmt: skip


@router.post("/driver/refusals/{code}/withdrawal")
def withdraw(request: Request, code: str, form: Annotated[Withdrawal, Form()], county: CurrentCounty, actor: Driver) -> Response:
    """It rides this run again if there is room; then the run, with what became of it."""
    with db.reading() as session:
        refusal = find_refusal(session, actor, code)
    incident = TakeAfterAll(refusal.departure, refusal.parcel)
    apply(county, incident, actor=actor, route=f"POST /refusals/{code}/withdrawal", key=form.form_key)
    with db.reading() as session:
        run = _own(session, actor, refusal.departure)
        if any(box.code == refusal.parcel for box in boxes_of(session, run).all):
            said = Said(i18n.gettext("记下了"), i18n.gettext("这件排回这班，扫一下再装车"), "go", refusal.parcel)
        else:
            said = Said(i18n.gettext("记下了"), i18n.gettext("这班没有它的位置，先别装，它走原来的路"), "wait", refusal.parcel)
        return _run_page(request, session, run, form.stop, said)


def _in_box(session: Session, run: Run, box: str) -> list[str]:
    """What lies in a box that is not aboard this run: the same before and after it was refused."""
    lying = select(Custody.parcel_code).where(Custody.tenant_id == run.departure.tenant_id, Custody.box == box)
    rows = session.exec(lying.where(col(Custody.ended_at).is_(None), Custody.holder_code != run.departure.code))
    return sorted(rows.all())


def _own(session: Session, actor: Actor, code: str) -> Run:
    run = find_run(session, actor.tenant_id, code)
    if run is None or run.line.code not in actor.scopes("driver"):
        raise RunUnknown("这不是你的班次")
    return run


def _run_page(request: Request, session: Session, run: Run, stop: int | None, said: Said | None) -> Response:
    here, boxes = _stop(run, stop), boxes_of(session, run)
    on, off, is_last = boxes.on(here.position), boxes.off(here.position), here.position == boxes.last
    return page(
        request, "fulfillment/driver/run.html", block="run", run=run, here=here, boxes=boxes, on=on, off=off, is_last=is_last,
        unload_first=is_last or (bool(off) and not boxes.count_on(here.position)), said=said, form_key=new_token(), now=clock.now(),
        following=next((c for c in run.calls if c.position > here.position), None), waiting=people_waiting(session, run.departure),
        refused=refusals_of(session, run.departure.tenant_id, run.departure.code),
    )  # fmt: skip


def _stop(run: Run, stop: int | None) -> Call:
    """The asked stop, else the next one by the clock."""
    if stop is not None and (asked := next((c for c in run.calls if c.position == stop), None)):
        return asked
    now = clock.now()
    return next((c for c in run.calls if c.leaves_at >= now), run.calls[-1])
