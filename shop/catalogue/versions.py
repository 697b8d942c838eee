"""When public pages changed: the county's catalogue version, raised in every transaction that changes what they show."""

from sqlalchemy.exc import DBAPIError
from sqlmodel import col, select

from core import db
from core.tenant import TenantUnknown, resolve
from core.web.cache import version_from
from supply.counties.models import County


@version_from
def catalogue_version(host: str) -> int:
    """The version of the county this host speaks for; −1 where that cannot be told, so that the page itself says why."""
    try:
        with db.reading() as session:
            county_id = resolve(session, host).id
            return session.exec(select(County.catalogue_version).where(col(County.id) == county_id)).first() or 0
    except (TenantUnknown, DBAPIError):
        return -1
