"""Subsidies are awarded by themselves: this month as it goes, and the months before, whose last claims have ended by now."""

from datetime import date
from functools import partial

from sqlmodel import col, select

from core import clock, db
from core.tasks import every
from core.tenant import Tenant

from .awarding import award_part, funds_of, look
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
    return sum(_award_fund(fund, month) for fund in funds)


def _award_fund(fund_id: int, month: date) -> int:
    """Look, award part by part, and look again until a look finds nothing to do."""
    done = 0
    while True:
        with db.reading() as session:
            seen = look(session, fund_id, month)
        changed, mark, is_old = 0, seen.mark, False
        for part in seen.parts():
            outcome = db.run_write(partial(award_part, fund_id=fund_id, month=month, part=part, mark=mark))
            if is_old := outcome is None:
                break
            changed, mark = changed + outcome.changed, outcome.mark
        done += changed
        if not changed and not is_old:
            return done
