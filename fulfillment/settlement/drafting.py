"""Who would get what of a run: payable rows by party, the station's cash that is netted, and who is left for the next run and why.

A party gets a statement when its rows come to more than nothing and what is paid out is nothing (all netted) or worth a transfer.
Everybody else's rows stay as they are and stand in the next run's statement: a debit is carried until income outweighs it.

Where the county's money is shared out by its payment provider, a payment may be shared for so many days only (Alipay: 180): who is left
for the next run because it is little is paid in this one when the oldest row's days run out before another run is likely.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select
from sqlalchemy import select as sql_select
from sqlmodel import Session, col, select

from core import clock, i18n
from core.ledger.models import Account, Balance
from fulfillment.income.models import IncomeEntry, IncomeState
from supply.counties.models import County
from supply.counties.policy import policy_of
from supply.counties.profile_rules import SettlementRules

from .words import PARTIES

RULES = SettlementRules(min_payout_fen=100)  # where the county states none: a transfer costs somebody's time
SOON = timedelta(days=30)  # before the last day: another run is likely within a month
OWES = i18n.marked("还欠着，下次从收入里扣")
TOO_SMALL = i18n.marked("不到起付金额，并到下次")


class Row(NamedTuple):
    """One payable row of income."""

    id: int
    party_kind: str
    party_code: str
    amount_fen: int
    day: date


class Draft(NamedTuple):
    """What one party would get; `carried` says why it gets nothing this time."""

    kind: str
    code: str
    rows: Sequence[Row]
    netted_fen: int
    carried: str = ""
    pay_by: date | None = None  # the last day on which its oldest row may be shared out; None where the county has no such limit

    @property
    def is_urgent(self) -> bool:
        return self.pay_by is not None and self.pay_by - SOON <= clock.today()

    @property
    def amount_fen(self) -> int:
        return sum(row.amount_fen for row in self.rows)

    @property
    def payout_fen(self) -> int:
        return self.amount_fen - self.netted_fen


def rules_of(county: County) -> SettlementRules:
    return policy_of(county).settlement or RULES


def payable(tenant_id: int, until: date) -> Select[*tuple[Any, ...]]:
    """Rows that nobody may claim against any more, of business days up to `until`, in no statement and not disputed."""
    entry = IncomeEntry
    return (
        sql_select(col(entry.id), col(entry.party_kind), col(entry.party_code), col(entry.amount_fen), col(entry.business_date))
        .where(
            col(entry.tenant_id) == tenant_id, col(entry.state) == IncomeState.PAYABLE, col(entry.party_kind).in_(PARTIES),
            col(entry.business_date) <= until, col(entry.statement_id).is_(None), col(entry.disputed_at).is_(None),
        )
        .order_by(col(entry.id))
    )  # fmt: skip


def draft(rows: Iterable[Row], cash: Mapping[str, int], rules: SettlementRules) -> list[Draft]:
    """One draft a party, stations first. `cash`: fen that a station's master holds of the county's, by station code."""
    by_party: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        by_party[row.party_kind, row.party_code].append(row)
    drafts = []
    for (kind, code), own in sorted(by_party.items(), key=lambda pair: (PARTIES.index(pair[0][0]), pair[0][1])):
        amount = sum(row.amount_fen for row in own)
        netted = min(max(amount, 0), cash.get(code, 0)) if kind == "station" else 0
        days = rules.share_days
        whole = Draft(kind, code, own, netted, pay_by=min(row.day for row in own) + timedelta(days=days) if days else None)
        if amount <= 0:
            drafts.append(whole._replace(netted_fen=0, carried=OWES))
        elif 0 < amount - netted < rules.min_payout_fen and not whole.is_urgent:
            drafts.append(whole._replace(netted_fen=0, carried=TOO_SMALL))
        else:
            drafts.append(whole)
    return drafts


def cash_held(session: Session, tenant_id: int) -> dict[str, int]:
    """Cash by station code, as the ledger says; one query."""
    rows = session.exec(
        select(Account.code, Balance.amount_fen)
        .join(Balance, col(Balance.account_id) == col(Account.id))
        .where(Account.tenant_id == tenant_id, col(Account.code).startswith("cash:"), Balance.amount_fen > 0)
    )
    return {code.partition(":")[2]: int(fen) for code, fen in rows}


def preview(session: Session, county: County, until: date) -> list[Draft]:
    """What a run up to `until` would freeze now; two queries."""
    rows = [Row(*found) for found in session.execute(payable(county.id, until))]
    return draft(rows, cash_held(session, county.id), rules_of(county))
