"""/county/people – who works in the county, for its administrators; /station/people – a master's helpers."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from core import db, i18n, limits, notify
from core.auth.models import User
from core.auth.pages import duties
from core.db import Read, Write
from core.errors import JishiError, NotFound
from core.permissions import Actor, allow
from core.web import page
from core.web.nav import Entry, register
from core.web.templates import localised
from supply.stations.desk import station_now

from . import queries, service
from .forms import HelperForm, InviteForm, PlainForm, PostForm, ReasonForm, StationForm
from .places import places_for
from .posts import POSTS
from .words import act_words

router = APIRouter()
Admin = Annotated[Actor, Depends(allow("admin"))]
Master = Annotated[Actor, Depends(allow("master"))]
_ = i18n.gettext
register("county", Entry(8, "/county/people", i18n.marked("人员"), "people", ("admin",)))
register("station", Entry(8, "/station/people", i18n.marked("站员"), "people", ("master",)))
duties.append(queries.duties)


@router.get("/county/people")
def index(request: Request, session: Read, actor: Admin, role: str = "", cursor: str | None = None) -> Response:
    chosen = role if role in POSTS else ""
    persons, onward = queries.staff(session, tenant_id=actor.tenant_id, role=chosen, cursor=cursor)
    held = queries.counts(session, tenant_id=actor.tenant_id)
    return page(
        request, "people/index.html", block="people", persons=persons, next=onward, cursor=cursor, role=chosen, counts=held,
        posts=POSTS, post=POSTS.get(chosen),
    )  # fmt: skip


@router.get("/county/people/new")
def invitation(request: Request, session: Read, actor: Admin, role: str = "") -> Response:
    return _invitation(request, session, actor, {"role": role if role in POSTS else ""})


def _invitation(request: Request, session: Read, actor: Actor, values: dict[str, Any], wrong: JishiError | None = None) -> Response:
    post = POSTS.get(values["role"])
    places = places_for(session, post.role, post.scope, tenant_id=actor.tenant_id) if post else {}
    return page(
        request, "people/new.html", block="form", status=wrong.status if wrong else 200, post=post, posts=POSTS,
        places=list(places.items()), values=values, wrong=wrong, by_code=notify.can_send(),
    )  # fmt: skip


@router.post("/county/people")
def create_person(request: Request, form: Annotated[InviteForm, Form()], actor: Admin) -> Response:
    limits.hit("invite", actor.user_code, "60/hour")
    try:
        with db.writing() as session:
            user = service.invite(session, actor, phone=form.phone, name=form.name, role=form.role, place=form.place)
    except JishiError as wrong:
        with db.reading() as session:
            return _invitation(request, session, actor, form.model_dump(), wrong)
    return RedirectResponse(localised(f"/county/people/{user.code}"), 303)


@router.get("/county/people/{code}")
def show(request: Request, code: str, session: Read, actor: Admin, role: str = "") -> Response:
    return _shown(request, session, actor, queries.find(session, code, tenant_id=actor.tenant_id), role=role)


def _shown(
    request: Request, session: Read, actor: Actor, user: User, *, role: str = "", wrong: JishiError | None = None
) -> Response:  # fmt: skip
    post = POSTS.get(role)
    places = places_for(session, post.role, post.scope, tenant_id=actor.tenant_id) if post else {}
    return page(
        request, "people/show.html", block="person", status=wrong.status if wrong else 200, wrong=wrong, posts=POSTS, post=post,
        person=queries.person(session, user, tenant_id=actor.tenant_id), places=list(places.items()), acts=act_words(),
        history=queries.history(session, user, tenant_id=actor.tenant_id), myself=user.id == actor.user_id, by_code=notify.can_send(),
    )  # fmt: skip


@router.post("/county/people/{code}/posts")
def create_post(request: Request, code: str, form: Annotated[PostForm, Form()], actor: Admin) -> Response:
    limits.hit("invite", actor.user_code, "60/hour")
    return _changed(request, code, actor, lambda s, user: service.give(s, actor, user, role=form.role, place=form.place), role=form.role)


@router.post("/county/people/{code}/posts/removal")
def remove_post(request: Request, code: str, form: Annotated[PostForm, Form()], actor: Admin) -> Response:
    return _changed(request, code, actor, lambda s, user: service.take(s, actor, user, role=form.role, place=form.place))


@router.post("/county/people/{code}/closing")
def close_person(request: Request, code: str, form: Annotated[ReasonForm, Form()], actor: Admin) -> Response:
    return _changed(request, code, actor, lambda s, user: service.close(s, actor, user, reason=form.reason))


@router.post("/county/people/{code}/sign-in/removal")
def reset_person(request: Request, code: str, form: Annotated[PlainForm, Form()], actor: Admin) -> Response:
    return _changed(request, code, actor, lambda s, user: service.reset_sign_in(s, actor, user))


def _changed(request: Request, code: str, actor: Actor, change: Any, *, role: str = "") -> Response:
    """Do it, or show the person with what was wrong."""
    try:
        with db.writing() as session:
            change(session, queries.find(session, code, tenant_id=actor.tenant_id))
    except JishiError as wrong:
        if isinstance(wrong, NotFound):
            raise
        with db.reading() as session:
            return _shown(request, session, actor, queries.find(session, code, tenant_id=actor.tenant_id), role=role, wrong=wrong)
    return RedirectResponse(localised(f"/county/people/{code}"), 303)


@router.get("/station/people")
def helpers(request: Request, session: Read, actor: Master, station: str = "") -> Response:
    return _helpers(request, session, actor, station)


def _helpers(
    request: Request, session: Read, actor: Actor, station: str, *, values: dict[str, Any] | None = None, wrong: JishiError | None = None
) -> Response:  # fmt: skip
    here = station_now(request, session, actor, station, roles=("master",))
    persons, _onward = queries.staff(session, tenant_id=actor.tenant_id, role="helper", place=here.code, limit=100)
    return page(
        request, "people/station.html", block="helpers", status=wrong.status if wrong else 200, station=here, persons=persons,
        values=values or {}, wrong=wrong, by_code=notify.can_send(),
    )  # fmt: skip


@router.post("/station/people")
def create_helper(request: Request, form: Annotated[HelperForm, Form()], actor: Master) -> Response:
    limits.hit("invite", actor.user_code, "10/hour")
    _own(actor, form.station)
    try:
        with db.writing() as session:
            service.invite(session, actor, phone=form.phone, name=form.name, role="helper", place=form.station)
    except JishiError as wrong:
        with db.reading() as session:
            return _helpers(request, session, actor, form.station, values=form.model_dump(), wrong=wrong)
    return RedirectResponse(localised(f"/station/people?station={form.station}"), 303)


@router.post("/station/people/{code}/removal")
def remove_helper(code: str, form: Annotated[StationForm, Form()], session: Write, actor: Master) -> Response:
    _own(actor, form.station)
    user = queries.find(session, code, tenant_id=actor.tenant_id, helps_at=form.station)
    service.take(session, actor, user, role="helper", place=form.station)
    return RedirectResponse(localised(f"/station/people?station={form.station}"), 303)


def _own(actor: Actor, station: str) -> None:
    if station not in actor.scopes("master"):
        raise NotFound(_("你名下没有这个驿站"))
