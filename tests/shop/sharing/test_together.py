"""Two runs of one payment, two people at once, an export beside a sharing: nobody is given a fen twice, no payment gives too much."""

from sqlmodel import col, select

from core import db
from core.ledger.models import Journal
from fulfillment.income.models import IncomeEntry
from fulfillment.settlement import disputing
from fulfillment.settlement import service as settlement
from shop.sharing import service
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.payments.gateways import worked

from .sharing import (
    ONE,
    approved,
    later,
    paid_by_alipay,
    parts,
    ready,
    requests,
    run_named,
    share,
    share_in,
    shares_out,
    sold,
    statement_of,
    unbroken,
)


def two_runs(county: SmallCounty, alipay: FakeAlipay) -> tuple[str, str, str, int]:
    """The station's run and the grower's, both earned by one payment; that payment and its total."""
    shares_out(county)
    _number, payment, total = sold(county, alipay)
    paid_by_alipay(county, kind="station", code=county.stations[0].code, account="master@example.cn", holder="应站长")
    paid_by_alipay(county)
    with db.writing() as session:  # the grower's row is disputed while the first run is frozen
        row = session.exec(select(IncomeEntry).where(IncomeEntry.party_kind == "grower").order_by(col(IncomeEntry.id))).first()
        assert row is not None
        asked = disputing.dispute(session, row, by="U1", reason="少算").code
    first = approved(county)
    with db.writing() as session:
        disputing.answer(session, disputing.dispute_named(session, asked, tenant_id=county.id), by=ONE, words="没错", granted_fen=0)
    return first, approved(county), payment, total


def test_parties_of_two_runs_earned_by_one_payment_share_its_limit(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    first, second, payment, total = two_runs(county_rows, alipay)
    share(county_rows, first)
    worked()
    share(county_rows, second)
    worked()
    station, grower = statement_of(county_rows, first, "station"), statement_of(county_rows, second, "grower")
    assert station.shared_fen > 0
    given = sum(sum(each.values()) for each in alipay.trades[payment].shared.values())
    assert station.shared_fen + grower.shared_fen == total * 3 // 10 == given
    unbroken()


def test_two_runs_settled_at_the_same_moment_share_it_too(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    first, second, payment, total = two_runs(county_rows, alipay)
    settle = [lambda run=run: db.run_write(lambda session: share_in(session, county_rows, run)) for run in (first, second)]
    left = at_once(settle, threads=2)
    assert left in ([1, 1], [0, 1], [1, 0]), "who comes second may find nothing left"
    worked()
    assert {status for status, _fen in requests()} == {"shared"}, "neither was settled beyond what the payment gives"
    assert sum(sum(each.values()) for each in alipay.trades[payment].shared.values()) == total * 3 // 10
    unbroken()


def test_two_people_who_press_at_once_settle_it_once(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, payment, total = ready(county_rows, alipay)
    outcomes = at_once([lambda: db.run_write(lambda session: share_in(session, county_rows, run))] * 8, threads=8)
    assert outcomes == [1] * 8
    at_once([worked] * 4, threads=4)
    later()
    assert requests() == [("shared", total * 3 // 10)]
    assert len(alipay.trades[payment].shared) == 1
    with db.reading() as session:
        assert len(session.exec(select(Journal.key).where(Journal.kind == "royalty")).all()) == len(parts()) == 1
    unbroken()


def test_an_export_and_a_sharing_at_once_leave_one_of_both(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, _payment, _total = ready(county_rows, alipay)

    def export() -> str:
        db.run_write(lambda session: settlement.give_to_bank(session, run_named(session, county_rows, run), by=ONE))
        return "exported"

    outcomes = at_once([lambda: db.run_write(lambda session: share_in(session, county_rows, run)), export], threads=2)
    later()
    if outcomes[1] == "exported" and isinstance(outcomes[0], service.CannotShare):
        assert requests() == []
    else:
        assert (outcomes[0], type(outcomes[1])) == (1, settlement.SharesOpen)
        assert [status for status, _fen in requests()] == ["shared"]
    unbroken()
