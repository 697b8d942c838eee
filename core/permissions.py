"""Who may call what. Every route declares it; a test walks all routes and fails on one that does not.

    Dispatcher = Annotated[Actor, Depends(allow("dispatcher", "admin"))]
    @router.get("/ops") def index(actor: Dispatcher): ...

`Anybody` says on purpose that a route is public, `Nobody` that it does not even ask who calls; `SignedIn` wants any
account; `Visitor` is whoever it is, guests with their session included. Rows that belong to someone are filtered in the
query (`actor.scopes("master")`), so a foreign row answers 404 as if it were not there. A staff role counts only once its
holder has proved the second factor, on every route alike; a scanner's token counts on `Scanner` routes only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, cast

from fastapi import Depends, Request

from core.errors import Forbidden, SignInNeeded

STAFF = {"master", "helper", "dispatcher", "driver", "seller", "sorter", "partner", "finance", "admin", "merchant", "co-op"}


class SecondFactorNeeded(Forbidden):
    """A staff role that counts only once its holder has proved the second factor."""

    code = "second_factor_needed"


@dataclass(frozen=True)
class Actor:
    """Whoever is calling."""

    tenant_id: int
    user_id: int | None = None
    user_code: str = ""
    name: str = ""
    grants: frozenset[tuple[str, str, str]] = field(default_factory=frozenset)  # (role, scope kind, scope code)
    sign_in_id: int | None = None
    sign_in_code: str = ""
    device: str | None = None  # a scanner's public code, when it called with its Bearer token
    has_second_factor: bool = True

    @property
    def roles(self) -> frozenset[str]:
        """The roles that count now."""
        return frozenset(role for role, _, _ in self.grants if self._counts(role))

    @property
    def withheld(self) -> frozenset[str]:
        """Staff roles that wait for the second factor."""
        return frozenset(role for role, _, _ in self.grants if not self._counts(role))

    def _counts(self, role: str) -> bool:
        return self.has_second_factor or role not in STAFF

    @property
    def key(self) -> str:
        """Names the caller in idempotency rows and audit: a user, else a session, else nobody."""
        if self.user_code:
            return f"user:{self.user_code}"
        return f"guest:{self.sign_in_code}" if self.sign_in_code else "guest"

    def has(self, *roles: str) -> bool:
        return any(role in self.roles for role in roles)

    def scopes(self, *roles: str) -> set[str]:
        """The scope codes (stations, lines, partners …) the caller holds these roles for."""
        return {code for role, _, code in self.grants if role in roles and code and self._counts(role)}


@dataclass(frozen=True)
class Permission:
    """A route's declaration, callable as a FastAPI dependency."""

    roles: tuple[str, ...]
    check: Callable[[Request], Actor]
    asks: bool = True  # who the caller is; some routes answer without

    async def __call__(self, request: Request) -> Actor:
        if self.asks and getattr(request.state, "actor", None) is None:
            from core.auth.current import meet

            await meet(request)
        return self.check(request)


def actor_of(request: Request) -> Actor:
    """The caller, resolved once per request from its cookie or Bearer token and kept on the request's state."""
    if (known := getattr(request.state, "actor", None)) is None:
        from core.auth.current import identify  # the people's slice stands on this file

        known = request.state.actor = identify(request)
    return cast(Actor, known)


def allow(*roles: str) -> Permission:
    """Only holders of one of these roles, staff with their second factor."""

    def check(request: Request) -> Actor:
        actor = _signed_in(request)
        if not actor.has(*roles):
            if actor.withheld & set(roles):
                raise SecondFactorNeeded("工作人员要先完成第二步验证")
            raise Forbidden("这个页面不归你的岗位管")
        return actor

    return Permission(roles, check)


def _nobody(_request: Request) -> Actor:
    return Actor(tenant_id=0)


def _visitor(request: Request) -> Actor:
    """Whoever it is; a scanner is nobody where nothing is scanned."""
    actor = actor_of(request)
    return actor if actor.device is None else Actor(tenant_id=actor.tenant_id)


def _signed_in(request: Request) -> Actor:
    actor = _visitor(request)
    if actor.user_id is None:
        raise SignInNeeded("请先登录")
    return actor


def _device(request: Request) -> Actor:
    actor = actor_of(request)
    if actor.device is None and actor.user_id is None:
        raise SignInNeeded("请先登录，或登记这台设备")
    return actor


Anybody = Annotated[Actor, Depends(Permission(("anybody",), _visitor))]
Nobody = Annotated[Actor, Depends(Permission(("anybody",), _nobody, asks=False))]
Visitor = Annotated[Actor, Depends(Permission(("visitor",), _visitor))]
SignedIn = Annotated[Actor, Depends(Permission(("signed_in",), _signed_in))]
Scanner = Annotated[Actor, Depends(Permission(("scanner",), _device))]
