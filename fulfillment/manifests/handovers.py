"""/station/handovers, /hub/handovers, /driver/handovers – what is to be signed where somebody stands, one large button each."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from core import db
from core.db import Read, Write
from core.errors import JishiError
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from fulfillment.timetable.service import DepartureUnknown
from supply.stations.desk import station_now, stations_of, work_at
from supply.stations.models import Station

from .models import SignedAs
from .naming import name_standing
from .sides import DRIVERS, KEEPERS, SORTERS
from .signing import Word, sign
from .waiting import ToSign, changed_since, groups_to_name, listed, one_to_sign, to_sign

router = APIRouter()
Keeper = Annotated[Actor, Depends(allow(*KEEPERS))]
Sorter = Annotated[Actor, Depends(allow(*SORTERS))]
Driver = Annotated[Actor, Depends(allow(*DRIVERS))]
register("hub", Entry(2, "/hub/handovers", "交接", "edit"))
register("driver", Entry(2, "/driver/handovers", "交接", "edit"))
STATION, HUB, DRIVER = "/station/handovers", "/hub/handovers", "/driver/handovers"
Code = Annotated[str, Field(max_length=80)]


class Signature(BaseModel):
    """One side of a manifest as it was found. The same again is the first answer, so the form needs no memory."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(max_length=100)] = ""
    side: Annotated[str, Field(max_length=20)]
    stop: Annotated[int, Field(ge=0, le=10_000)]
    missing: Annotated[list[Code], Field(max_length=5_000)] = []
    extra: Annotated[str, Field(max_length=4_000)] = ""
    reason: Annotated[str, Field(max_length=2_000)] = ""


class Standing(BaseModel):
    """The boxes of one group: those ticked and those typed, instead of what was named before."""

    model_config = {"extra": "forbid"}

    form_key: Annotated[str, Field(max_length=100)] = ""
    alight: Annotated[int, Field(ge=0, le=10_000)]
    tier: Annotated[str, Field(max_length=20)]
    box: Annotated[list[Code], Field(max_length=200)] = []
    codes: Annotated[str, Field(max_length=2_000)] = ""


def split(typed: str) -> list[str]:
    """Codes typed with spaces or commas between."""
    return typed.replace("，", " ").replace(",", " ").split()


@router.get(STATION)
def at_station(request: Request, session: Read, actor: Keeper, station: str = "", cursor: str | None = None) -> Response:
    """At the one of the keeper's stations that is asked for."""
    here = station_now(request, session, actor, station, roles=KEEPERS)
    return _list(request, session, actor, STATION, KEEPERS, here=here, cursor=cursor)


@router.get(HUB)
def at_hub(request: Request, session: Read, actor: Sorter, cursor: str | None = None) -> Response:
    return _list(request, session, actor, HUB, SORTERS, cursor=cursor)


@router.get(DRIVER)
def at_the_wheel(request: Request, session: Read, actor: Driver, run: str = "", cursor: str | None = None) -> Response:
    return _list(request, session, actor, DRIVER, DRIVERS, run, cursor=cursor)


@router.get(STATION + "/{code}")
def show_at_station(request: Request, code: str, session: Read, actor: Keeper, side: str = "", stop: int | None = None) -> Response:
    return _show(request, session, actor, STATION, KEEPERS, code, side, stop)


@router.get(HUB + "/{code}")
def show_at_hub(request: Request, code: str, session: Read, actor: Sorter, side: str = "", stop: int | None = None) -> Response:
    return _show(request, session, actor, HUB, SORTERS, code, side, stop)


@router.get(DRIVER + "/{code}")
def show_at_the_wheel(request: Request, code: str, session: Read, actor: Driver, side: str = "", stop: int | None = None) -> Response:
    return _show(request, session, actor, DRIVER, DRIVERS, code, side, stop)


@router.post(STATION + "/{code}")
def sign_at_station(request: Request, code: str, form: Annotated[Signature, Form()], session: Write, actor: Keeper) -> Response:
    """A station gives, or takes over."""
    return _sign(request, session, actor, STATION, KEEPERS, code, form)


