"""The county a request speaks to, for handlers: `county: CurrentCounty`."""

from typing import Annotated, cast

from fastapi import Depends, Request
from sqlmodel import select

from core import db
from core.settings import settings
from core.tenant import TenantUnknown, tenant_of

from .models import County

_kept: dict[tuple[str, int], County] = {}


def current_county(request: Request) -> County:
    """The request's county, to be read only; kept on the request's state. Raises TenantUnknown.

    The row is large (its policy is the whole county.toml), so this process keeps it and asks only for its version.
    """
    if (known := getattr(request.state, "county", None)) is None:
        known = request.state.county = _read(tenant_of(request))
    return cast(County, known)


def _read(tenant: int) -> County:
    place = (settings.url, tenant)
    with db.reading() as session:
        version = session.exec(select(County.catalogue_version).where(County.id == tenant)).first()
        kept = _kept.get(place)
        if kept is None or kept.catalogue_version != version:
            kept = session.get(County, tenant)
    if kept is None:
        raise TenantUnknown("没有找到这个县的集市")
    _kept[place] = kept
    return kept


CurrentCounty = Annotated[County, Depends(current_county)]
