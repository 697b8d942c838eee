"""/statements/{code}/members – a co-op's statement split among its members; /station/coops – who the members are."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response
from sqlmodel import Session, col, select

from core import db, i18n
from core.codes import new_token
from core.db import Read
from core.errors import JishiError, NotFound, Refused
from core.permissions import Actor, SignedIn, allow
from core.web import page
from core.web.forms import do_once
from core.web.nav import Entry, register
from supply.growers.members import add_member, members_of
from supply.growers.models import Grower, GrowerKind
from supply.stations.desk import KEEPERS, station_now
from supply.stations.models import Station

from . import members, reading
from .forms import MemberForm
from .member_files import grades_of, member_file, named
from .models import Statement

router = APIRouter()
_ = i18n.gettext
Keeper = Annotated[Actor, Depends(allow("master", "helper"))]
register("station", Entry(11, "/station/coops", i18n.marked("合作社"), "people", KEEPERS))


def _split(session: Session, actor: Actor, code: str) -> tuple[Statement, list[members.Part]]:
    """Raises StatementUnknown, NotFound where it is no co-op's."""
    found = reading.find_slip(session, actor, code)
    if not members.is_coop(session, found):
        raise NotFound(_("这张结算单不是合作社的"))
    return found, members.parts_of(session, found)


@router.get("/statements/{code}/members")
def show(request: Request, code: str, session: Read, actor: SignedIn) -> Response:
    statement, parts = _split(session, actor, code)
    return page(
        request, "fulfillment/settlement/members.html", block="members", s=statement, parts=parts, named=named, grades_of=grades_of
    )  # fmt: skip


@router.get("/statements/{code}/members.{kind}")
def download(code: str, kind: str, session: Read, actor: SignedIn) -> Response:
    """pdf, xlsx or csv."""
    statement, parts = _split(session, actor, code)
    if kind not in ("pdf", "xlsx", "csv"):
        raise NotFound(_("没有这种文件"))
    made = member_file(statement, parts, kind)
    headers = {"Content-Disposition": f'inline; filename="{made.name}"', "Cache-Control": "no-store"}
    return Response(made.body, media_type=made.kind, headers=headers)


@router.get("/station/coops")
def coops(request: Request, session: Read, actor: Keeper, station: str = "") -> Response:
    return _coops(request, session, actor, station)


def _coops(
    request: Request, session: Session, actor: Actor, station: str, *, wrong: JishiError | None = None, typed: Any = None
) -> Response:
    here = station_now(request, session, actor, station)
    rows = session.exec(_of(here).order_by(col(Grower.name), col(Grower.id))).all()
    return page(
        request, "fulfillment/settlement/coops.html", block="coops", status=wrong.status if wrong else 200, station=here,
        coops=[(coop, members_of(session, coop)) for coop in rows], typed=typed or {}, form_key=new_token(),
        errors={str(wrong.more.get("field", "number")): wrong.detail} if wrong else {},
    )  # fmt: skip


def _of(station: Station) -> Any:
    return select(Grower).where(
        Grower.tenant_id == station.tenant_id, Grower.station_id == station.node_id, Grower.kind == GrowerKind.COOP
    )  # fmt: skip


@router.post("/station/coops")
def create_member(request: Request, form: Annotated[MemberForm, Form()], actor: Keeper) -> Response:
    def work(session: Session) -> str:
        here = station_now(request, session, actor, form.station)
        coop = session.exec(_of(here).where(Grower.code == form.coop)).first()
        if coop is None:
            raise Refused(_("没有这个合作社"), field="coop")
        return add_member(session, coop, number=form.number, name=form.name).number

    try:
        do_once(actor, "POST /station/coops", form, work)
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _coops(request, session, actor, form.station, wrong=wrong, typed=form.model_dump())
    return page(request, "fulfillment/ops/asked.html", back="/station/coops" + (f"?station={form.station}" if form.station else ""))
