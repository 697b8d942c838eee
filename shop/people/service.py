"""What can happen to those who work in a county. Every act leaves an audit row; nobody raises themselves.

A person's account is shared by all counties; a county decides only what they hold here. An account that no other county
knows is closed with the last post.
"""

from sqlmodel import Session, col, select, update

from core import audit, clock, i18n, notify, pii
from core.auth import second_factor
from core.auth import service as people
from core.auth.models import Grant, User
from core.errors import Conflict, Forbidden, NotFound, Refused
from core.permissions import STAFF, Actor
from core.settings import settings
from core.text import clean
from supply.growers.models import Grower
from supply.stations.models import Station

from .places import places_for
from .posts import APART, POSTS, Post

_ = i18n.gettext


class NotYourself(Forbidden):
    code = "not_yourself"


class KeptApart(Conflict):
    code = "kept_apart"


def invite(session: Session, actor: Actor, *, phone: str, name: str, role: str, place: str) -> User:
    """Give somebody a post, known here or not; they are told by message and sign in with a code.

    Raises Refused naming the field, Forbidden, NotYourself, KeptApart.
    """
    post = _post(role)
    number, called = pii.normalise_phone(phone), clean(name)
    if not 1 <= len(called) <= 60:
        raise Refused(_("请写姓名，最多 60 个字"), field="name")
    place = _place(session, actor, post, place)
    user = people.find_user(session, number) or people.add_user(session, number, called)
    if user.name == pii.mask_phone(number):  # came in by code and never said a name
        user.name = called
    user.disabled_at = None
    give(session, actor, user, role=role, place=place)
    return user


def give(session: Session, actor: Actor, user: User, *, role: str, place: str) -> None:
    """Give a post; its holder is signed out and finds it at the next sign-in. Giving it again changes nothing."""
    post = _post(role)
    place = _place(session, actor, post, place)
    _may(actor, post, place)
    _another(actor, user)
    keep_apart(role, {g.role for g in grants(session, user, tenant_id=actor.tenant_id)})
    if (role, place) in {(g.role, g.scope_code) for g in grants(session, user, tenant_id=actor.tenant_id)}:
        return
    people.grant(session, user, role, tenant_id=actor.tenant_id, scope_kind=post.scope, scope_code=place)
    _books(session, actor, user, post, place, holds=True)
    people.end_sessions_of(session, user.id or 0, tenant_id=actor.tenant_id)
    _record(session, actor, user, "role.grant", granted=role, place=place)
    with i18n.speaking("zh"):  # the message of whoever is given the post, not of the page that gave it
        words = _("请你当{post}。用这个手机号收验证码登录：{address}/login").format(post=post.title, address=settings.address)
    number = pii.unseal(user.phone_sealed, f"app_user.phone:{user.code}")
    notify.tell(
        session, number, words, tenant_id=actor.tenant_id, key=f"post:{user.code}:{role}:{place}:{clock.now():%Y%m%d%H%M%S%f}"
    )  # fmt: skip


def keep_apart(role: str, held: set[str]) -> None:
    """No one person holds two posts that watch each other. Raises KeptApart."""
    if any(role in apart and held & (apart - {role}) for apart in APART):
        raise KeptApart(_("同一个人不能又当县管理员又当财务"), field="role")


def take(session: Session, actor: Actor, user: User, *, role: str, place: str) -> None:
    """Take a post back; whoever held it is signed out."""
    post = _post(role)
    _may(actor, post, place)
    _another(actor, user)
    if not people.revoke(session, user.id or 0, role, tenant_id=actor.tenant_id, scope_kind=post.scope, scope_code=place):
        raise NotFound(_("没有这个岗位"))
    _books(session, actor, user, post, place, holds=False)
    people.end_sessions_of(session, user.id or 0, tenant_id=actor.tenant_id)
    _record(session, actor, user, "role.revoke", revoked=role, place=place)


