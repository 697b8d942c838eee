"""Whoever is calling: from a cookie, a Bearer token, or nobody.

Resolved lazily, once per request, in a short read of its own. A session's `seen_at` is touched at most every five
minutes, so reading pages hardly ever writes.
"""

from datetime import timedelta

from anyio.to_thread import run_sync
from fastapi import Request
from sqlalchemy import Connection, Table, bindparam, event
from sqlalchemy import select as sql_select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import SessionTransaction
from sqlmodel import Session, col, update

from core import clock, db
from core.permissions import STAFF, Actor
from core.settings import settings
from core.tenant import known_tenant, tenant_of

from .models import Device, Grant, SignIn, User
from .service import MEMBER_DAYS, STAFF_HOURS, hash_token, start_session

TOUCH = timedelta(minutes=5)
STAFF_IDLE = timedelta(minutes=30)
DEMO_IDLE = timedelta(hours=12)  # nobody should be thrown out of a demonstration
_sign_in: Table = SignIn.__table__  # type: ignore[attr-defined]
_user: Table = User.__table__  # type: ignore[attr-defined]
_WHO = (
    sql_select(
        *(_sign_in.c[n] for n in ("id", "code", "tenant_id", "is_bearer", "revoked_at", "expires_at", "seen_at", "started_at")),
        _sign_in.c.second_factor_at, _user.c.id.label("user_id"), _user.c.code.label("user_code"), _user.c.name, _user.c.disabled_at,
    )
    .select_from(_sign_in.outerjoin(_user, _user.c.id == _sign_in.c.user_id))
    .where(_sign_in.c.token_hash == bindparam("hash"))
)  # fmt: skip

_grant: Table = Grant.__table__  # type: ignore[attr-defined]
_GRANTS = sql_select(_grant.c.role, _grant.c.scope_kind, _grant.c.scope_code).where(
    _grant.c.user_id == bindparam("user"), _grant.c.tenant_id == bindparam("tenant"), _grant.c.revoked_at.is_(None)
)
_device_row: Table = Device.__table__  # type: ignore[attr-defined]
_SCANNER = (
    sql_select(
        *(_device_row.c[n] for n in ("code", "tenant_id", "revoked_at", "expires_at")),
        _user.c.id.label("user_id"), _user.c.code.label("user_code"), _user.c.name, _user.c.disabled_at,
    )
    .select_from(_device_row.join(_user, _user.c.id == _device_row.c.user_id))
    .where(_device_row.c.token_hash == bindparam("hash"))
)  # fmt: skip


def cookie_name() -> str:
    """`__Host-sid` over https; a plain `sid` on a loopback demo."""
    return "__Host-sid" if settings.is_https else "sid"


def receipt_cookie() -> str:
    """Holds the receipt of the one-time code that this browser asked for, as long as the code is good."""
    return "__Host-receipt" if settings.is_https else "receipt"


def carries_bearer(request: Request) -> bool:
    """Whether a Bearer says who calls; a cookie beside it is then not looked at."""
    return request.headers.get("authorization", "").partition(" ")[0].lower() == "bearer"


def _token(request: Request) -> tuple[str, bool]:
    """The token this request carries ("" for none) and whether it came as Bearer."""
    if carries_bearer(request):
        return request.headers["authorization"].partition(" ")[2].strip(), True
    return request.cookies.get(cookie_name(), ""), False


def identify(request: Request) -> Actor:
    """The caller of this request; an unknown or expired token is nobody."""
    actor, stale = _look_up(request)
    if stale is not None:
        _touch(stale)
    return actor


async def meet(request: Request) -> None:
    """`identify` from the event loop, kept on the request's state: what must be waited for is asked in a worker thread.

    A passer-by of a known county needs no asking, and where no server is waited for, neither does anybody (core.web.quick).
    """
    passes_by = not _token(request)[0] and known_tenant(request) is not None
    actor, stale = _look_up(request) if passes_by or settings.is_alone else await run_sync(_look_up, request)
    request.state.actor = actor
    if stale is not None:
        await run_sync(_touch, stale)


