"""Silence, refusals, limits, days, two runs of one payment, two people at once: nobody is given a fen twice, and everybody is paid."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from core import clock, db
from core.ledger.models import Journal
from fulfillment.income.models import IncomeEntry
from fulfillment.settlement import disputing
from fulfillment.settlement import service as settlement
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back
from shop.payments.models import PaymentAttempt
from shop.sharing import service
from shop.sharing.models import SharePart, ShareRequest
from tests.concurrency.rivals import at_once
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.buying import order_of
from tests.shop.claims.claiming import line_code
from tests.shop.payments.gateways import worked

from .sharing import (
    GROWER,
    ONE,
    approved,
    held,
    paid_by_alipay,
    parts,
    requests,
    run_named,
    share,
    share_in,
    shares_out,
    sold,
    statement_of,
    unbroken,
)

SETTLE, BIND = "alipay.trade.order.settle", "alipay.trade.royalty.relation.bind"


def later(minutes: int = 10) -> None:
    """What is due by then is done."""
    with clock.at(clock.now() + timedelta(minutes=minutes)):
        worked()


def ready(county: SmallCounty, alipay: FakeAlipay, **rules: int) -> tuple[str, str, int]:
    """A county that shares out, one sale, an approved run: the run, the payment, its total."""
    shares_out(county, **rules)
    _number, payment, total = sold(county, alipay)
    paid_by_alipay(county)
    return approved(county), payment, total


@pytest.mark.parametrize("how", ["silent", "down", "unsure", "forged"])
def test_silence_is_asked_again_under_the_same_number_and_gives_once(county_rows: SmallCounty, alipay: FakeAlipay, how: str) -> None:
    run, payment, total = ready(county_rows, alipay)
    share(county_rows, run)
    alipay.fail(SETTLE, how)
    worked()
    assert [status for status, _fen in requests()] == ["asked"]
    unbroken()
    with pytest.raises(settlement.SharesOpen), db.writing() as session:
        settlement.give_to_bank(session, run_named(session, county_rows, run), by=ONE)
    later()
    assert requests() == [("shared", total * 3 // 10)]
    assert [list(each.values()) for each in alipay.trades[payment].shared.values()] == [[total * 3 // 10]]
    assert alipay.calls.count(SETTLE) == 2
    unbroken()


def test_a_payment_given_back_meanwhile_gives_nothing_and_all_is_transferred(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, payment, total = ready(county_rows, alipay)
    share(county_rows, run)
    trade = alipay.trades[payment]
    trade.refunds["at their own desk"], trade.status = total, "TRADE_CLOSED"
    worked()
    assert [status for status, _fen in requests()] == ["refused"]
    statement = statement_of(county_rows, run)
    assert (statement.shared_fen, statement.transfer_fen) == (0, statement.payout_fen)
    assert held("sharing") == {"sharing": 0}
    with db.writing() as session:
        settlement.give_to_bank(session, run_named(session, county_rows, run), by=ONE)
    unbroken()


def test_a_wrong_name_costs_nobody_else_their_share(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows, limit_bp=9_000)
    alipay.limit_bp = 9_000
    sold(county_rows, alipay)
    paid_by_alipay(county_rows, holder="别人")
    paid_by_alipay(county_rows, kind="station", code=county_rows.stations[0].code, account="master@example.cn", holder="应站长")
    run = approved(county_rows)
    share(county_rows, run)
    worked()
    station, grower = statement_of(county_rows, run, "station"), statement_of(county_rows, run, "grower")
    assert (station.shared_fen > 0, grower.shared_fen) == (True, 0)
    assert requests() == [("shared", station.shared_fen)]
    with db.reading() as session:
        left_out = session.exec(select(SharePart.left_out).where(SharePart.left_out != "")).all()
    assert left_out == [service.UNKNOWN_THERE]
    unbroken()


def test_when_alipay_does_not_look_finance_may_have_the_rest_transferred(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, _payment, _total = ready(county_rows, alipay)
    share(county_rows, run)
    alipay.fail(SETTLE, "unread", times=20)
    worked()
    assert [status for status, _fen in requests()] == ["planned"], "Alipay said that it did not look: nothing can have moved"
    with db.writing() as session:
        assert service.end(session, run_named(session, county_rows, run), by=ONE) == 1
    with db.writing() as session:
        assert service.end(session, run_named(session, county_rows, run), by=ONE) == 0
        settlement.give_to_bank(session, run_named(session, county_rows, run), by=ONE)
    alipay.forget_faults()
    later()
    assert [status for status, _fen in requests()] == ["refused"]
    assert statement_of(county_rows, run).shared_fen == 0
    unbroken()


def test_what_may_have_been_done_is_never_ended_and_may_be_asked_anew(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, _payment, total = ready(county_rows, alipay)
    share(county_rows, run)
    alipay.fail(SETTLE, "silent")
    alipay.fail(SETTLE, "unread", times=7)
    for hour in range(9):  # eight tries in all, later and later
        later(60 + 60 * hour)
    assert (alipay.calls.count(SETTLE), requests()[0][0]) == (8, "asked")
    with db.writing() as session:
        assert service.end(session, run_named(session, county_rows, run), by=ONE) == 0
    worked()
    assert alipay.calls.count(SETTLE) == 8, "no worker tries any more"
    assert share(county_rows, run) == 1
    worked()
    assert requests() == [("shared", total * 3 // 10)]
    assert share(county_rows, run) == 0
    unbroken()


def test_a_payment_past_its_days_is_not_shared_when_settled_and_not_when_asked(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, payment, _total = ready(county_rows, alipay, days=31)
    with db.writing() as session:
        attempt = session.exec(select(PaymentAttempt).where(PaymentAttempt.code == payment)).one()
        attempt.captured_at = clock.now() - timedelta(days=31)
        session.add(attempt)
    assert share(county_rows, run) == 1, "on its last day it may"
    with clock.at(clock.now() + timedelta(days=1)):
        worked()
    assert (requests()[0][0], SETTLE in alipay.calls) == ("refused", False)
    with db.writing() as session:
        settlement.void(session, run_named(session, county_rows, run), by=ONE, reason="重来")
    again = approved(county_rows)
    with clock.at(clock.now() + timedelta(days=1)):
        assert share(county_rows, again) == 0
    unbroken()


def test_parties_of_two_runs_earned_by_one_payment_share_its_limit(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    shares_out(county_rows)
    _number, payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows, kind="station", code=county_rows.stations[0].code, account="master@example.cn", holder="应站长")
    paid_by_alipay(county_rows)
    with db.writing() as session:  # the grower's rows are disputed while the first run is frozen
        row = session.exec(select(IncomeEntry).where(IncomeEntry.party_kind == "grower").order_by(col(IncomeEntry.id))).first()
        assert row is not None
        asked = disputing.dispute(session, row, by="U1", reason="少算").code
    first = approved(county_rows)
    share(county_rows, first)
    worked()
    station = statement_of(county_rows, first, "station").shared_fen
    with db.writing() as session:
        disputing.answer(session, disputing.dispute_named(session, asked, tenant_id=county_rows.id), by=ONE, words="没错", granted_fen=0)
    second = approved(county_rows)
    share(county_rows, second)
    worked()
    grower = statement_of(county_rows, second, "grower").shared_fen
    assert station > 0
    assert station + grower == total * 3 // 10 == sum(sum(each.values()) for each in alipay.trades[payment].shared.values())
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


def test_only_what_the_order_earned_less_its_refunds_is_given(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    """What the grower bore of a refund is neither paid nor shared; the payment's limit sinks with what was given back."""
    shares_out(county_rows, limit_bp=10_000)
    alipay.limit_bp = 10_000
    number, payment, total = sold(county_rows, alipay)
    paid_by_alipay(county_rows)
    with db.writing() as session:
        line = session.exec(select(OrderLine).where(OrderLine.code == line_code(session, number))).one()
        give_back(session, order_of(session, number), [Part(line.id or 0, 500, 0)], key="r1", reason="少了", asked_by="U8", bearer="grower")
    worked()
    run = approved(county_rows)
    share(county_rows, run)
    worked()
    statement = statement_of(county_rows, run)
    assert requests() == [("shared", statement.payout_fen)]
    with db.reading() as session:
        assert session.exec(select(ShareRequest.limit_fen)).one() == total - 500
    assert alipay.trades[payment].shared[next(iter(alipay.trades[payment].shared))] == {GROWER[0]: statement.payout_fen}
    unbroken()
