"""The number of a county's catalogue, raised in the transaction of whatever changes what public pages show.

What was kept under an older number is not shown again.
"""

from sqlalchemy import Table, bindparam, event, update
from sqlalchemy.orm import object_session
from sqlmodel import Session

from core import db

from .models import County

CHANGED = "county"  # as core.db.touched knows it
_county: Table = County.__table__  # type: ignore[attr-defined]
_RAISE = update(_county).where(_county.c.id == bindparam("of")).values(catalogue_version=_county.c.catalogue_version + 1)


def raise_catalogue(session: Session, tenant_id: int) -> None:
    """Public pages changed. The county's row is locked last (supply.stock)."""
    session.connection().execute(_RAISE, {"of": tenant_id})
    db.touched(session, CHANGED)


@event.listens_for(County, "after_insert")
@event.listens_for(County, "after_update")
def _written(_mapper: object, _connection: object, county: County) -> None:
    if (session := object_session(county)) is not None:
        db.touched(session, CHANGED)
