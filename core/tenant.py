"""Tenants: one installation holds many; every row but a user's belongs to one.

A request's tenant is its host's, else the one named by JISHI_COUNTY, else the only one.
"""

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from core.errors import NotFound
from core.settings import settings


class Tenant(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    code: str = Field(unique=True)
    name: str
    host: str | None = Field(default=None, unique=True)
    created_at: datetime


class TenantUnknown(NotFound):
    code = "county_unknown"


def resolve(session: Session, host: str) -> Tenant:
    """The tenant a request speaks to. Raises TenantUnknown when it cannot be told."""
    name = host.rsplit(":", 1)[0].lower() if not host.startswith("[") else host
    if found := session.exec(select(Tenant).where(col(Tenant.host) == name)).first():
        return found
    if settings.county:
        found = session.exec(select(Tenant).where(col(Tenant.code) == settings.county)).first()
    else:
        both = session.exec(select(Tenant).order_by(col(Tenant.id)).limit(2)).all()
        found = both[0] if len(both) == 1 else None
    if found is None:
        raise TenantUnknown("没有找到这个县的集市")
    return found