def _look_up(request: Request) -> tuple[Actor, int | None]:
    """The caller, and the session to be touched if it was not seen for a while."""
    tenant = tenant_of(request)
    token, is_bearer = _token(request)
    if not token:
        return Actor(tenant_id=tenant), None
    with db.asking() as connection:
        return _actor_of_token(connection, token, tenant, is_bearer=is_bearer)


def _touch(sign_in_id: int) -> None:
    """A busy database must not keep anybody from reading: the next request tries again."""
    try:
        db.run_write(lambda s: s.exec(update(SignIn).where(col(SignIn.id) == sign_in_id).values(seen_at=clock.now())), tries=1)
    except DBAPIError as error:
        if not db.is_transient(error):
            raise


def _actor_of_token(connection: Connection, token: str, tenant: int, *, is_bearer: bool) -> tuple[Actor, int | None]:
    """Whom a token names, and the session to be touched if it was not seen for a while."""
    now, hashed = clock.now(), hash_token(token)
    row = connection.execute(_WHO, {"hash": hashed}).first()
    if row is None:
        return (_device(connection, hashed, tenant) if is_bearer else Actor(tenant_id=tenant)), None
    gone = row.revoked_at is not None or row.expires_at <= now or row.tenant_id != tenant or row.is_bearer != is_bearer
    if gone or row.disabled_at is not None:
        return Actor(tenant_id=tenant), None
    grants = grants_of(connection, row.user_id, tenant) if row.user_id else frozenset()
    is_staff = any(role in STAFF for role, _, _ in grants)
    idle, most = (DEMO_IDLE, timedelta(days=MEMBER_DAYS)) if settings.is_demo else (STAFF_IDLE, timedelta(hours=STAFF_HOURS))
    if is_staff and (row.seen_at + idle < now or row.started_at + most < now):
        return Actor(tenant_id=tenant), None
    actor = Actor(
        tenant_id=tenant,
        user_id=row.user_id,
        user_code=row.user_code or "",
        name=row.name or "",
        grants=grants,
        sign_in_id=row.id,
        sign_in_code=row.code,
        has_second_factor=settings.is_demo or row.second_factor_at is not None,
    )
    return actor, (row.id if row.seen_at + TOUCH < now else None)


def grants_of(connection: Connection, user_id: int, tenant: int) -> frozenset[tuple[str, str, str]]:
    """(role, scope kind, scope code) of everything a user holds in this tenant."""
    return frozenset((role, kind, code) for role, kind, code in connection.execute(_GRANTS, {"user": user_id, "tenant": tenant}))


def _device(connection: Connection, hashed: str, tenant: int) -> Actor:
    """A scanner speaks for the user who registered it, and may only upload scans (core.permissions.Scanner)."""
    row = connection.execute(_SCANNER, {"hash": hashed}).first()
    if row is None:
        return Actor(tenant_id=tenant)
    gone = row.tenant_id != tenant or row.revoked_at is not None or row.expires_at <= clock.now()
    if gone or row.disabled_at is not None:
        return Actor(tenant_id=tenant)
    grants = grants_of(connection, row.user_id, tenant)
    return Actor(tenant_id=tenant, user_code=row.user_code, name=row.name, device=row.code, grants=grants)


def ensure_session(session: Session, request: Request) -> Actor:
    """The caller with a session: a guest without one gets it now (the middleware sets the cookie), unless this is rolled back."""
    actor: Actor = getattr(request.state, "actor", None) or identify(request)
    request.state.actor = actor
    if actor.sign_in_id is not None or actor.device is not None:
        return actor

    def forget(_: Session, ended: SessionTransaction) -> None:
        if ended.parent is None:
            request.state.actor, request.state.session_token = actor, None

    row, token = start_session(session, tenant_id=actor.tenant_id, agent=request.headers.get("user-agent", ""))
    event.listen(session, "after_soft_rollback", forget)
    request.state.session_token = token
    request.state.actor = guest = Actor(tenant_id=actor.tenant_id, sign_in_id=row.id, sign_in_code=row.code)
    return guest
