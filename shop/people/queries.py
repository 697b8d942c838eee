"""Who works here, and what the audit says about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlmodel import Session, col, func, select

from core import pii
from core.audit import AuditEntry
from core.auth.models import Grant, SecondFactor, SignIn, User
from core.auth.pages import homes
from core.errors import NotFound
from core.i18n import gettext
from core.paging import make_cursor, read_cursor
from core.permissions import Actor

from .places import Places, places_for
from .posts import POSTS


class Held(NamedTuple):
    role: str
    title: str
    place: str
    place_name: str


class Person(NamedTuple):
    code: str
    name: str
    phone: str  # masked
    posts: list[Held]
    seen_at: datetime | None
    has_factor: bool
    closed: bool


class Duty(NamedTuple):
    role: str
    where: str
    words: str
    links: list[tuple[str, str]]


def staff(
    session: Session, *, tenant_id: int, role: str = "", place: str = "", cursor: str | None = None, limit: int = 50
) -> tuple[list[Person], str | None]:
    """Those who hold (or held) a post here, by when they came; and where the next page begins."""
    at = select(Grant.user_id).where(Grant.tenant_id == tenant_id, col(Grant.role).in_([role] if role else POSTS))
    if role:
        at = at.where(col(Grant.revoked_at).is_(None))
    if place:
        at = at.where(Grant.scope_code == place)
    query = select(User).where(col(User.id).in_(at))
    if (after := read_cursor(cursor, int)) is not None:
        query = query.where(col(User.id) > after[0])
    users = session.exec(query.order_by(col(User.id)).limit(limit + 1)).all()
    onward = make_cursor(users[limit - 1].id) if len(users) > limit else None
    return _persons(session, users[:limit], tenant_id=tenant_id), onward


def find(session: Session, code: str, *, tenant_id: int, helps_at: str = "") -> User:
    """A person who has or had a post here (or helps at one station now); anybody else is not there."""
    here = select(Grant.user_id).where(Grant.tenant_id == tenant_id, col(Grant.role).in_(POSTS))
    if helps_at:
        here = here.where(Grant.role == "helper", Grant.scope_code == helps_at, col(Grant.revoked_at).is_(None))
    found = session.exec(select(User).where(User.code == code, col(User.id).in_(here))).first()
    if found is None:
        raise NotFound(gettext("没有这个人"))
    return found


def person(session: Session, user: User, *, tenant_id: int) -> Person:
    return _persons(session, [user], tenant_id=tenant_id)[0]


def counts(session: Session, *, tenant_id: int) -> dict[str, int]:
    """People per role, in the order of the posts; roles nobody holds are left out."""
    rows = session.exec(
        select(Grant.role, func.count(func.distinct(col(Grant.user_id))))
        .where(Grant.tenant_id == tenant_id, col(Grant.revoked_at).is_(None))
        .group_by(col(Grant.role))
    )
    found = dict(rows.all())
    return {role: found[role] for role in POSTS if role in found}


def history(session: Session, user: User, *, tenant_id: int, limit: int = 20) -> Sequence[tuple[AuditEntry, str]]:
    """The latest audit rows about a person, each with the name of who did it."""
    rows = session.exec(
        select(AuditEntry)
        .where(AuditEntry.tenant_id == tenant_id, AuditEntry.subject == user.code)
        .order_by(col(AuditEntry.id).desc())
        .limit(limit)
    ).all()
    codes = {row.actor.removeprefix("user:") for row in rows}
    names = dict(session.exec(select(User.code, User.name).where(col(User.code).in_(codes))).all())
    names["operator"] = gettext("管服务器的人")
    return [(row, names.get(row.actor.removeprefix("user:"), row.actor)) for row in rows]


def duties(session: Session, actor: Actor) -> list[Duty]:
    """What the caller's posts are and where each is done."""
    found = []
    for role, post in POSTS.items():
        scopes = sorted(code for held, _kind, code in actor.grants if held == role)
        if not scopes:
            continue
        names = places_for(session, role, post.scope, tenant_id=actor.tenant_id)
        own = {path for path, _words in post.links}
        desk = [(homes[role], gettext("去工作台"))] if homes.get(role, "") not in {"", *own} else []
        found.append(
            Duty(
                post.title, gettext("、").join(names.get(code, code) for code in scopes if code), gettext(post.duty),
                desk + [(path, gettext(words)) for path, words in post.links],
            )
        )  # fmt: skip
    return found


def _persons(session: Session, users: Sequence[User], *, tenant_id: int) -> list[Person]:
    ids = [user.id for user in users]
    held: dict[int, list[Grant]] = {}
    for grant in session.exec(
        select(Grant)
        .where(Grant.tenant_id == tenant_id, col(Grant.user_id).in_(ids), col(Grant.revoked_at).is_(None), col(Grant.role).in_(POSTS))
        .order_by(col(Grant.id))
    ):
        held.setdefault(grant.user_id, []).append(grant)
    seen = dict(
        session.exec(
            select(SignIn.user_id, func.max(SignIn.seen_at))
            .where(SignIn.tenant_id == tenant_id, col(SignIn.user_id).in_(ids))
            .group_by(col(SignIn.user_id))
        ).all()
    )
    sure = set(
        session.exec(select(SecondFactor.user_id).where(col(SecondFactor.user_id).in_(ids), col(SecondFactor.confirmed_at).is_not(None)))
    )
    names: dict[str, Places] = {}
    for role in {g.role for grants in held.values() for g in grants}:
        names[role] = places_for(session, role, POSTS[role].scope, tenant_id=tenant_id)
    return [
        Person(
            user.code, user.name, pii.mask_phone(pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")),
            [
                Held(g.role, POSTS[g.role].title, g.scope_code, names[g.role].get(g.scope_code, g.scope_code))
                for g in held.get(user.id or 0, [])
            ],
            seen.get(user.id), user.id in sure, user.disabled_at is not None,
        )
        for user in users
    ]  # fmt: skip
