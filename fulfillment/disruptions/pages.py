"""/ops/departures/…/delay, refusal, reinstatement; /ops/closures – each first shows what it would do, then does it."""

from collections.abc import Collection
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlmodel import Session, col, select

from core import clock, db, i18n
from core.codes import new_token
from core.db import Read, Write
from core.errors import Refused
from core.idempotency import once
from core.moments import read_instant
from core.permissions import Actor, allow
from core.text import Told
from core.web import page
from fulfillment.batching.service import REASON_WORDS
from fulfillment.network.models import Line
from fulfillment.network.words import line_words
from fulfillment.timetable.board import find_run
from fulfillment.timetable.models import Departure
from fulfillment.timetable.running import MOST_LATE_MIN
from fulfillment.timetable.service import DepartureUnknown
from supply.counties.deps import CurrentCounty
from supply.counties.models import County
from supply.stations.models import Station

from .closing import CloseStation
from .closures import DEPARTURE, Span, current, find_closure
from .deed import apply, preview
from .kinds import DelayDeparture, Incident, OutOfService, RefuseBoxes, SuspendLine
from .lifting import Again, foresee, lift, run_after_all
from .models import Closure
from .neighbours import Neighbour, neighbours

router = APIRouter()
_ = i18n.gettext
Desk = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
Key = Annotated[str, Field(max_length=100)]
Typed = Annotated[str, Field(max_length=2_000)]  # judged by the handler, which can draw the form again
REASON: TypeAdapter[str] = TypeAdapter(Annotated[Told, Field(min_length=1, max_length=200)])
KINDS = ("line", "station")
STOPPED = i18n.marked({"line": "停运", "station": "关站", "departure": "不收货"})
AGAIN = i18n.marked({"line": "恢复开行", "station": "重新开站", "departure": "重新收货"})


class DelayForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    minutes: Annotated[int, Field(ge=0, le=MOST_LATE_MIN)] = 10
    reason: Typed = ""


class RefusalForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    stop: Annotated[int, Field(ge=0, le=999)] = 0
    reason: Typed = ""


class KeyForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""


class ClosureForm(BaseModel):
    model_config = {"extra": "forbid"}

    form_key: Key = ""
    kind: Typed = "line"
    subject: Typed = ""
    begins: Typed = ""
    ends: Typed = ""
    instead: Typed = ""
    reason: Typed = ""


class Listed(NamedTuple):
    """A closing on its page: what is closed, in which way, who stands in for it, and what its end would bring back."""

    closure: Closure
    name: str
    instead: str
    again: Again

    @property
    def state(self) -> str:
        return _(STOPPED[self.closure.subject_kind])

    @property
    def deed(self) -> str:
        return _(AGAIN[self.closure.subject_kind])


class View(NamedTuple):
    """How one disruption is shown before it is done."""

    head: str
    leave: str  # where who does not do it goes
    action: str
    deed: str
    fields: dict[str, object]


@router.get("/ops/departures/{code}/delay")
def show_delay(request: Request, code: str, county: CurrentCounty, actor: Desk, minutes: str = "10", reason: str = "") -> Response:
    """What a delay of so many minutes would do; what is no number of minutes is shown as ten."""
    late = int(minutes) if minutes.isascii() and minutes.isdigit() and len(minutes) < 4 else 10
    return _foreseen(request, county, DelayDeparture(code, min(late, MOST_LATE_MIN)), reason=reason)


@router.post("/ops/departures/{code}/delay")
def delay(request: Request, code: str, form: Annotated[DelayForm, Form()], county: CurrentCounty, actor: Desk) -> Response:
    reason, errors = _read(form.reason)
    if errors:
        return _foreseen(request, county, DelayDeparture(code, form.minutes), reason=form.reason, errors=errors)
    return _do(request, county, actor, DelayDeparture(code, form.minutes, reason), form.form_key, back=f"/ops/departures/{code}")


@router.get("/ops/departures/{code}/refusal")
def show_refusal(request: Request, code: str, county: CurrentCounty, actor: Desk, stop: str = "0", reason: str = "") -> Response:
    """What it would do if the driver took nothing more from a stop on."""
    position = int(stop) if stop.isascii() and stop.isdigit() and len(stop) < 4 else 0
    return _foreseen(request, county, RefuseBoxes(code, position), reason=reason)


@router.post("/ops/departures/{code}/refusal")
def refuse(request: Request, code: str, form: Annotated[RefusalForm, Form()], county: CurrentCounty, actor: Desk) -> Response:
    reason, errors = _read(form.reason)
    if errors:
        return _foreseen(request, county, RefuseBoxes(code, form.stop), reason=form.reason, errors=errors)
    return _do(request, county, actor, RefuseBoxes(code, form.stop, (), reason), form.form_key, back=f"/ops/departures/{code}")


