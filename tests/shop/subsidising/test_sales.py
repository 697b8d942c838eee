"""What was sold online is subsidised once nobody may claim any more, by what the buyer kept; an order given back takes its subsidy along."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select, update

from core import clock, db, tasks
from core.settings import settings
from fulfillment.consignments.models import Consignment, Parcel
from fulfillment.consignments.service import pack
from fulfillment.income.models import IncomeEntry
from fulfillment.income.service import mature
from fulfillment.subsidies.awarding import award_month
from fulfillment.subsidies.loading import adopt
from fulfillment.subsidies.models import SubsidyAward
from shop.orders.models import Order
from tests.county import SmallCounty
from tests.fulfillment.shipping import bus, event, scan
from tests.fulfillment.subsidies.programmes import RULE
from tests.shop.buying import buy, pay


@pytest.fixture(autouse=True)
def cashier(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "demo", True)


def bought(county: SmallCounty, *wanted: tuple[str, int]) -> str:
    """Paid, sent and delivered."""
    with db.writing() as session:
        number = buy(session, county, *wanted).number
    with db.writing() as session:
        pay(session, number)
    tasks.drain()
    with db.writing() as session:
        for consignment in session.exec(select(Consignment).where(Consignment.source_code == number)).all():
            pack(session, consignment, by="U1")
        parcels = session.exec(select(Parcel).join(Consignment).where(Consignment.source_code == number)).all()
        roads = (("load", bus(session, county).code), ("receive", county.hub.code), ("dispatch", county.trunks[0].code))
        for action, place in (*roads, ("deliver", county.trunks[0].code)):
            scan(session, county, *(event(action, parcel, place) for parcel in parcels))
    return number


def awarded(fund: int) -> list[tuple[str, str, int]]:
    month = clock.today().replace(day=1)
    db.run_write(lambda session: award_month(session, fund, month))
    with db.reading() as session:
        rows = session.exec(select(SubsidyAward).where(SubsidyAward.fund_id == fund).order_by(col(SubsidyAward.id)))
        return [(row.party_code, row.state, row.amount_fen) for row in rows]


def test_a_sale_is_subsidised_after_its_claim_window_by_share_and_by_order(county_rows: SmallCounty) -> None:
    county, start = county_rows, clock.today() - timedelta(days=40)
    rule = RULE._replace(basis="sale", beneficiary="grower", starts=start, ends=start + timedelta(days=400), share_bp=500)
    with db.writing() as session:
        share = adopt(session, rule, county.id).id or 0
        pieces = adopt(
            session, rule._replace(code="sm-p", basis="piece", beneficiary="station", share_bp=None, fen_by_year=(30,)), county.id
        )
        by_piece = pieces.id or 0
    bought(county, ("tomato", 1), ("clam", 1))
    assert awarded(share) == awarded(by_piece) == [], "buyers may still claim"
    with clock.at(clock.now() + timedelta(days=9)), db.writing() as session:
        mature(session, tenant_id=county.id)
    growers, stations = [g.code for g in county.growers[1:3]], [s.code for s in county.stations[:2]]
    assert sorted(awarded(share)) == [(growers[0], "awarded", 180), (growers[1], "awarded", 345)]
    assert sorted(awarded(by_piece)) == [(code, "awarded", 30) for code in sorted(stations)]
    assert len(awarded(share)) == 2, "once"


def test_an_order_given_back_takes_its_pieces_subsidy_along(county_rows: SmallCounty) -> None:
    county, start = county_rows, clock.today() - timedelta(days=40)
    rule = RULE._replace(starts=start, ends=start + timedelta(days=400), fen_by_year=(30,))
    with db.writing() as session:
        fund = adopt(session, rule, county.id).id or 0
    number = bought(county, ("tomato", 1))
    with clock.at(clock.now() + timedelta(days=9)), db.writing() as session:
        mature(session, tenant_id=county.id)
    assert [state for _, state, _ in awarded(fund)] == ["awarded"]
    with db.new_session(writes=True) as session:
        _refunded(session, number)
        month = clock.today().replace(day=1)
        assert award_month(session, fund, month) == 1
        assert session.exec(select(SubsidyAward.state)).all() == ["reversed"]
        assert session.exec(select(IncomeEntry.state).where(IncomeEntry.source == "subsidy")).all() == ["reversed"]
        session.rollback()


def _refunded(session: Session, number: str) -> None:
    """As if the whole of it had been given back."""
    session.execute(update(Order).where(col(Order.number) == number).values(payment_status="refunded"))
