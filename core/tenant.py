"""Tenants: one installation holds many; every row but a user's belongs to one.

A request's tenant is its host's, else the one named by JISHI_COUNTY, else the only one.
"""

from datetime import datetime

from fastapi import Request
from sqlmodel import Field, Session, SQLModel, col, select

from core import db
from core.errors import NotFound
from core.settings import settings


class Tenant(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    host: str | None = Field(default=None, unique=True)
    created_at: datetime


class TenantUnknown(NotFound):
    """No county answers at this host."""

    code = "county_unknown"


class NotOpenYet(TenantUnknown):
    """No county is loaded at all."""

    code, status = "not_open_yet", 503


def resolve(session: Session, host: str) -> Tenant:
    """The tenant a request speaks to. Raises TenantUnknown when it cannot be told, NotOpenYet before there is any."""
    name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host
    if found := session.exec(select(Tenant).where(col(Tenant.host) == name)).first():
        return found
    if settings.county:
        found = session.exec(select(Tenant).where(col(Tenant.code) == settings.county)).first()
    else:
        both = session.exec(select(Tenant).order_by(col(Tenant.id)).limit(2)).all()
        found = both[0] if len(both) == 1 else None
    if found is None and session.exec(select(Tenant.id).limit(1)).first() is None:
        raise NotOpenYet("集市还没有开张，请过些时候再来", retry_after_s=60)
    if found is None:
        raise TenantUnknown("没有找到这个县的集市")
    return found


_known: dict[tuple[str, str | None, str], int] = {}


def known_tenant(request: Request) -> int | None:
    """The id of the request's tenant if this process has met the host: nothing is read."""
    return _known.get((settings.url, settings.county, request.headers.get("host", "")))


def tenant_of(request: Request) -> int:
    """The id of the request's tenant; hosts are remembered per process, tenants never change theirs while it runs."""
    if (known := known_tenant(request)) is not None:
        return known
    host = request.headers.get("host", "")
    with db.reading() as session:
        found = resolve(session, host).id or 0
    if len(_known) > 1000:  # made-up Host headers must not fill the memory
        _known.clear()
    _known[settings.url, settings.county, host] = found
    return found


def forget_tenants() -> None:
    """After loading, renaming or dropping a tenant in this process."""
    _known.clear()
