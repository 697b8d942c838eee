"""Calls at request stops follow their runs and stops."""

from sqlmodel import col, select

from core import db
from core.tasks import every
from core.tenant import Tenant

from .following import MOST, follow_calls


@every(60, "hailing.follow")
def follow() -> None:
    """Every county in its own transactions, a batch at a time."""
    with db.reading() as session:
        tenants = session.exec(select(Tenant.id).order_by(col(Tenant.id))).all()
    for tenant in tenants:
        while db.run_write(lambda session, tenant=tenant: follow_calls(session, tenant or 0)) >= MOST:  # type: ignore[misc]
            pass
