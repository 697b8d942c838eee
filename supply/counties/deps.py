"""The county a request speaks to, for handlers: `county: CurrentCounty`."""

from typing import Annotated, cast

from fastapi import Depends, Request

from core import db
from core.tenant import TenantUnknown, tenant_of

from .models import County


def current_county(request: Request) -> County:
    """The request's county, read once and kept on the request's state. Raises TenantUnknown."""
    if (known := getattr(request.state, "county", None)) is None:
        with db.reading() as session:
            known = session.get(County, tenant_of(request))
        if known is None:
            raise TenantUnknown("没有找到这个县的集市")
        request.state.county = known
    return cast(County, known)


CurrentCounty = Annotated[County, Depends(current_county)]
