"""The county a request speaks to, for handlers: `county: CurrentCounty`."""

from functools import partial
from typing import Annotated, cast

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from sqlalchemy import bindparam
from sqlmodel import select

from core import db
from core.copies import Copies
from core.settings import settings
from core.tenant import TenantUnknown, known_tenant, tenant_of

from .catalogue import CHANGED
from .models import County

_VERSION = select(County.catalogue_version).where(County.id == bindparam("county"))
_counties: Copies[tuple[str, int], County] = Copies(CHANGED)


def current_county(request: Request) -> County:
    """The request's county, to be read only; kept on the request's state. Raises TenantUnknown.

    The row is large (its policy is the whole county.toml), so this process keeps a copy and asks only for its version.
    """
    if (known := getattr(request.state, "county", None)) is None:
        tenant = tenant_of(request)
        known = request.state.county = _counties.read((settings.url, tenant), partial(_read, tenant))
    return cast(County, known)


def _read(tenant: int, last: County | None) -> County:
    with db.reading() as session:
        version = session.connection().execute(_VERSION, {"county": tenant}).scalar()
        county = last if last is not None and last.catalogue_version == version else session.get(County, tenant)
    if county is None:
        raise TenantUnknown("没有找到这个县的集市")
    return county


async def _current(request: Request) -> County:
    tenant = known_tenant(request)
    if tenant is not None and _counties.fresh((settings.url, tenant)) is not None:
        return current_county(request)
    return await run_sync(current_county, request)


CurrentCounty = Annotated[County, Depends(_current)]
