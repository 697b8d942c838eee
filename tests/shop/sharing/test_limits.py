"""Silence, refusals, limits and days: nobody is given a fen twice, and what is not given is transferred."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import clock, db
from fulfillment.settlement import service as settlement
from shop.orders.models import OrderLine
from shop.payments.giving import Part, give_back
from shop.payments.models import PaymentAttempt
from shop.sharing import service
from shop.sharing.models import SharePart, ShareRequest
from tests.county import SmallCounty
from tests.gateways.alipay import FakeAlipay
from tests.shop.buying import order_of
from tests.shop.claims.claiming import line_code
from tests.shop.payments.gateways import worked

from .sharing import (
    GROWER,
    ONE,
    SETTLE,
    approved,
    held,
    later,
    paid_by_alipay,
    ready,
    requests,
    run_named,
    share,
    shares_out,
    sold,
    statement_of,
    unbroken,
)


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


def test_a_refusal_after_silence_is_held_against_what_alipay_did(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    """Given, its answer lost, and the trade given back meanwhile: asked again Alipay refuses, and yet the part has left."""
    run, payment, total = ready(county_rows, alipay)
    share(county_rows, run)
    alipay.fail(SETTLE, "silent")
    worked()
    alipay.trades[payment].status = "TRADE_CLOSED"
    later()
    assert requests() == [("shared", total * 3 // 10)]
    assert statement_of(county_rows, run).shared_fen == total * 3 // 10
    unbroken()


def test_a_refusal_after_hanging_up_is_a_refusal(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, payment, _total = ready(county_rows, alipay)
    share(county_rows, run)
    alipay.fail(SETTLE, "down")
    worked()
    alipay.trades[payment].status = "TRADE_CLOSED"
    alipay.fail("alipay.trade.order.settle.query", "down")
    later()
    assert requests()[0][0] == "asked", "while Alipay does not say, nothing is decided"
    later(30)
    assert requests()[0][0] == "refused"
    unbroken()


def test_a_number_that_alipay_knows_with_other_parts_decides_nothing(county_rows: SmallCounty, alipay: FakeAlipay) -> None:
    run, payment, _total = ready(county_rows, alipay)
    share(county_rows, run)
    with db.reading() as session:
        code = session.exec(select(ShareRequest.code)).one()
    alipay.trades[payment].shared[code] = {GROWER[0]: 1}
    worked()
    assert requests()[0][0] == "asked"


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
