"""Programmes with what they spent, their awards, documents and payments, a page at a time."""

from collections import defaultdict
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import select as sql_select
from sqlmodel import Session, col, func, select

from core.paging import make_cursor, read_cursor
from supply.counties.profile_subsidies import SubsidyRule

from .models import AwardState, SubsidyAward, SubsidyEvidence, SubsidyFund, SubsidyPayment, SubsidyVersion, VersionState
from .rules import rule_of


class Programme(NamedTuple):
    """`rule` is the version's in force, else the newest one's; `draft` waits for a second person."""

    fund: SubsidyFund
    version: SubsidyVersion
    rule: SubsidyRule
    draft: SubsidyVersion | None
    awards: int
    waiting_fen: int

    @property
    def left_fen(self) -> int:
        return self.fund.budget_fen - self.fund.taken_fen

    @property
    def percent(self) -> int:
        return 100 * self.fund.taken_fen // self.fund.budget_fen if self.fund.budget_fen else 0

    @property
    def owed_fen(self) -> int:
        """What its funder still owes the county; below zero what it paid ahead."""
        return self.fund.taken_fen - self.fund.paid_fen


def programmes(session: Session, tenant_id: int, *, code: str | None = None) -> list[Programme]:
    """Every programme of the county by its code, or one; three queries."""
    query = select(SubsidyFund).where(SubsidyFund.tenant_id == tenant_id)
    if code is not None:
        query = query.where(SubsidyFund.code == code)
    funds = session.exec(query.order_by(col(SubsidyFund.code))).all()
    versions: dict[int, list[SubsidyVersion]] = defaultdict(list)
    ids = [fund.id or 0 for fund in funds]
    newest = col(SubsidyVersion.version).desc()
    for version in session.exec(select(SubsidyVersion).where(col(SubsidyVersion.fund_id).in_(ids)).order_by(newest)):
        versions[version.fund_id].append(version)
    counts: dict[tuple[int, str], tuple[int, int]] = {
        (fund, state): (int(number), int(fen))
        for fund, state, number, fen in session.exec(
            select(
                col(SubsidyAward.fund_id), col(SubsidyAward.state), func.count(col(SubsidyAward.id)), func.sum(col(SubsidyAward.amount_fen))
            )
            .where(col(SubsidyAward.fund_id).in_(ids))
            .group_by(col(SubsidyAward.fund_id), col(SubsidyAward.state))
        )
    }
    found = []
    for fund in funds:
        own = versions[fund.id or 0]
        standing = next((v for v in own if v.state == VersionState.IN_FORCE), own[0])
        draft = next((v for v in own if v.state == VersionState.DRAFT), None)
        awarded, _fen = counts.get((fund.id or 0, AwardState.AWARDED), (0, 0))
        _number, waiting = counts.get((fund.id or 0, AwardState.WAITING), (0, 0))
        found.append(Programme(fund, standing, rule_of(standing), draft, awarded, waiting))
    return found


def versions_of(session: Session, fund: SubsidyFund) -> list[SubsidyVersion]:
    """The newest first."""
    query = select(SubsidyVersion).where(SubsidyVersion.fund_id == fund.id).order_by(col(SubsidyVersion.version).desc())
    return list(session.exec(query))


def awards(
    session: Session, fund: SubsidyFund, *, state: str | None = None, cursor: str | None = None, limit: int = 50
) -> tuple[list[SubsidyAward], str | None]:
    """The last made first. Raises Refused on a cursor that is not ours."""
    query = select(SubsidyAward).where(SubsidyAward.fund_id == fund.id)
    if state:
        query = query.where(SubsidyAward.state == state)
    if before := read_cursor(cursor, int):
        query = query.where(col(SubsidyAward.id) < before[0])
    rows = list(session.exec(query.order_by(col(SubsidyAward.id).desc()).limit(limit + 1)))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def evidence_of(session: Session, fund: SubsidyFund, *, limit: int = 50) -> list[SubsidyEvidence]:
    """The last entered first, those that were withdrawn too."""
    query = select(SubsidyEvidence).where(SubsidyEvidence.fund_id == fund.id)
    return list(session.exec(query.order_by(col(SubsidyEvidence.id).desc()).limit(limit)))


def payments_of(session: Session, fund: SubsidyFund, *, limit: int = 20) -> list[SubsidyPayment]:
    """The last first."""
    query = select(SubsidyPayment).where(SubsidyPayment.fund_id == fund.id)
    return list(session.exec(query.order_by(col(SubsidyPayment.id).desc()).limit(limit)))


def names_of_funds(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Who pays for which programme, by its code, as its last version says; one query."""
    rows = session.execute(
        sql_select(col(SubsidyFund.code), col(SubsidyVersion.rule))
        .join(SubsidyVersion, col(SubsidyVersion.fund_id) == col(SubsidyFund.id))
        .where(col(SubsidyFund.code).in_(codes))
        .order_by(col(SubsidyVersion.version))
    )
    return {code: f"{rule['funder']} · {rule['name']}" for code, rule in rows}
