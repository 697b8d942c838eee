"""Customised trips follow the clock and their departures."""

from sqlmodel import Session, col, select

from core import db
from core.tasks import every
from core.tenant import Tenant

from .following import MOST, follow_runs, forget_old, lapse_due


@every(60, "customised.follow")
def follow() -> None:
    """Every county in its own transactions, a batch at a time."""
    for tenant in _tenants():
        for look in (follow_runs, lapse_due):
            while db.run_write(lambda session, look=look, tenant=tenant: look(session, tenant)) >= MOST:  # type: ignore[misc]
                pass


@every(3600, "customised.forget")
def forget() -> None:
    for tenant in _tenants():

        def drop(session: Session, tenant: int = tenant) -> None:
            forget_old(session, tenant)

        db.run_write(drop)


def _tenants() -> list[int]:
    with db.reading() as session:
        return [tenant or 0 for tenant in session.exec(select(Tenant.id).order_by(col(Tenant.id)))]
