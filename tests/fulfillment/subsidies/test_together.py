"""However many award at once, no budget and no cap is passed and nothing is awarded twice."""

from sqlmodel import Session, select

from core import clock, db
from fulfillment.subsidies.awarding import award_month
from fulfillment.subsidies.models import SubsidyAward, SubsidyFund
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE, county_of_days
from tests.fulfillment.subsidies.programmes import MAY, delivered, programme


def test_runs_at_once_award_each_cause_once_and_never_pass_the_budget(database: str) -> None:
    with clock.at(NINE), db.writing() as session:
        county = county_of_days(session)
        funds = [
            programme(session, county, code="sm-short", budget_fen=100).id or 0,
            programme(session, county, code="sm-capped", cap_fen=70, cap_every="year").id or 0,
        ]
        for _ in range(6):
            delivered(session, county)
    outcomes = at_once([lambda fund=fund: _award(fund) for fund in funds * 4], threads=8)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    with db.reading() as session:
        assert (_taken(session, funds[0]), _taken(session, funds[1])) == (90, 60)
        rows = session.exec(select(SubsidyAward.fund_id, SubsidyAward.cause_code)).all()
        assert len(rows) == len(set(rows)) == 12, "what has no room waits, and is not lost"
    assert isinstance(county, SmallCounty)


def _award(fund: int) -> int:
    with clock.at(NINE):
        return db.run_write(lambda session: award_month(session, fund, MAY), tries=20)


def _taken(session: Session, fund: int) -> int:
    return session.get_one(SubsidyFund, fund).taken_fen