def close(session: Session, actor: Actor, user: User, *, reason: str) -> None:
    """Take every post back, sign out everywhere here, and close the account unless another county knows it."""
    _another(actor, user)
    if not (words := clean(reason)):
        raise Refused(_("请写停用的原因"), field="reason")
    for held in grants(session, user, tenant_id=actor.tenant_id):
        people.revoke(session, user.id or 0, held.role, tenant_id=actor.tenant_id, scope_kind=held.scope_kind, scope_code=held.scope_code)
        _books(session, actor, user, _post(held.role), held.scope_code, holds=False)
    people.end_sessions_of(session, user.id or 0, tenant_id=actor.tenant_id)
    if not _known_elsewhere(session, user, actor.tenant_id):
        user.disabled_at = clock.now()
    _record(session, actor, user, "user.close", reason=words[:200])


def reset_sign_in(session: Session, actor: Actor, user: User) -> None:
    """Lost phone or forgotten password: both are forgotten here and set anew after signing in by code."""
    _another(actor, user)
    if _known_elsewhere(session, user, actor.tenant_id):
        raise Conflict(_("这个人在别的县也有岗位，请由本人在“我的”里改"))
    second_factor.forget(session, user)
    user.password_hash = user.password_until = None
    people.end_sessions_of(session, user.id or 0)
    _record(session, actor, user, "user.reset_sign_in")


def grants(session: Session, user: User, *, tenant_id: int) -> list[Grant]:
    """The posts a person holds here."""
    rows = session.exec(
        select(Grant)
        .where(Grant.tenant_id == tenant_id, Grant.user_id == user.id, col(Grant.revoked_at).is_(None), col(Grant.role).in_(POSTS))
        .order_by(col(Grant.id))
        .execution_options(populate_existing=True)
    )
    return list(rows)


def _post(role: str) -> Post:
    if role not in POSTS:
        raise Refused(_("没有这个岗位"), field="role")
    return POSTS[role]


def _place(session: Session, actor: Actor, post: Post, place: str) -> str:
    """The place, checked against the county's own; a post of the whole county has none."""
    known = places_for(session, post.role, post.scope, tenant_id=actor.tenant_id)
    if post.scope == "county" or (post.scope == "own" and post.role == "seller"):
        return ""
    if place not in known:
        raise Refused(_("请选一个地方"), field="place")
    return place


def _may(actor: Actor, post: Post, place: str) -> None:
    """The county's administrators fill every post, a master their own station's helpers."""
    if not (actor.has("admin") or (post.role == "helper" and place in actor.scopes("master"))):
        raise Forbidden(_("这个岗位不归你安排"))


def _another(actor: Actor, user: User) -> None:
    if user.id == actor.user_id:
        raise NotYourself(_("自己的岗位要由另一位管理员来改"))


def _known_elsewhere(session: Session, user: User, tenant_id: int) -> bool:
    """Whether another county gave this account a staff post."""
    other = select(Grant.id).where(
        Grant.user_id == user.id, Grant.tenant_id != tenant_id, col(Grant.revoked_at).is_(None), col(Grant.role).in_(STAFF)
    )
    return session.exec(other).first() is not None


def _books(session: Session, actor: Actor, user: User, post: Post, place: str, *, holds: bool) -> None:
    """Stations name their master, suppliers their account."""
    if post.role == "master":
        mine = update(Station).where(col(Station.tenant_id) == actor.tenant_id, col(Station.code) == place)
        if holds:
            session.exec(mine.values(master_id=user.id, master_name=user.name))
        else:
            session.exec(mine.where(col(Station.master_id) == user.id).values(master_id=None))
    elif post.role in ("grower", "co-op", "merchant"):
        own = update(Grower).where(col(Grower.tenant_id) == actor.tenant_id, col(Grower.code) == place)
        session.exec(own.values(user_id=user.id) if holds else own.where(col(Grower.user_id) == user.id).values(user_id=None))


def _record(session: Session, actor: Actor, user: User, act: str, *, reason: str = "", **facts: str) -> None:
    role = next((r for r in ("admin", "master") if actor.has(r)), "")
    audit.record(session, act, tenant_id=actor.tenant_id, actor=actor.key, role=role, subject=user.code, reason=reason, **facts)
