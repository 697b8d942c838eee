"""Subsidies of the demonstration: what the history earned is awarded, a premium is proved by two people, and a funder pays some of it."""

from datetime import date

from sqlmodel import Session, col, select

from core import clock, db
from core.auth.models import User
from core.auth.service import find_user
from fulfillment.subsidies import service
from fulfillment.subsidies.models import SubsidyFund
from fulfillment.subsidies.rules import rule_of, turned, version_for
from fulfillment.subsidies.tasks import award_all
from supply.counties.profile_subsidies import SubsidyRule
from supply.stations.models import Station

FIRST, SECOND = "13800000004", "13800000000"  # the two of finance


def award_subsidies(tenant_id: int, first: date, last: date) -> None:
    """Of the months from `first` to `last`; the clock stands at the end of history."""
    with db.writing() as session:
        _prove(session, tenant_id, last)
    month = first.replace(day=1)
    while month <= last:
        award_all(tenant_id, month)
        month = turned(month, 1)
    with db.writing() as session:
        _pay(session, tenant_id)


def _prove(session: Session, tenant_id: int, day: date) -> None:
    """One document a programme that asks for some, confirmed; and one that waits for its second person."""
    one, two = (_code(find_user(session, phone)) for phone in (FIRST, SECOND))
    stations = session.exec(select(Station.code).where(Station.tenant_id == tenant_id).order_by(col(Station.node_id)).limit(2)).all()
    for fund, rule in _programmes(session, tenant_id, day):
        if rule.basis != "grant":
            continue
        proofs = [
            service.enter_evidence(
                session, fund, party_kind="station", party_code=station, document=f"{clock.today():%Y} 第 {n} 号", what=rule.evidence,
                on_date=day, amount_fen=80_000 * n, grade="", period="", by=one,
            )
            for n, station in enumerate(stations, 1)
        ]  # fmt: skip
        service.confirm_evidence(session, proofs[0], by=two)


def _pay(session: Session, tenant_id: int) -> None:
    """The programme that awarded most was paid half of it."""
    query = select(SubsidyFund).where(SubsidyFund.tenant_id == tenant_id).order_by(col(SubsidyFund.taken_fen).desc(), col(SubsidyFund.id))
    fund = session.exec(query.limit(1)).first()
    if fund is not None and fund.taken_fen >= 2:
        service.receive(session, fund, fund.taken_fen // 2, reference="国库支付回单 1 号", by=_code(find_user(session, FIRST)))


def _programmes(session: Session, tenant_id: int, day: date) -> list[tuple[SubsidyFund, SubsidyRule]]:
    funds = session.exec(select(SubsidyFund).where(SubsidyFund.tenant_id == tenant_id).order_by(col(SubsidyFund.id))).all()
    in_force = [(fund, version_for(session, fund.id or 0, day.replace(day=1))) for fund in funds]
    return [(fund, rule_of(version)) for fund, version in in_force if version is not None]


def _code(user: User | None) -> str:
    return user.code if user else ""
