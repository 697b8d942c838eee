"""However many award at once, no budget and no cap is passed and nothing is awarded twice."""

import pytest
from sqlmodel import Session, select

from core import clock, db
from fulfillment.subsidies import awarding
from fulfillment.subsidies.awarding import Seen, award_month, award_part, look
from fulfillment.subsidies.due import Asked, known_causes
from fulfillment.subsidies.models import SubsidyAward, SubsidyFund
from fulfillment.subsidies.tasks import award_all
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.fulfillment.conftest import NINE, county_of_days
from tests.fulfillment.subsidies.programmes import MAY, RULE, delivered, programme


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


@pytest.fixture
def fund(database: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """A programme with five pieces to pay for, two in one transaction."""
    monkeypatch.setattr(awarding, "AT_ONCE", 2)
    with clock.at(NINE), db.writing() as session:
        county = county_of_days(session)
        found = programme(session, county).id or 0
        for _ in range(5):
            delivered(session, county)
    return found


def test_a_month_is_looked_through_once_and_awarded_in_parts(fund: int) -> None:
    assert [len(part.fresh) for part in _seen(fund).parts()] == [2, 2, 1]
    with clock.at(NINE):
        assert award_all(_tenant(fund), MAY) == 5
        assert award_all(_tenant(fund), MAY) == 0


def test_whole_months_at_once_award_each_cause_once(fund: int) -> None:
    with clock.at(NINE):
        tenant = _tenant(fund)
    outcomes = at_once([lambda: _all(tenant)] * 6, threads=6)
    assert [each for each in outcomes if isinstance(each, Exception)] == []
    assert sum(each for each in outcomes if isinstance(each, int)) == 5
    with db.reading() as session:
        assert _taken(session, fund) == 5 * 30


def test_a_part_is_left_where_another_run_was_here_since_the_look(fund: int) -> None:
    seen = _seen(fund)
    first, *_rest = seen.parts()
    _award(fund)
    assert _part(fund, first, seen.mark) is None
    with db.reading() as session:
        assert _taken(session, fund) == 4 * 30, "the other's, and nothing twice"


def test_a_part_is_left_where_the_rule_is_another_since_the_look(fund: int) -> None:
    seen = _seen(fund)
    first, *_rest = seen.parts()
    assert _part(fund, first._replace(version_id=seen.version_id + 1), seen.mark) is None
    with db.reading() as session:
        assert _taken(session, fund) == 0


def test_a_month_of_seventy_thousand_pieces_is_asked_for_in_parts(fund: int) -> None:
    """A statement takes 65,535 parameters on PostgreSQL."""
    with db.reading() as session:
        asked = Asked(_tenant(fund), fund, RULE, MAY)
        assert known_causes(session, asked, (f"JP{n}" for n in range(70_000))) == set()


def _seen(fund: int) -> Seen:
    with clock.at(NINE), db.reading() as session:
        return look(session, fund, MAY)


def _part(fund: int, part: Seen, mark: int) -> object:
    with clock.at(NINE):
        return db.run_write(lambda session: award_part(session, fund, MAY, part, mark))


def _all(tenant: int) -> int:
    with clock.at(NINE):
        return award_all(tenant, MAY)


def _tenant(fund: int) -> int:
    with db.reading() as session:
        return session.get_one(SubsidyFund, fund).tenant_id
