"""Subsidies are awarded by themselves: this month as it goes, and the months before, whose last claims have ended by now."""

from datetime import date
from functools import partial

from sqlmodel import col, select

from core import clock, db
from core.tasks import every
from core.tenant import Tenant

from .awarding import award_month, funds_of
from .rules import turned

MONTHS_BACK = 3


@every(21_600, "subsidies.award")
def award_due() -> None:
    this = clock.today().replace(day=1)
    with db.reading() as session:
        tenants = list(session.exec(select(Tenant.id).order_by(col(Tenant.id))))
    for tenant in tenants:
        for back in range(MONTHS_BACK, -1, -1):
            award_all(tenant or 0, turned(this, -back))


def award_all(tenant_id: int, month: date) -> int:
    """Every programme of a county for one month, each in transactions of its own; returns how many rows were changed."""
    with db.reading() as session:
        funds = funds_of(session, tenant_id)
    done = 0
    for fund in funds:
        while changed := db.run_write(partial(award_month, fund_id=fund, month=month)):
            done += changed
    return done