@router.post("/ops/departures/{code}/reinstatement")
def reinstate(
    request: Request, code: str, form: Annotated[KeyForm, Form()], session: Write, county: CurrentCounty, actor: Desk
) -> Response:  # fmt: skip
    """A departure cancelled by mistake runs after all."""

    def work() -> tuple[int, dict[str, int]]:
        return 200, run_after_all(session, county, code, by=actor.user_code)._asdict()

    _keyed(session, county, actor, f"POST /departures/{code}/reinstatement", form.form_key, work)
    return page(request, "fulfillment/ops/asked.html", back=f"/ops/departures/{code}")


@router.get("/ops/closures")
def show_closures(request: Request, session: Read, county: CurrentCounty, actor: Desk) -> Response:
    return _closures(request, session, county, {}, {})


@router.get("/ops/closures/preview")
def show_closure(
    request: Request, session: Read, county: CurrentCounty, actor: Desk, kind: str = "", subject: str = "", begins: str = "",
    ends: str = "", instead: str = "", reason: str = "",
) -> Response:  # fmt: skip
    """What suspending a line or closing a station would do; what cannot be read is drawn again in its form."""
    form = ClosureForm(kind=kind[:80], subject=subject[:80], begins=begins[:40], ends=ends[:40], instead=instead[:80], reason=reason[:300])
    try:
        return _foreseen(request, county, _incident(form, ""), form=form, reason=form.reason)
    except Refused as refused:
        return _closures(request, session, county, form.model_dump(), {_field(refused): refused.detail})


@router.post("/ops/closures")
def close(request: Request, form: Annotated[ClosureForm, Form()], county: CurrentCounty, actor: Desk) -> Response:
    reason, errors = _read(form.reason)
    try:
        incident = _incident(form, reason)
        if errors:
            return _foreseen(request, county, incident, form=form, reason=form.reason, errors=errors)
        return _do(request, county, actor, incident, form.form_key, back="/ops/closures", sent=form.model_dump_json())
    except Refused as refused:
        with db.reading() as session:
            return _closures(request, session, county, form.model_dump(), {_field(refused): refused.detail})


@router.post("/ops/closures/{code}/lifting")
def lift_closure(
    request: Request, code: str, form: Annotated[KeyForm, Form()], session: Write, county: CurrentCounty, actor: Desk
) -> Response:  # fmt: skip
    """The line runs, the station opens or the departure takes goods from now on; of a departure, back to its page."""

    def work() -> tuple[int, dict[str, int]]:
        return 200, lift(session, county, code, by=actor.user_code)._asdict()

    _keyed(session, county, actor, f"POST /closures/{code}/lifting", form.form_key, work)
    closure = find_closure(session, county.id, code)
    back = f"/ops/departures/{closure.subject_code}" if closure.subject_kind == DEPARTURE else "/ops/closures"
    return page(request, "fulfillment/ops/asked.html", back=back)


def _keyed(session: Session, county: County, actor: Actor, route: str, key: str, work) -> None:  # type: ignore[no-untyped-def]
    once(session, tenant_id=county.id, actor=actor.key, route=route, key=key or None, body=b"", work=work)


def _do(request: Request, county: County, actor: Actor, incident: Incident, key: str, *, back: str, sent: str = "") -> Response:
    apply(county, incident, actor=actor, route=f"POST {incident.kind} {incident.subject}", key=key or None, sent=sent)
    return page(request, "fulfillment/ops/asked.html", back=back)


def _incident(form: ClosureForm, reason: str) -> SuspendLine | CloseStation:
    """Raises Refused at the field that cannot be read."""
    begins, ends = _moment(form.begins, "begins"), _moment(form.ends, "ends")
    span = Span(begins or clock.now(), ends)
    if form.kind not in KINDS:
        raise Refused("要停的是线路还是驿站", field="subject")
    return SuspendLine(form.subject, span, reason) if form.kind == "line" else CloseStation(form.subject, span, reason, form.instead)


def _moment(typed: str, field: str):  # type: ignore[no-untyped-def]
    try:
        return read_instant(typed) if typed.strip() else None
    except ValueError as wrong:
        raise Refused(str(wrong), field=field) from wrong


def _field(refused: Refused) -> str:
    return {"from": "begins", "until": "ends"}.get(str(refused.more.get("field")), str(refused.more.get("field")))


def _read(typed: str) -> tuple[str, dict[str, str]]:
    """What was typed as it will be kept, or what is wrong with it."""
    try:
        return REASON.validate_python(typed), {}
    except ValidationError:
        return "", {"reason": _("写明为什么，200 字以内")}


