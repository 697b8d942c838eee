"""The county a request speaks to, for handlers: `county: CurrentCounty`."""

import time
from typing import Annotated, NamedTuple, cast

from anyio.to_thread import run_sync
from fastapi import Depends, Request
from sqlalchemy import bindparam
from sqlmodel import select

from core import db
from core.settings import settings
from core.tenant import TenantUnknown, known_tenant, tenant_of

from .catalogue import CHANGED
from .models import County

RECHECK_S = 0.25
_VERSION = select(County.catalogue_version).where(County.id == bindparam("county"))


class Kept(NamedTuple):
    """A county as this process last read it."""

    county: County
    changes: int
    until: float

    @property
    def is_fresh(self) -> bool:
        return self.changes == db.changes(CHANGED) and time.monotonic() < self.until


_kept: dict[tuple[str, int], Kept] = {}


def current_county(request: Request) -> County:
    """The request's county, to be read only; kept on the request's state. Raises TenantUnknown.

    The row is large (its policy is the whole county.toml), so this process keeps it. What the process itself changes is seen
    at once, what another changes within RECHECK_S; to look again is to ask for the row's version.
    """
    if (known := getattr(request.state, "county", None)) is None:
        known = request.state.county = _fresh(known_tenant(request)) or _read(tenant_of(request))
    return cast(County, known)


def _fresh(tenant: int | None) -> County | None:
    kept = _kept.get((settings.url, tenant or 0))
    return kept.county if kept is not None and kept.is_fresh else None


def _read(tenant: int) -> County:
    place, changes = (settings.url, tenant), db.changes(CHANGED)  # before reading: a commit meanwhile makes the row old at once
    kept = _kept.get(place)
    county = kept.county if kept else None
    with db.reading() as session:
        version = session.connection().execute(_VERSION, {"county": tenant}).scalar()
        if county is None or county.catalogue_version != version:
            county = session.get(County, tenant)
    if county is None:
        raise TenantUnknown("没有找到这个县的集市")
    _kept[place] = Kept(county, changes, time.monotonic() + RECHECK_S)
    return county


async def _current(request: Request) -> County:
    if _fresh(known_tenant(request)) is not None:
        return current_county(request)
    return await run_sync(current_county, request)


CurrentCounty = Annotated[County, Depends(_current)]
