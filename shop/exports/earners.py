"""Who of the county's growers, stations and sellers ever earned something, to choose a statement by."""

from typing import NamedTuple

from sqlmodel import Session, col, select

from fulfillment.income.models import IncomeEntry
from fulfillment.settlement.words import PARTIES, names_of

MOST = 2000  # as many as a list may hold


class Earner(NamedTuple):
    kind: str
    code: str
    name: str


def earners(session: Session, *, tenant_id: int) -> list[Earner]:
    """By kind and name. At most four queries."""
    rows = session.exec(
        select(IncomeEntry.party_kind, IncomeEntry.party_code)
        .where(IncomeEntry.tenant_id == tenant_id, col(IncomeEntry.party_kind).in_(PARTIES))
        .distinct()
        .limit(MOST)
    ).all()
    names = names_of(session, rows)
    found = [Earner(kind, code, names[kind, code]) for kind, code in rows]
    return sorted(found, key=lambda each: (PARTIES.index(each.kind), each.name, each.code))