def _foreseen(
    request: Request, county: County, incident: Incident, *, form: ClosureForm | None = None, reason: str = "",
    errors: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    effect = preview(county, incident)
    near: list[Neighbour] = []
    with db.reading() as session:
        view = _view(session, county, incident, effect.moved, form)
        if isinstance(incident, CloseStation):
            near = neighbours(session, county, incident.code, incident.span)
    return page(
        request, "fulfillment/ops/foreseen.html", block="foreseen", status=422 if errors else 200, **view._asdict(), effect=effect,
        form_key=new_token(), values={"reason": reason}, errors=errors or {},
        reasons={code: _(words) for code, words in REASON_WORDS.items()}, neighbours=near,
    )  # fmt: skip


def _view(session: Session, county: County, incident: Incident, moved: int, form: ClosureForm | None) -> View:
    """The deed with its numbers on the button."""
    if isinstance(incident, OutOfService):
        assert form is not None
        names = _names(session, county)
        name, instead = names[incident.subject_kind].get(incident.subject, incident.subject), names["station"].get(form.instead, "")
        line = incident.subject_kind == "line"
        deed = (
            _deed(_("照此停运"), _("照此停运，%(n)s 件换路"), moved) if line else _deed(_("照此关站"), _("照此关站，%(n)s 件换路"), moved)
        )
        head = _("停运 %(name)s") if line else _("关站 %(name)s，%(instead)s代收代发") if instead else _("关站 %(name)s")
        fields = {key: value for key, value in form.model_dump().items() if key not in ("form_key", "reason")}
        return View(head % {"name": name, "instead": instead}, "/ops/closures", "/ops/closures", deed, fields)
    run = find_run(session, county.id, incident.subject)
    if run is None:
        raise DepartureUnknown("没有这个班次")
    back = f"/ops/departures/{incident.subject}"
    name = run.called
    if isinstance(incident, DelayDeparture):
        head, deed = _("%(name)s 晚 %(n)s 分钟"), _deed(_("照此晚点"), _("照此晚点，%(n)s 件有车可坐"), moved)
        return View(head % {"name": name, "n": incident.minutes}, back, f"{back}/delay", deed, {"minutes": incident.minutes})
    assert isinstance(incident, RefuseBoxes)
    stop = next((c.name for c in run.calls if c.position >= incident.position), run.calls[-1].name)
    head, deed = _("%(name)s 从%(stop)s起不收箱"), _deed(_("照此不收"), _("照此不收，%(n)s 件改坐别的车"), moved)
    return View(head % {"name": name, "stop": stop}, back, f"{back}/refusal", deed, {"stop": incident.position})


def _deed(alone: str, counted: str, moved: int) -> str:
    """What the button says: with how many parcels it moves, where it moves any."""
    return counted % {"n": moved} if moved else alone


def _closures(request: Request, session: Session, county: County, values: dict[str, str], errors: dict[str, str]) -> Response:
    names = _names(session, county)
    rows = current(session, county.id)
    names["departure"] = _runs(session, county, [c.subject_code for c in rows if c.subject_kind == DEPARTURE])
    listed = [
        Listed(
            c, names[c.subject_kind].get(c.subject_code, c.subject_code), names["station"].get(c.instead, ""), foresee(session, county, c)
        )
        for c in rows
    ]  # fmt: skip
    return page(
        request, "fulfillment/ops/closures.html", block="closures", status=422 if errors else 200, closures=listed,
        lines=list(names["line"].items()), stations=list(names["station"].items()), values=values, errors=errors, form_key=new_token(),
    )  # fmt: skip


def _runs(session: Session, county: County, codes: Collection[str]) -> dict[str, str]:
    """Departures by code as people call them."""
    if not codes:
        return {}
    query = select(Departure.code, Departure.starts_at, Line.number, Line.kind).join(Line, col(Line.id) == col(Departure.line_id))
    rows = session.exec(query.where(Departure.tenant_id == county.id, col(Departure.code).in_(codes)))
    return {code: f"{line_words(number, kind)} {clock.local(at):%H:%M}" for code, at, number, kind in rows}


def _names(session: Session, county: County) -> dict[str, dict[str, str]]:
    lines = session.exec(select(Line).where(Line.tenant_id == county.id).order_by(col(Line.position), col(Line.id)))
    stations = session.exec(select(Station.code, Station.name).where(Station.tenant_id == county.id).order_by(col(Station.node_id)))
    return {"line": {line.code: f"{line_words(line.number, line.kind)} {line.name}" for line in lines}, "station": dict(stations.all())}