@router.post(STATION + "/{code}/boxes")
def name_at_station(request: Request, code: str, form: Annotated[Standing, Form()], session: Write, actor: Keeper) -> Response:
    """The boxes of one group, of those that stand there: a new revision, to be signed instead. The same again changes nothing."""
    try:
        named = name_standing(session, actor, code, (form.alight, form.tier), [*form.box, *split(form.codes)], roles=KEEPERS)
    except JishiError as wrong:
        session.rollback()
        with db.reading() as reading:
            return _show(request, reading, actor, STATION, KEEPERS, code, SignedAs.GIVEN, None, wrong)
    return page(request, "fulfillment/ops/asked.html", back=f"{STATION}/{named.code}?side={SignedAs.GIVEN}&stop={named.stop}")


@router.post(HUB + "/{code}")
def sign_at_hub(request: Request, code: str, form: Annotated[Signature, Form()], session: Write, actor: Sorter) -> Response:
    """A hub gives, or takes over."""
    return _sign(request, session, actor, HUB, SORTERS, code, form)


@router.post(HUB + "/runs/{run}")
def receive_whole_run(request: Request, run: str, session: Write, actor: Sorter) -> Response:
    """What a run brings from many stops is counted together: all of it that is not signed yet, and nothing differs."""
    due = [t for t in to_sign(session, actor, roles=SORTERS, run=run).tasks if t.side.side is SignedAs.RECEIVED and t.is_due]
    if not due:
        raise DepartureUnknown("没有这个班次，或者它没有要你收的货")
    for task in due:
        if task.signed is None:
            sign(session, actor, task.manifest.code, Word(*task.side.key), roles=SORTERS)
    return page(request, "fulfillment/ops/asked.html", back=HUB)


@router.post(DRIVER + "/{code}")
def sign_at_the_wheel(request: Request, code: str, form: Annotated[Signature, Form()], session: Write, actor: Driver) -> Response:
    """A driver takes."""
    return _sign(request, session, actor, DRIVER, DRIVERS, code, form)


def _list(
    request: Request, session: Session, actor: Actor, desk: str, roles: Sequence[str], run: str = "", here: Station | None = None,
    cursor: str | None = None,
) -> Response:  # fmt: skip
    tasks, following = to_sign(session, actor, roles=roles, run=run, at=here.code if here else "", cursor=cursor)
    brought: dict[str, list[ToSign]] = {}
    for task in tasks if desk == HUB else ():
        if task.side.side is SignedAs.RECEIVED and task.is_due and not task.signed:
            brought.setdefault(task.run.departure.code, []).append(task)
    return page(
        request, "fulfillment/manifests/handovers.html", block="handovers", desk=desk, station=here,
        waiting=[t for t in tasks if not t.signed and t.is_due],
        coming=[t for t in tasks if not t.signed and not t.is_due], signed=[t for t in tasks if t.signed],
        together=[each for each in brought.values() if len(each) > 1], following=following, is_first=not cursor,
    )  # fmt: skip


def _show(
    request: Request, session: Session, actor: Actor, desk: str, roles: Sequence[str], code: str, side: str, stop: int | None,
    wrong: JishiError | None = None, typed: Signature | None = None,
) -> Response:  # fmt: skip
    """The side asked for, else the first that is to be signed."""
    sides = one_to_sign(session, actor, code, roles=roles)
    asked = [t for t in sides if t.side.side == side and stop in (None, t.side.call.position)]
    task: ToSign = next(iter(asked or [t for t in sides if not t.signed] or sides))
    rows, own = listed(session, task), stations_of(session, actor, KEEPERS) if desk == STATION else []
    for here in own:
        if here.code == task.side.call.node:
            work_at(request, here, own)
    may_name = desk == STATION and task.side.side is SignedAs.GIVEN and task.is_due and not task.signed
    groups = groups_to_name(session, task) if may_name else []
    return page(
        request, "fulfillment/manifests/sign.html", block="handover", status=wrong.status if wrong else 200, desk=desk, task=task,
        sides=sides, rows=rows, groups=groups, scanned=sum(row.seen for row in rows), wrong=wrong, typed=typed,
        since=changed_since(session, task),
    )  # fmt: skip


def _sign(
    request: Request, session: Session, actor: Actor, desk: str, roles: Sequence[str], code: str, form: Signature
) -> Response:  # fmt: skip
    word = Word(form.side, form.stop, form.missing, split(form.extra), form.reason)
    try:
        sign(session, actor, code, word, roles=roles)
    except JishiError as wrong:
        session.rollback()
        with db.reading() as reading:
            return _show(request, reading, actor, desk, roles, code, form.side, form.stop, wrong, form)
    return page(request, "fulfillment/ops/asked.html", back=f"{desk}/{code}?side={form.side}&stop={form.stop}")
