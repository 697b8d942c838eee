"""Income that is due becomes payable."""

from sqlmodel import col, select

from core import db
from core.tasks import every
from core.tenant import Tenant

from .service import mature


@every(60, "income.mature")
def mature_due() -> None:
    """Every county in its own transactions, a thousand rows at a time."""
    with db.reading() as session:
        tenants = list(session.exec(select(Tenant.id).order_by(col(Tenant.id))))
    for tenant in tenants:
        while db.run_write(lambda session, tenant=tenant: mature(session, tenant_id=tenant or 0)):  # type: ignore[misc]
            pass
