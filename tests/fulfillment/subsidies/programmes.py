"""Programmes of the small county, parcels that were delivered, and awards as a test reads them."""

from datetime import date, timedelta
from typing import Any

from sqlmodel import Session, select

from core import clock
from core.ledger.models import Account, Balance
from fulfillment.consignments.models import Parcel
from fulfillment.consignments.service import pack
from fulfillment.subsidies.awarding import award_month
from fulfillment.subsidies.loading import adopt
from fulfillment.subsidies.models import SubsidyAward, SubsidyFund
from supply.counties.profile_subsidies import SubsidyRule
from tests.county import SmallCounty
from tests.fulfillment.conftest import DAY
from tests.fulfillment.shipping import TO, bus, event, packed, scan, ship, sold

MAY = date(2026, 5, 1)
JUNE = date(2026, 6, 1)
RULE = SubsidyRule(
    code="sm-out", name="进村出村补贴", funder="县交通局", basis="piece", beneficiary="station", starts=date(2026, 1, 1), ends=date(2028, 12, 31),
    budget_fen=100_000, evidence="扫码记录",
)  # fmt: skip


def programme(session: Session, county: SmallCounty, **terms: Any) -> SubsidyFund:
    """In force as the county's file would have it; by the piece, 0.30 yuan, unless told otherwise."""
    told = terms if {"fen_by_year", "share_bp", "steps", "grades"} & terms.keys() else {"fen_by_year": (30,), **terms}
    return adopt(session, RULE._replace(**told), county.id)


def delivered(session: Session, county: SmallCounty, name: str = "tomato", *, days_before: int = 0) -> Parcel:
    """A parcel that went from its village by bus over the hub to its buyer."""
    with clock.at(clock.now() - timedelta(days=days_before)):
        parcel = packed(session, county, name)
        roads = (("load", bus(session, county).code), ("receive", county.hub.code), ("dispatch", county.trunks[0].code))
        for action, place in (*roads, ("deliver", county.trunks[0].code)):
            scan(session, county, event(action, parcel, place))
    return parcel


def come_in(session: Session, county: SmallCounty, end: int = 1) -> Parcel:
    """A parcel from 葛家 that was fetched in another village."""
    station = county.stations[end]
    (sent,) = ship(session, county, sold(session, county, "tomato", 1), to=TO._replace(zone="z0", to_node_id=station.node_id))
    parcel = pack(session, sent, by="UMASTER")[0]
    for action, place in (("load", bus(session, county).code), ("unload", station.code), ("deliver", station.code)):
        scan(session, county, event(action, parcel, place))
    return parcel


def award(session: Session, fund: SubsidyFund, month: date = MAY) -> int:
    session.flush()
    return award_month(session, fund.id or 0, month)


def awards(session: Session, fund: SubsidyFund) -> list[SubsidyAward]:
    query = select(SubsidyAward).where(SubsidyAward.fund_id == fund.id).order_by(SubsidyAward.id)
    return list(session.exec(query.execution_options(populate_existing=True)))


def held(session: Session, code: str) -> int:
    return int(session.exec(select(Balance.amount_fen).join(Account).where(Account.code == code)).first() or 0)


__all__ = ["DAY", "JUNE", "MAY", "RULE", "award", "awards", "come_in", "delivered", "held", "programme"]
